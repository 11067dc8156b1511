"""The fixture and the marker `assistants_cassette`, in the tests of a project. What is recorded is an offline upstream on loopback."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import pytest
import yaml

from assistants_compat.testing import CodeInterpreter, HttpError, OfflineUpstream, Text, Turn

from .conftest import Project

pytestmark = pytest.mark.long

KEY = "sk-proj-aB3dE6gH9jK2mN5p_qR8sT1v"

ASK = """
import openai, pytest

def ask(question="Hi", **more):
    return openai.OpenAI(**more).responses.create(model="gpt-5.4-mini", input=question).output_text
"""


@contextmanager
def api(monkeypatch: pytest.MonkeyPatch, upstream: OfflineUpstream | None = None) -> Iterator[OfflineUpstream]:
    """Something to record, and a key for it, until the end of the context."""
    upstream = upstream or OfflineUpstream()
    with upstream.serve() as base_url, monkeypatch.context() as here:
        here.setenv("OPENAI_BASE_URL", base_url)
        here.setenv("OPENAI_API_KEY", KEY)
        yield upstream


PROGRAMS = """
import anyio, httpx, httpx2, openai, pytest
import assistants_compat
from openai import AsyncOpenAI, DefaultAioHttpClient, OpenAI

MODEL = "gpt-5.4-mini"
pytestmark = pytest.mark.assistants_cassette
SYNC = {"httpx": httpx.Client, "httpx2": httpx2.Client}
ASYNC = {"httpx": httpx.AsyncClient, "httpx2": httpx2.AsyncClient, "aiohttp": DefaultAioHttpClient}
at_module_level = OpenAI(api_key="sk-offline")

def question(events):
    return "".join(event.delta for event in events if event.type == "response.output_text.delta")

@pytest.mark.parametrize("library", SYNC)
def test_native(library):
    with OpenAI(http_client=SYNC[library]()) as client:
        whole = client.responses.create(model=MODEL, input="Say something.").output_text
        with client.responses.create(model=MODEL, input="Say something – with an ö.", stream=True) as events:
            streamed = question(events)
        file = client.files.create(file=("a.png", bytes(range(256))), purpose="vision")
        assert whole and "ö" in streamed and client.files.retrieve(file.id).bytes == 256

@pytest.mark.parametrize("library", ASYNC)
def test_native_async(library):
    async def main():
        async with AsyncOpenAI(http_client=ASYNC[library]()) as client:
            whole = (await client.responses.create(model=MODEL, input="Say something.")).output_text
            async with await client.responses.create(model=MODEL, input="Say something – with an ö.", stream=True) as events:
                streamed = question([event async for event in events])
            file = await client.files.create(file=("a.txt", b"one, two"), purpose="assistants")
            assert whole and "ö" in streamed and (await client.files.retrieve(file.id)).filename == "a.txt"
    anyio.run(main)

@pytest.mark.parametrize("library", SYNC)
def test_shim(library):
    with assistants_compat.OpenAI(http_client=SYNC[library]()) as client:
        assistant = client.beta.assistants.create(model=MODEL)
        thread = client.beta.threads.create(messages=[{"role": "user", "content": "Say something."}])
        run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        assert run.status == "completed"
        with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
            stream.until_done()
            assert stream.current_run.status == "completed"

@pytest.mark.parametrize("library", ASYNC)
def test_shim_async(library):
    async def main():
        async with assistants_compat.AsyncOpenAI(http_client=ASYNC[library]()) as client:
            assistant = await client.beta.assistants.create(model=MODEL)
            thread = await client.beta.threads.create(messages=[{"role": "user", "content": "Say something."}])
            run = await client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
            assert run.status == "completed"
            async with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
                await stream.until_done()
                assert stream.current_run.status == "completed"
    anyio.run(main)

def test_conversation():
    client = OpenAI()
    conversation = client.conversations.create()
    for words in ("One.", "Two."):
        client.responses.create(model=MODEL, conversation=conversation.id, input=words)
    assert len(client.conversations.items.list(conversation.id).data) >= 4

def test_on_trio():
    async def main():
        async with AsyncOpenAI() as client:
            async with await client.responses.create(model=MODEL, input="Say something.", stream=True) as events:
                assert question([event async for event in events])
    anyio.run(main, backend="trio")
"""


def test_all_clients_are_recorded_once_and_replayed_without_a_network(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write(test_programs=PROGRAMS)
    with api(monkeypatch) as upstream:
        project.test("--record-mode=once").assert_outcomes(passed=12)
        asked = len(upstream.calls)
        recorded = project.cassettes
        project.test("--record-mode=once").assert_outcomes(passed=12)
        assert len(upstream.calls) == asked, "what is recorded is not asked again"
    assert set(recorded) == {
        f"cassettes/test_programs/test_{name}.yaml"
        for name in (
            *("native[httpx]", "native[httpx2]", "native_async[httpx]", "native_async[httpx2]", "native_async[aiohttp]"),
            *("shim[httpx]", "shim[httpx2]", "shim_async[httpx]", "shim_async[httpx2]", "shim_async[aiohttp]"),
            *("conversation", "on_trio"),
        )
    }
    project.test().assert_outcomes(passed=12)
    assert project.cassettes == recorded
    assert sum(len(yaml.safe_load(text)["interactions"]) for text in recorded.values()) == asked


def test_a_cassette_says_what_was_recorded_and_when(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write(
        test_app=ASK
        + """
@pytest.mark.assistants_cassette
class TestApp:
    @pytest.mark.parametrize("what", ["a/b"])
    def test_it(self, what):
        assert ask()

@pytest.mark.assistants_cassette("another name")
def test_named():
    assert ask()

@pytest.mark.assistants_cassette
@pytest.mark.parametrize("letters", ["long" * 100, "long" * 101])
def test_long(letters):
    assert ask()

def test_silent(assistants_cassette):
    assert assistants_cassette.path.endswith("test_silent.yaml")
"""
    )
    with api(monkeypatch):
        project.test("--record-mode=once").assert_outcomes(passed=5)
    recorded = project.cassettes
    short = {"cassettes/test_app/TestApp.test_it[a-b].yaml", "cassettes/test_app/another name.yaml"}
    assert short < set(recorded)
    assert len(recorded) == len(short) + 2
    first, second, *_ = recorded["cassettes/test_app/TestApp.test_it[a-b].yaml"].splitlines()
    name = re.escape("test_app.py::TestApp::test_it[a/b]")
    assert re.fullmatch(rf"# {name}: recorded against a server on the loopback interface on \d{{4}}-\d\d-\d\d", first)
    assert re.fullmatch(rf"# with assistants-compat .*, openai .*, vcrpy .* record it again: pytest --record-mode=rewrite '{name}'", second)


def test_a_request_that_was_not_recorded_fails_the_test_with_a_diff(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    test = (
        ASK
        + """
import assistants_compat
pytestmark = pytest.mark.assistants_cassette

def test_native():
    assert ask("How are you?")

def test_caught():
    try:
        ask("How are you?")
    except openai.OpenAIError:
        pass

def test_shim():
    client = assistants_compat.OpenAI()
    assistant = client.beta.assistants.create(model="gpt-5.4-mini")
    run = client.beta.threads.create_and_run_poll(
        assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "How are you?"}]}
    )
    assert run.status == "completed"
"""
    )
    project.write(test_app=test)
    with api(monkeypatch):
        project.test("--record-mode=once").assert_outcomes(passed=3)
    project.write(test_app=test.replace("How are you?", "How is it going?"))
    result = project.test()
    result.assert_outcomes(failed=3)
    native = [
        "A request is not the recorded one:",
        "--- recorded",
        "+++ sent now",
        '-  "input": "How are you?",',
        '+  "input": "How is it going?",',
    ]
    result.stdout.fnmatch_lines([*native, "Record it again: pytest --record-mode=rewrite 'test_app.py::test_native'"], consecutive=False)
    result.stdout.fnmatch_lines([native[0], *native[3:], "Record it again: * 'test_app.py::test_caught'"])
    result.stdout.fnmatch_lines([native[0], '-*"text": "How are you?",', '+*"text": "How is it going?",', "*'test_app.py::test_shim'"])


def test_a_recorded_request_that_is_not_made_fails_the_test_unless_that_is_allowed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = (
        ASK
        + """
@pytest.mark.assistants_cassette
def test_strict():
    ask(), ask()

@pytest.mark.assistants_cassette(allow_unused=True)
def test_lenient():
    ask(), ask()
"""
    )
    project.write(test_app=test)
    with api(monkeypatch):
        project.test("--record-mode=once").assert_outcomes(passed=2)
    project.write(test_app=test.replace("ask(), ask()", "ask()"))
    result = project.test()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["Recorded requests were not made:", "POST https://api.openai.com/v1/responses", "Record it again: *"])


def test_without_a_cassette_a_test_says_how_to_record_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write(test_app=f"{ASK}\ndef test_it(assistants_cassette):\n    ask()\n")
    result = project.test()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["There is no cassette *test_it.yaml yet for a request:", "*Record it first: pytest --record-mode=*test_it'"]
    )
    result = project.test("--record-mode=once")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*there is no key to record with: set OPENAI_API_KEY.*"])
    assert project.cassettes == {}


def test_the_modes_are_those_of_pytest_recording(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def written(*questions: str) -> None:
        calls = "; ".join(f"ask({question!r})" for question in questions) or "pass"
        project.write(test_app=f"{ASK}\n@pytest.mark.assistants_cassette\ndef test_it():\n    {calls}\n")

    def on_tape() -> list[str]:
        (text,) = project.cassettes.values()
        return re.findall(r'"input": "(.*)"', text)

    with api(monkeypatch) as upstream:
        written("One.")
        project.test().assert_outcomes(failed=1)
        project.test("--record-mode=none").assert_outcomes(failed=1)
        assert upstream.calls == []
        project.test("--record-mode=once").assert_outcomes(passed=1)
        written("One.", "Two.")
        for mode in ("none", "once"):
            project.test(f"--record-mode={mode}").assert_outcomes(failed=1)
        assert (on_tape(), len(upstream.calls)) == (["One."], 1)
        project.test("--record-mode=new_episodes").assert_outcomes(passed=1)
        assert (on_tape(), len(upstream.calls)) == (["One.", "Two."], 2)
        written("Two.", "Three.")
        project.test("--record-mode=new_episodes").assert_outcomes(passed=1)
        assert (on_tape(), len(upstream.calls)) == (["Two.", "Three."], 3)
        written("Three.")
        project.test("--record-mode=new_episodes").assert_outcomes(passed=1)
        assert (on_tape(), len(upstream.calls)) == (["Three."], 3)
        for mode in ("all", "rewrite"):
            written("Three.", mode)
            before = len(upstream.calls)
            project.test(f"--record-mode={mode}").assert_outcomes(passed=1)
            assert (on_tape(), len(upstream.calls)) == (["Three.", mode], before + 2)
        project.test().assert_outcomes(passed=1)
        written()
        project.test("--record-mode=rewrite").assert_outcomes(passed=1)
        assert project.cassettes == {}


def test_a_test_that_fails_leaves_its_cassette_as_it_was(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write(test_app=f"{ASK}\n@pytest.mark.assistants_cassette\ndef test_it():\n    ask()\n    assert ask is None\n")
    with api(monkeypatch) as upstream:
        project.test("--record-mode=rewrite").assert_outcomes(failed=1)
    assert len(upstream.calls) == 1
    assert project.cassettes == {}


def test_neither_does_a_unittest_and_what_runs_again_is_recorded_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write(
        conftest="""
import pytest
from _pytest.runner import runtestprotocol

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    for attempt in (1, 2):  # as plugins do that run failures again
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in runtestprotocol(item, nextitem=nextitem, log=False):
            item.ihook.pytest_runtest_logreport(report=report)
    return True
""",
        test_app=ASK
        + """
import unittest
asked = []

@pytest.mark.assistants_cassette
class TestApp(unittest.TestCase):
    def test_it(self):
        asked.append(ask())
        assert len(asked) == 2
""",
    )
    with api(monkeypatch) as upstream:
        project.test("--record-mode=once").assert_outcomes(failed=1, passed=1)
    assert len(upstream.calls) == 2
    assert list(project.cassettes) == ["cassettes/test_app/TestApp.test_it.yaml"]


def test_an_option_that_is_not_there_is_told(project: Project) -> None:
    project.write(
        """
        import pytest

        @pytest.mark.assistants_cassette(allow_unsued=True)
        def test_misspelt():
            pass

        @pytest.mark.assistants_cassette(record_mode="sometimes")
        def test_no_mode():
            pass

        @pytest.mark.assistants_cassette("one", "two")
        def test_two_names():
            pass
        """
    )
    result = project.test()
    result.assert_outcomes(errors=3)
    result.stdout.fnmatch_lines(
        ["@pytest.mark.assistants_cassette has no option allow_unsued: *", "*record_mode is one of *not 'sometimes'"]
    )
    result.stdout.fnmatch_lines(["@pytest.mark.assistants_cassette takes no 'two' *"])


def test_what_only_the_cassette_knows_is_not_asked_of_the_api(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    test = """
import openai, pytest

@pytest.mark.assistants_cassette
def test_it():
    client = openai.OpenAI()
    id = client.conversations.create().id
    client.conversations.retrieve(id)
"""
    project.write(test_app=test)
    with api(monkeypatch) as upstream:
        project.test("--record-mode=once").assert_outcomes(passed=1)
        project.write(test_app=test.replace("retrieve(id)", "delete(id)"))
        result = project.test("--record-mode=new_episodes")
        assert len(upstream.calls) == 2
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["A request cannot be recorded, as it names conv_0001, which only the cassette knows, not the API.*"])


SECRETS = {
    "key": KEY,
    "organisation": "acme-research-7",
    "cookie": "h4Tq.9sX-1790000000-1.0.1.1-kD",
    "person": "wilhelmina@example.org",
    "of the project": "walnut-4711",
    "Azure resource": "acme-gpt-west",
}


def test_secrets_do_not_get_into_a_cassette(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.ini("assistants_secrets = APP_PASSWORD")
    project.write(
        test_app=ASK
        + f"""
@pytest.mark.assistants_cassette
def test_it():
    with pytest.raises(openai.BadRequestError):
        ask("My key is {KEY}, I am wilhelmina@example.org of acme-research-7; password walnut-4711", organization="acme-research-7")
"""
    )
    headers = {"set-cookie": f"__cf_bm={SECRETS['cookie']}; path=/", "openai-organization": SECRETS["organisation"]}
    error = HttpError(400, f"No: {SECRETS['organisation']}, {SECRETS['cookie']}, {SECRETS['of the project']}", headers=headers)
    monkeypatch.setenv("APP_PASSWORD", SECRETS["of the project"])
    with api(monkeypatch, OfflineUpstream([error])) as upstream:
        project.test("--record-mode=once").assert_outcomes(passed=1)
    assert upstream.requests[0].texts
    ((_, text),) = project.cassettes.items()
    assert [name for name, secret in SECRETS.items() if secret in text] == []
    assert "No: [scrubbed], [scrubbed], [scrubbed]" in text
    assert "I am [scrubbed] of [scrubbed]; password [scrubbed]" in text
    project.test().assert_outcomes(passed=1)


def test_what_cannot_be_scrubbed_is_not_written(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write(
        test_app=f"""
import openai, pytest

@pytest.mark.assistants_cassette
def test_it():
    with pytest.raises(openai.APIStatusError, match="a binary body has a known secret in it"):
        openai.OpenAI().files.create(file=("a.png", b"\\x89PNG\\xff{KEY}"), purpose="vision")
"""
    )
    with api(monkeypatch):
        result = project.test("--record-mode=once")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["a binary body has a known secret in it, which cannot be taken out"])
    assert project.cassettes == {}


def test_traffic_with_others_goes_past_the_cassette(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write(
        test_app=ASK
        + """
import os, urllib.request
import httpx2

@pytest.mark.assistants_cassette
def test_it():
    ask()
    assert httpx2.get(os.environ["OTHER"] + "/models", headers={"authorization": "Bearer k"}).status_code == 200
    request = urllib.request.Request(os.environ["OTHER"] + "/models", headers={"authorization": "Bearer k"})
    assert urllib.request.urlopen(request).status == 200
"""
    )
    other = OfflineUpstream()
    with other.serve() as address:
        monkeypatch.setenv("OTHER", address)
        with api(monkeypatch):
            project.test("--record-mode=once").assert_outcomes(passed=1)
        project.test().assert_outcomes(passed=1)
    assert len(other.calls) == 4
    ((_, text),) = project.cassettes.items()
    assert len(yaml.safe_load(text)["interactions"]) == 1


@pytest.mark.parametrize("other", ["recording", "no:recording"])
def test_it_gets_on_with_pytest_recording(other: str, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_spec("pytest_recording") is not None
    arguments = ("-p", other) if other.startswith("no") else ()
    theirs = "@pytest.mark.vcr\ndef test_theirs():\n    ask()\n" if not arguments else ""
    project.write(test_app=f"{ASK}\n@pytest.mark.assistants_cassette\ndef test_ours():\n    ask()\n\n{theirs}")
    count = 2 if theirs else 1
    with api(monkeypatch):
        project.test("--record-mode=once", *arguments).assert_outcomes(passed=count)
        assert len(project.cassettes) == count
        project.test(*arguments).assert_outcomes(passed=count)
    result = project.test("--record-mode=sometimes", *arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--record-mode: invalid choice*"])


def test_without_vcrpy_it_says_what_to_install(project: Project) -> None:
    project.write(conftest="import sys\nsys.modules['vcr'] = None\n", test_app="def test_it(assistants_cassette):\n    pass\n")
    result = project.test("-p", "no:recording")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["assistants_cassette records with vcrpy: pip install 'assistants-compat?testing?'"])


def test_files_that_code_made_are_there_in_a_replay_whatever_the_day(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write(
        test_app="""
import assistants_compat, pytest

@pytest.mark.assistants_cassette
def test_it():
    client = assistants_compat.OpenAI()
    table = client.files.create(file=("numbers.csv", b"0,1,2"), purpose="assistants")
    assistant = client.beta.assistants.create(
        model="gpt-5.4-mini",
        tools=[{"type": "code_interpreter"}],
        tool_resources={"code_interpreter": {"file_ids": [table.id]}},
    )
    for question in ("Square them.", "Add them up."):
        asked = {"messages": [{"role": "user", "content": question}]}
        run = client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=asked)
        assert run.status == "completed", run
        answer = client.beta.threads.messages.list(run.thread_id).data[0]
        client.beta.threads.messages.create(run.thread_id, role="user", content="Again.")
        again = client.beta.threads.runs.create_and_poll(thread_id=run.thread_id, assistant_id=assistant.id)
        assert again.status == "completed", again
    file_id = answer.content[0].text.annotations[0].file_path.file_id
    assert client.files.content(file_id).read() == b"5"
"""
    )
    script = [
        Turn(CodeInterpreter("print(1)", files={"squares.csv": b"0,1,4"}), Text("[squares](sandbox:/mnt/data/squares.csv)")),
        "Again.",
        Turn(CodeInterpreter("print(5)", files={"sum.csv": b"5"}), Text("[sum](sandbox:/mnt/data/sum.csv)")),
        Turn(CodeInterpreter("print(5)"), Text("Again.")),
    ]
    with api(monkeypatch, OfflineUpstream(script)) as upstream:
        project.test("--record-mode=once").assert_outcomes(passed=1)
    assert upstream.unused == 0
    project.test().assert_outcomes(passed=1)
