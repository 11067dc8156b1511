"""`python -m assistants_compat …` is the `assistants-compat` command."""

from assistants_compat.cli import main

main(prog_name="assistants-compat")
