"""The checks themselves, on facts that no test machine has: what they say, and how bad they find it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistants_compat.doctor.checks import AREAS, clock, installation, models, postgres, runs, store, upstream
from assistants_compat.doctor.facts import (
    ActiveRun,
    Contents,
    Environment,
    Facts,
    Installation,
    Place,
    PostgresFacts,
    Probe,
    SqliteFacts,
    Store,
    Upstream,
)
from assistants_compat.doctor.findings import Finding, Said, examine, exit_code
from assistants_compat.doctor.report import as_text, closing_line
from assistants_compat.doctor.secrets import hider
from assistants_compat.settings import Settings

SQLITE = SqliteFacts("/data/store.db", "/data", True, "ext4", 10**12, (Place("/data/store.db", 0o600, True, True),), ())
POSTGRES = PostgresFacts("PostgreSQL 18.1", False, (), 0.0, 0.01, 90, True)
FACTS = Facts(
    today=date(2026, 11, 20),
    now=1_000.0,
    installation=Installation(
        (3, 12, 1),
        {"assistants-compat": "1.0", "openai": "3.52.0", "httpx": None, "httpx2": "2.16.0"},
        (Probe("OpenAI", "httpx2", None),),
    ),
    environment=Environment((), frozenset({"ASSISTANTS_COMPAT_STORE"}), (), has_key=True, is_azure=False),
    settings=Settings.from_environment({}),
    store=Store("/data/store.db", "sqlite", revision="2", newest="2", sqlite=SQLITE),
    contents=Contents({"assistants": 0, "threads": 0, "runs": 0}, {}),
    unread=None,
    blobs=None,
    upstream=Upstream("https://api.openai.com/v1", clock_ahead=0.1),
)


def installed(**versions: str | None) -> Facts:
    return replace(FACTS, installation=replace(FACTS.installation, versions={**FACTS.installation.versions, **versions}))


def on_sqlite(**changed: Any) -> Facts:
    return replace(FACTS, store=replace(FACTS.store, sqlite=replace(SQLITE, **changed)))


def on_postgres(**changed: Any) -> Facts:
    return replace(FACTS, store=Store("postgresql://host/x", "postgresql", revision="2", newest="2", postgres=replace(POSTGRES, **changed)))


def said(findings: Any) -> list[tuple[str, str]]:
    return [(finding.level, f"{finding.text} {finding.advice}".strip()) for finding in findings]


def only(findings: Any) -> tuple[str, str]:
    (found,) = said(findings)
    return found


def test_a_healthy_installation_is_fine_in_all_respects() -> None:
    assert {each.finding.level for each in examine(FACTS, AREAS)} == {"ok"}
    assert {each.finding.level for each in examine(on_postgres(), AREAS)} == {"ok"}


def test_names_of_checks_are_given_once() -> None:
    names = [check.name for _, checks in AREAS for check in checks]
    assert len(names) == len(set(names))


def test_the_supported_versions_are_those_of_the_package() -> None:
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    oldest, too_new = (".".join(map(str, version)) for version in (installation.OLDEST_SDK, installation.SDK_TOO_NEW))
    assert f'"openai>={oldest},<{too_new}"' in project
    assert re.findall(r'^requires-python = ">=([0-9.]+)"', project, re.M) == [".".join(map(str, installation.OLDEST_PYTHON))]


@pytest.mark.parametrize(
    ("version", "level"),
    [
        ("1.65.5", "problem"),
        ("1.66.0", "ok"),
        ("2.0.0", "ok"),
        ("3.99.1", "ok"),
        ("4.0.0", "problem"),
        ("0.28", "problem"),
        (None, "problem"),
    ],
)
def test_versions_of_the_sdk(version: str | None, level: str) -> None:
    assert said(installation.sdk(installed(openai=version)))[0][0] == level


def test_an_sdk_without_conversations_is_noted() -> None:
    assert said(installation.sdk(installed(openai="1.100.2")))[1][:2] == ("note", "openai 1.100.2 has no conversations.") or (
        "openai 1.100.2 has no conversations." in said(installation.sdk(installed(openai="1.100.2")))[1][1]
    )
    assert len(said(installation.sdk(installed(openai="1.101.0")))) == 1


def test_an_old_python_is_a_problem() -> None:
    facts = replace(FACTS, installation=replace(FACTS.installation, python=(3, 9, 18)))
    assert only(installation.python(facts))[0] == "problem"


def test_a_client_that_is_not_answered_is_a_problem_beside_one_that_is() -> None:
    probes = (Probe("OpenAI", "httpx2", None), Probe("AsyncOpenAI", None, "TypeError: no"))
    found = said(installation.seam(replace(FACTS, installation=replace(FACTS.installation, probes=probes))))
    assert [level for level, _ in found] == ["problem", "ok"]
    assert found[1][1] == "The seam applies to OpenAI, over httpx2 2.16.0."


@pytest.mark.parametrize(("filesystem", "free", "count"), [("nfs4", 10**12, 1), ("ext4", 10**7, 1), ("cifs", 0, 2), (None, None, 0)])
def test_places_that_do_a_store_no_good(filesystem: str | None, free: int | None, count: int) -> None:
    found = said(store.place(on_sqlite(filesystem=filesystem, free_bytes=free)))
    assert [level for level, _ in found] == ["warning"] * count


def test_a_store_that_may_not_be_written_to_is_a_problem() -> None:
    found = said(store.private(on_sqlite(places=(Place("/data/store.db", 0o600, False, False),))))
    assert found[0] == (
        "problem",
        "/data/store.db may not be written to by this user, and belongs to another user. Run as the store's user, or chown it.",
    )


def test_a_store_that_cannot_be_made_is_a_problem() -> None:
    facts = on_sqlite(folder_is_writable=False)
    level, text = only(store.reachable(replace(facts, store=replace(facts.store, exists=False))))
    assert (level, "/data may not be written to" in text) == ("problem", True)


def test_a_file_that_is_too_large_is_not_called_sound() -> None:
    assert only(store.sound(on_sqlite(damage=None)))[0] == "note"


@pytest.mark.parametrize(
    ("ahead", "error", "level"),
    [(0.9, 0.0, "ok"), (-1.4, 0.5, "ok"), (-2.0, 0.5, "warning"), (7.0, 0.1, "warning"), (-8.0, 0.1, "problem")],
)
def test_a_database_servers_clock(ahead: float, error: float, level: str) -> None:
    """A lease is 15 s."""
    assert only(clock.of_database(on_postgres(clock_ahead=ahead, clock_error=error)))[0] == level


@pytest.mark.parametrize(
    ("ahead", "said_so"), [(600.0, "The clock is 600.0 s behind the upstream's"), (-60.0, "The clock is 60.0 s ahead of")]
)
def test_an_upstreams_clock(ahead: float, said_so: str) -> None:
    level, text = only(clock.of_upstream(replace(FACTS, upstream=replace(FACTS.upstream, clock_ahead=ahead, clock_error=0.6))))
    assert (level, text.startswith(said_so)) == ("warning", True)


def test_words_that_are_lost_are_warned_about() -> None:
    assert only(postgres.words(on_postgres(hears=False)))[0] == "warning"


def named(*names: str, **environment: Any) -> Facts:
    contents = replace(FACTS.contents, models=dict.fromkeys(names, ("asst_1",)))  # type: ignore[type-var]
    return replace(FACTS, contents=contents, environment=replace(FACTS.environment, **environment))


def test_the_upstreams_own_dates_count_before_the_table() -> None:
    listed = {"gpt-4": None, "gpt-5.6-sol": date(2026, 12, 24)}
    facts = replace(named("gpt-4", "gpt-5.6-sol", "o1"), upstream=replace(FACTS.upstream, models=listed))
    found = said(models.models(facts))
    assert [level for level, _ in found] == ["ok", "warning", "problem"]
    assert "'gpt-5.6-sol', named by 1 assistant, is shut down on 2026-12-24, in 34 days." in found[1][1]
    assert "is gone" in found[2][1]


def test_a_model_that_goes_later_is_a_note_with_its_date() -> None:
    level, text = only(models.models(named("gpt-5.1")))
    assert (level, "is shut down on 2027-04-01, in 132 days" in text) == ("note", True)


def test_names_of_deployments_have_no_dates() -> None:
    assert only(models.models(named("gpt-4", is_azure=True)))[0] == "ok"


def test_a_server_with_models_of_its_own_has_no_dates() -> None:
    facts = replace(named("gpt-4"), settings=Settings.from_environment({"ASSISTANTS_COMPAT_UPSTREAM": "vllm"}))
    assert only(models.models(facts))[0] == "ok"


def test_a_cancelled_run_whose_process_died_is_stuck() -> None:
    contents = replace(FACTS.contents, active=(ActiveRun("run_1", "thread_1", "cancelling", 2_000.0, 2_000.0, 1),))  # type: ignore[type-var]
    assert only(runs.stuck(replace(FACTS, contents=contents)))[0] == "warning"


def test_without_a_key_a_refusal_is_no_finding() -> None:
    facts = replace(FACTS, environment=replace(FACTS.environment, has_key=False))
    facts = replace(facts, upstream=replace(FACTS.upstream, failure="401", refused=True))
    assert only(upstream.reachable(facts))[0] == "note"


def test_exit_codes() -> None:
    def of(*findings: Finding, strict: bool = False) -> int:
        return exit_code([Said("", "", finding) for finding in findings], strict=strict)

    good, note, warning, problem = (Finding(level, "") for level in ("ok", "note", "warning", "problem"))  # type: ignore[arg-type]
    unseen = Finding("warning", "", looked=False)
    assert [of(), of(good, note, warning), of(note, problem)] == [0, 0, 1]
    assert [of(warning, strict=True), of(note, strict=True)] == [1, 0]
    assert [of(unseen), of(unseen, strict=True), of(unseen, problem), of(unseen, warning, strict=True)] == [2, 2, 1, 1]


def test_lines_are_broken_at_the_terminals_width_and_nowhere_else() -> None:
    finding = Said("Store", "store", Finding("warning", "words " * 40, "advice " * 10))
    broken = [line for line in as_text([finding], 0, 60) if "words" in line or "advice" in line]
    assert len(broken) > 4
    assert all(len(line.replace("\x1b[33m", "").replace("\x1b[0m", "")) <= 60 for line in broken)
    assert sum("words" in line for line in as_text([finding], 0, None)) == 1


def test_the_closing_line_counts() -> None:
    findings = [Said("", "", Finding(level, "")) for level in ("ok", "warning", "problem", "warning")]  # type: ignore[arg-type]
    assert closing_line(findings, 1) == "There is something to do: 1 problem, 2 warnings."
    assert closing_line([], 0) == "Nothing to do."


def test_secrets_are_taken_out_wherever_they_stand() -> None:
    hide = hider({"OPENAI_API_KEY": "sk-abc-123456789", "MY_TOKEN": "opensesame", "PGPASSWORD": "p", "HOME": "/home/me"})
    shown = hide("sk-abc-123456789 opensesame postgresql://me:word@host/p?password=word sk-other-0123456789 /home/me https://a:b@host")
    assert shown == "*** *** postgresql://me:***@host/p?password=*** *** /home/me https://a:***@host"


def test_the_page_tells_of_every_check() -> None:
    page = (Path(__file__).parents[2] / "docs" / "doctor.md").read_text()
    assert [check.name for _, checks in AREAS for check in checks if f"`{check.name}`" not in page] == []
