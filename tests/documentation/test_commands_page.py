"""docs/commands.md has what `--help` prints."""

from __future__ import annotations

from documentation.commands_page import PAGE, commands, page


def test_the_page_has_every_command_as_it_is() -> None:
    assert ("serve",) in set(commands())
    assert PAGE.read_text(encoding="utf-8") == page(), "run make settings"
