"""docs/settings.md says what the code says."""

from __future__ import annotations

import dataclasses
import re

from documentation.settings_page import PAGE, TABLES, described, page_with_tables


def test_the_page_has_every_setting_as_it_is() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page_with_tables(text) == text, "run make settings"


def test_every_setting_says_what_it_is_for() -> None:
    for of, _ in TABLES.values():
        assert {field.name for field in dataclasses.fields(of)} == set(described(of))


def test_variables_that_pages_name_are_settings() -> None:
    known = {f"{prefix}{field.name.upper()}" for of, prefix in TABLES.values() for field in dataclasses.fields(of)}
    known |= set(re.findall(r"^\| `(ASSISTANTS_COMPAT_\w+)` \|", PAGE.read_text(encoding="utf-8"), re.M))
    named = {
        (page.name, variable)
        for page in [*PAGE.parent.glob("*.md"), PAGE.parents[1] / "README.md"]
        for variable in re.findall(r"\bASSISTANTS_COMPAT_[A-Z_]*[A-Z]\b(?!_)", page.read_text(encoding="utf-8"))
        if not variable.startswith("ASSISTANTS_COMPAT_TEST_")
    }
    assert {(page, variable) for page, variable in named if variable not in known and variable != "ASSISTANTS_COMPAT_SERVER"} == set()
