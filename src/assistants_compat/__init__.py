"""Programs written for OpenAI's Assistants API run again, unchanged, on the Responses API."""
