"""docs/codemods.md says what the code says."""

from __future__ import annotations

from tests.codemods.page import PAGE, page_with_sections


def test_the_page_has_every_fixer_and_code_as_they_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page_with_sections(text) == text, "run make codemods"
