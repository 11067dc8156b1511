"""Files that the code interpreter made: whether their bytes are where they should be."""

from __future__ import annotations

from collections.abc import Iterator

from assistants_compat.doctor.facts import Facts
from assistants_compat.doctor.findings import Finding, counted, named, ok


def made(facts: Facts) -> Iterator[Finding]:
    if facts.contents is None or facts.blobs is None:
        return
    copied = [file for file in facts.contents.made if file.is_copied]
    folder, sizes = facts.blobs.folder, facts.blobs.sizes
    if copied and sizes is None:
        yield Finding(
            "problem",
            f"There is no folder {folder} that can be read, and {counted(len(copied), 'file')} should be in it.",
            "Restore it from a backup, or name the folder with ASSISTANTS_COMPAT_FILES; machines that share a store share it too.",
            tuple(file.id for file in copied),
        )
        return
    sizes = sizes or {}
    missing = tuple(file.id for file in copied if file.id not in sizes)
    damaged = tuple(file.id for file in copied if file.id in sizes and sizes[file.id] != file.size)
    for ids, what in ((missing, "missing from"), (damaged, "of another size than they should be in")):
        if ids:
            yield Finding(
                "problem",
                f"{counted(len(ids), 'file')} {what} {folder}: {named(ids)}.",
                "Restore the folder from a backup of its day.",
                ids,
            )
    never = [file for file in facts.contents.made if not file.is_copied]
    if never:
        yield Finding(
            "warning",
            f"{counted(len(never), 'file')} not copied out of a container: {named([f'{file.id} ({file.reason})' for file in never])}.",
            "Asking for a file's content tries again, as long as its container lives: about 20 minutes. After that only a new run makes "
            "it again.",
            tuple(file.id for file in never),
        )
    if not (missing or damaged or never):
        yield ok(f"{counted(len(copied), 'file')}, all there." if copied else "None.")
