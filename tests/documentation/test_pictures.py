"""Pictures show what the commands print now."""

from __future__ import annotations

import re
import sys

import pytest

from documentation.pictures import FOLDER, SHOTS, taken, text_of

pytestmark = [pytest.mark.long, pytest.mark.skipif(sys.platform == "win32", reason="there is no pty")]


@pytest.mark.parametrize("name", sorted(SHOTS))
def test_a_picture_shows_what_its_command_prints(name: str) -> None:
    there, now = text_of((FOLDER / f"{name}.svg").read_text(encoding="utf-8")), text_of(taken(name))
    assert len(there) > 5
    assert there == now, "run make pictures"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.svg")), ids=lambda path: path.name)
def test_a_picture_asks_nothing_of_the_internet(path: object) -> None:
    text = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    addresses = re.findall(r"https?://[^\s\"<>]+", text)
    assert [address for address in addresses if not address.startswith(("http://www.w3.org/", "https://www.textualize.io"))] == []
    assert "@import" not in text


def test_no_picture_is_left_over() -> None:
    made = {path.stem for path in FOLDER.glob("*.svg")}
    assert set(SHOTS) <= made
