"""The pytest plugin, in projects of other people."""
