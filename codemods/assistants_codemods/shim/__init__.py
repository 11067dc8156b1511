"""The way to the shim: the client comes from assistants_compat, and nothing else changes."""
