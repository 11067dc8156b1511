"""Which files are looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .conftest import Command, commit, git, paths
from .engine import PROGRAM


def _put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(PROGRAM)


def _changed(command: Command, *arguments: str) -> set[str]:
    return paths(command("migrate", "--to", "shim", *arguments).stdout.splitlines())


def test_the_folder_one_is_in_is_what_is_looked_at(tree: Path, command: Command) -> None:
    _put(tree, "app.py", "package/bot.py", "notes.txt")
    assert _changed(command) == {"app.py", "package/bot.py"}


@pytest.mark.parametrize("in_git", [True, False])
def test_what_gitignore_names_is_left_out(tree: Path, command: Command, in_git: bool) -> None:
    _put(tree, "app.py", "build/app.py", "package/generated.py", "package/kept.py", "package/deep/generated.py")
    (tree / ".gitignore").write_text("build/\n")
    (tree / "package/.gitignore").write_text("generated.py\n!deep/generated.py\n")
    if in_git:
        git(tree, "init", "-q")
    assert _changed(command) == {"app.py", "package/kept.py", "package/deep/generated.py"}


@pytest.mark.parametrize("in_git", [True, False])
def test_environments_and_caches_are_left_out_even_if_nothing_ignores_them(tree: Path, command: Command, in_git: bool) -> None:
    _put(tree, "app.py", ".venv/lib/x.py", "node_modules/x.py", "lib/site-packages/x.py", "__pycache__/x.py")
    if in_git:
        commit(tree)
    assert _changed(command) == {"app.py"}


def test_an_environment_is_known_by_its_marker_whatever_it_is_called(tree: Path, command: Command) -> None:
    _put(tree, "app.py", "my environment/lib/x.py")
    (tree / "my environment/pyvenv.cfg").write_text("home = /usr/bin\n")
    assert _changed(command) == {"app.py"}


def test_a_file_that_is_named_is_looked_at_even_if_it_is_ignored(tree: Path, command: Command) -> None:
    _put(tree, "app.py", "ignored.py", "script")
    (tree / ".gitignore").write_text("ignored.py\n")
    git(tree, "init", "-q")
    assert _changed(command, "ignored.py", "script") == {"ignored.py", "script"}


def test_a_folder_that_is_named_is_looked_at_even_if_it_is_ignored(tree: Path, command: Command) -> None:
    _put(tree, "app.py", "build/x.py")
    (tree / ".gitignore").write_text("build/\n")
    git(tree, "init", "-q")
    assert _changed(command, "build") == {"build/x.py"}


def test_an_executable_script_is_python_by_its_first_line(tree: Path, command: Command) -> None:
    for name, first in {"tool": "#!/usr/bin/env python3\n", "shell": "#!/bin/sh\n"}.items():
        (tree / name).write_text(first + PROGRAM)
        (tree / name).chmod(0o755)
    assert _changed(command) == {"tool"}


def test_a_file_that_git_knows_and_that_is_gone_is_no_failure(tree: Path, command: Command) -> None:
    _put(tree, "app.py", "gone.py")
    commit(tree)
    (tree / "gone.py").unlink()
    result = command("scan")
    assert "gone.py" not in result.output
    assert "in 1 file" in result.output


def test_submodules_and_repositories_within_are_part_of_the_tree(tree: Path, command: Command) -> None:
    _put(tree, "app.py", "inner/bot.py")
    commit(tree / "inner")
    git(tree, "init", "-q")
    assert _changed(command) == {"app.py", "inner/bot.py"}


def test_a_tree_elsewhere_has_paths_that_begin_at_its_root(tree: Path, command: Command, tmp_path: Path) -> None:
    _put(tmp_path / "elsewhere", "package/app.py")
    assert _changed(command, str(tmp_path / "elsewhere")) == {"package/app.py"}


def test_links_are_not_followed_out_of_the_tree_and_are_reported(tree: Path, command: Command, tmp_path: Path) -> None:
    _put(tree, "app.py")
    _put(tmp_path, "outside/other.py", "outside.py")
    os.symlink(tmp_path / "outside.py", tree / "linked.py")
    os.symlink(tmp_path / "outside", tree / "folder")
    os.symlink(tree / "app.py", tree / "again.py")
    os.symlink(tree, tree / "loop")
    os.symlink("nowhere", tree / "dangling.py")
    result = command("migrate", "--to", "shim", "--write")
    assert (tmp_path / "outside.py").read_text() == PROGRAM
    assert (tmp_path / "outside/other.py").read_text() == PROGRAM
    assert (tree / "again.py").is_symlink()
    assert "linked.py:1: AC005" in result.stderr
    assert "folder:1: AC005" in result.stderr
    assert "dangling.py:1: AC005" in result.stderr
    assert "again.py" not in result.stderr
    assert "wrote app.py" in result.stderr


def test_names_with_spaces_and_bytes_that_are_no_text_are_names(tree: Path, command: Command) -> None:
    _put(tree, "mein bot ü.py")
    odd = os.path.join(os.fsencode(tree), b"bad\xff.py")
    with open(odd, "wb") as file:
        file.write(PROGRAM.encode())
    commit(tree)
    result = command("migrate", "--to", "shim", "--write")
    assert b"assistants_compat" in Path(os.fsdecode(odd)).read_bytes()
    assert "wrote mein bot ü.py" in result.stderr
    assert result.exit_code == 1


def test_files_without_the_words_are_not_decoded(tree: Path, command: Command) -> None:
    (tree / "broken.py").write_bytes(b"# coding: nonsense\n\xff\xfe\0")
    assert command("scan").exit_code == 0


def test_a_path_that_does_not_exist_is_an_error_that_names_it(command: Command) -> None:
    result = command("scan", "nowhere")
    assert result.exit_code == 2
    assert "nowhere" in result.stderr
