"""The models that scenarios name, in one place: small, cheap, and without a day of shutdown when this was written (2026-11-20)."""

TEXT = "gpt-5.4-mini"
"""Does not reason unless it is asked to; reads images."""

REASONING = "gpt-5.6-luna"

GONE = "gpt-4-32k"
"""Shut down on 2025-06-06."""
