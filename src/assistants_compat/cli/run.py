"""`assistants-compat run`: a program runs as `python app.py` would run it, and its Assistants requests are answered locally.

It is run by `python app.py`, in this process's place: what the program sees of itself, how it exits and what it prints when it fails
are Python's own doing. `install()` reaches it through a `sitecustomize` on PYTHONPATH, and so it reaches the Pythons that the program
starts itself: worker processes, reloaders, `multiprocessing`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

import assistants_compat
from assistants_compat.settings import PREFIX, Settings

_STARTUP = str(Path(assistants_compat.__file__).parent / "startup")


@click.command("run", context_settings={"allow_interspersed_args": False})
@click.option("--store", metavar="PATH", help="Where assistants, threads and runs live: a file, ':memory:' or an SQLAlchemy URL.")
@click.option("--models", metavar="MODELS", help="Models to use instead: 'recommended' (for all that are gone) or 'old=new,old=new'.")
@click.option("-m", "as_module", is_flag=True, help="PROGRAM is a module's name, as with 'python -m'.")
@click.argument("program")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(store: str | None, models: str | None, as_module: bool, program: str, arguments: tuple[str, ...]) -> None:
    """Run PROGRAM, a Python file, as 'python PROGRAM ARGUMENTS…' would, with its Assistants requests answered locally.

    Everything after PROGRAM is the program's own. The Pythons it starts are answered too.
    """
    if program == "-":
        raise click.UsageError("A program cannot be read from standard input: save it as a file and run that.")
    if not as_module and not os.path.exists(program):
        raise click.UsageError(f"There is no file {program!r}. (A module is run with '-m {program}'.)")
    if sys.flags.ignore_environment or sys.flags.no_site:
        raise click.UsageError("The program is reached through PYTHONPATH: run this without Python's options -E, -I and -S.")
    environ = _environment(store, models)
    try:
        Settings.from_environment(environ)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    flags: list[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # what multiprocessing uses, too
    become([sys.executable, *flags, *(["-m"] if as_module else []), program, *arguments], environ)


def become(argv: list[str], environ: dict[str, str]) -> None:
    """Go on as another program, in this process where the system can do that."""
    if os.name == "nt":  # there, exec would leave the caller's shell before the program ends
        raise SystemExit(subprocess.call(argv, env=environ))
    sys.stdout.flush()
    os.execve(argv[0], argv, environ)


def _environment(store: str | None, models: str | None) -> dict[str, str]:
    path = os.environ.get("PYTHONPATH")
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([_STARTUP, path] if path else [_STARTUP])}
    if store is not None:
        is_path = store != ":memory:" and "://" not in store
        environ[f"{PREFIX}STORE"] = os.path.abspath(store) if is_path else store
    if models is not None:
        environ[f"{PREFIX}MODELS"] = models
    return environ
