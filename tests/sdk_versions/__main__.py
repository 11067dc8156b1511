"""Writes the tables of docs/sdk-versions.md anew."""

from sdk_versions.page import PAGE, written

PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
