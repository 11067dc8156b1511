"""Codemods: programs written for the Assistants API move to the shim, or to native Responses code. Nothing is guessed."""
