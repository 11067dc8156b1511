"""The registry: all checks, by what they are about, in the order in which they are told."""

from __future__ import annotations

from assistants_compat.doctor.checks import clock, files, installation, models, postgres, references, runs, settings, store, upstream
from assistants_compat.doctor.findings import Check

AREAS: tuple[tuple[str, tuple[Check, ...]], ...] = (
    (
        "Installation",
        (
            Check("python", installation.python),
            Check("sdk", installation.sdk),
            Check("seam", installation.seam),
        ),
    ),
    (
        "Settings",
        (
            Check("setting-names", settings.names),
            Check("setting-values", settings.values),
        ),
    ),
    (
        "Store",
        (
            Check("store", store.reachable),
            Check("schema", store.schema),
            Check("store-soundness", store.sound),
            Check("store-place", store.place),
            Check("store-permissions", store.private),
            Check("database-user", postgres.privileges),
            Check("database-connections", postgres.connections),
            Check("database-words", postgres.words),
            Check("database-password", postgres.password),
        ),
    ),
    (
        "Runs",
        (
            Check("stuck-runs", runs.stuck),
            Check("thread-locks", runs.locks),
        ),
    ),
    (
        "Files that code made",
        (Check("made-files", files.made),),
    ),
    (
        "Upstream",
        (
            Check("upstream", upstream.reachable),
            Check("vector-stores", references.vector_stores),
            Check("files", references.files),
        ),
    ),
    (
        "Models",
        (Check("models", models.models),),
    ),
    (
        "Clock",
        (
            Check("clock-of-database", clock.of_database),
            Check("clock-of-upstream", clock.of_upstream),
        ),
    ),
)
