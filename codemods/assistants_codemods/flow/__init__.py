"""Where values of the Assistants API come from and where they go: names resolved through scopes, calls, attributes and modules."""
