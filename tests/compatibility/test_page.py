"""docs/compatibility.md says what the table says."""

from __future__ import annotations

import re

import pytest

from compatibility.page import _WRITERS, PAGE, written
from compatibility.table import rows


def test_the_page_is_as_the_table_would_have_it_written() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == written(page), "run `make compatibility`"


@pytest.mark.parametrize("part", _WRITERS)
def test_the_page_has_every_part_that_is_written(part: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.count(f"<!-- written by make compatibility: {part} -->") == 1
    assert page.count("<!-- written by") == page.count("<!-- by hand again -->") == len(_WRITERS)


def test_a_page_that_was_changed_by_hand_in_a_written_part_is_noticed_and_elsewhere_is_not() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert written(page.replace("| `temperature` | exact", "| `temperature` | impossible")) == page
    assert written(page + "\nA note.\n") == page + "\nA note.\n"


def test_every_row_is_on_the_page_in_a_table_whose_lines_have_as_many_cells_as_its_head() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for row in rows():
        assert row.name in page
    for table in re.findall(r"(?:^\|.*\|\n)+", page, re.M):
        assert len({line.count("|") for line in table.splitlines()}) == 1, table
