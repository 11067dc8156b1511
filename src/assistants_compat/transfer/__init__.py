"""Threads and assistants in and out of a store: `importing` what was saved of the original, `exporting` to files that anybody can read."""
