"""The fixture `offline_responses`, in the tests of a project."""

from __future__ import annotations

import pytest

from .conftest import Project

APP = """
import anyio
import openai
import assistants_compat

MODEL = "gpt-5.4-mini"
native, asynchronous = openai.OpenAI(), openai.AsyncOpenAI()
drop_in, wrapped = assistants_compat.OpenAI(), assistants_compat.wrap(openai.OpenAI(base_url="https://api.openai.com/v1"))
shimmed_async = assistants_compat.AsyncOpenAI()
azure = openai.AzureOpenAI(api_key="k", azure_endpoint="https://acme.openai.azure.com", api_version="2025-04-01-preview")


def ask(client, question):
    return client.responses.create(model=MODEL, input=question).output_text


def streamed(client, question):
    with client.responses.create(model=MODEL, input=question, stream=True) as events:
        return "".join(event.delta for event in events if event.type == "response.output_text.delta")


async def ask_async(client, question):
    async with await client.responses.create(model=MODEL, input=question, stream=True) as events:
        return "".join([event.delta async for event in events if event.type == "response.output_text.delta"])


def ask_assistant(client, question):
    assistant = client.beta.assistants.create(model=MODEL)
    run = client.beta.threads.create_and_run_poll(
        assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": question}]}
    )
    assert run.status == "completed", run
    return client.beta.threads.messages.list(run.thread_id, limit=1).data[0].content[0].text.value


async def ask_assistant_async(client, question):
    assistant = await client.beta.assistants.create(model=MODEL)
    said = ""
    async with client.beta.threads.create_and_run_stream(
        assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": question}]}
    ) as stream:
        async for text in stream.text_deltas:
            said += text
    return said
"""


def passed(result: pytest.RunResult, count: int) -> None:
    result.assert_outcomes(passed=count)


def test_clients_made_anywhere_are_answered_by_the_script(project: Project) -> None:
    project.ini("assistants_offline = true")
    project.write(
        app=APP,
        test_app="""
        import anyio, openai, app
        from openai import AsyncOpenAI, DefaultAioHttpClient, OpenAI

        def test_native(offline_responses):
            offline_responses.script("One.", "Two.", "Three.", "Four.")
            assert app.ask(app.native, "First?") == "One."
            assert app.streamed(app.native, "Second?") == "Two."
            assert app.ask(OpenAI(base_url="https://eu.api.openai.com/v1", api_key="another"), "Third?") == "Three."
            assert app.ask(app.azure, "Fourth?") == "Four."
            assert [request.texts for request in offline_responses.requests] == [["First?"], ["Second?"], ["Third?"], ["Fourth?"]]
            assert offline_responses.requests[-1].path == "/v1/responses?api-version=2025-04-01-preview"

        def test_async(offline_responses):
            async def main():
                async with AsyncOpenAI(http_client=DefaultAioHttpClient()) as aiohttp, AsyncOpenAI() as own:
                    return [await app.ask_async(client, "?") for client in (app.asynchronous, aiohttp, own)]
            for backend in ("asyncio", "trio"):
                offline_responses.script("One.", "Two.", "Three.")
                if backend == "asyncio":
                    assert anyio.run(main, backend=backend) == ["One.", "Two.", "Three."]
            offline_responses.script("Four.")
            async def trio():
                return [await app.ask_async(AsyncOpenAI(), "?") for _ in range(4)]
            assert anyio.run(trio, backend="trio") == ["One.", "Two.", "Three.", "Four."]

        def test_on_the_shim(offline_responses):
            offline_responses.script("One.", "Two.", "Three.")
            assert app.ask_assistant(app.drop_in, "First?") == "One."
            assert app.ask_assistant(app.wrapped, "Second?") == "Two."
            assert anyio.run(app.ask_assistant_async, app.shimmed_async, "Third?") == "Three."
            assert [request.texts for request in offline_responses.requests] == [["First?"], ["Second?"], ["Third?"]]

        def test_the_module_itself(offline_responses):
            offline_responses.script("One.")
            assert openai.responses.create(model=app.MODEL, input="?").output_text == "One."
        """,
    )
    passed(project.test(), 4)


def test_every_test_has_a_store_of_its_own_that_begins_with_what_imports_made(project: Project) -> None:
    project.ini("assistants_offline = true")
    project.write(
        app="""
        import openai, assistants_compat
        client = assistants_compat.OpenAI()
        HELPER = client.beta.assistants.create(model="gpt-5.4-mini", name="Helper").id
        """,
        test_app="""
        import app, openai, pytest
        made = []

        @pytest.mark.parametrize("number", [1, 2])
        def test_threads(offline_responses, number):
            assert [each.id for each in app.client.beta.assistants.list()] == [app.HELPER]
            app.client.beta.assistants.update(app.HELPER, name=f"Changed by {number}")
            made.append(app.client.beta.threads.create().id)
            assert app.client.beta.threads.retrieve(made[-1])
            for other in made[:-1]:
                with pytest.raises(openai.NotFoundError):
                    app.client.beta.threads.retrieve(other)

        def test_nothing_of_it_is_left():
            assert app.client.beta.assistants.retrieve(app.HELPER).name == "Helper"
            with pytest.raises(openai.NotFoundError):
                app.client.beta.threads.retrieve(made[0])
        """,
    )
    passed(project.test(), 3)


def test_the_network_is_blocked_but_for_the_loopback_interface_and_hosts_that_are_named(project: Project) -> None:
    project.ini("assistants_allowed_hosts = 192.0.2.9")
    project.write(
        """
        import contextlib, http.server, socket, threading, urllib.request
        import pytest

        @pytest.fixture
        def blocked(offline_responses):
            return pytest.raises(OSError, match="The network is blocked while a test is on offline_responses")

        def test_elsewhere(blocked):
            with socket.socket() as connection, blocked:
                connection.connect(("192.0.2.1", 80))
            with blocked:
                socket.create_connection(("example.org", 80))

        def test_at_home(offline_responses):
            with http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as server:
                threading.Thread(target=server.handle_request, daemon=True).start()
                assert urllib.request.urlopen(f"http://localhost:{server.server_port}/").status == 200

        def test_a_named_host(offline_responses):
            with socket.socket() as connection:
                connection.settimeout(0.001)
                with contextlib.suppress(TimeoutError, OSError):
                    connection.connect(("192.0.2.9", 80))
                    return
                with pytest.raises(OSError) as caught:
                    connection.connect(("192.0.2.9", 80))
                assert "blocked" not in str(caught.value)

        def test_without_the_fixture():
            with socket.socket() as connection:
                connection.settimeout(0.001)
                with contextlib.suppress(OSError):
                    connection.connect(("192.0.2.1", 80))
                assert socket.socket.connect.__qualname__ == "socket.connect"
        """
    )
    result = project.test()
    passed(result, 4)


def test_another_vendors_client_is_told_how_to_be_answered_and_then_is(project: Project) -> None:
    project.write(
        """
        import httpx2, openai, pytest
        client = openai.OpenAI(api_key="k", base_url="https://llm.example.org/api/v1")

        def ask():
            return client.responses.create(model="gpt-5.4-mini", input="?").output_text

        def test_refused(offline_responses):
            with pytest.raises(openai.APIStatusError, match="https://llm.example.org/api/v1/responses was not asked.*answer_for"):
                ask()
            assert offline_responses.calls == []

        def test_named(offline_responses):
            offline_responses.answer_for("https://llm.example.org/api")
            with pytest.raises(openai.NotFoundError):  # its paths are those below what was named
                ask()
            offline_responses.script("Here.")
            offline_responses.answer_for("https://llm.example.org/api/v1")

        @pytest.mark.offline_responses(base_urls=["https://llm.example.org/api/v1"])
        def test_named_by_the_marker(offline_responses):
            offline_responses.script("Here.")
            assert ask() == "Here."

        def test_of_the_environment(offline_responses, monkeypatch):
            monkeypatch.setenv("OPENAI_BASE_URL", "https://llm.example.org/api/v1/")
            offline_responses.script("Here.")
            assert ask() == "Here."

        def test_other_requests_are_none_of_its_business(offline_responses):
            with pytest.raises(httpx2.ConnectError, match="The network is blocked"):
                httpx2.get("https://llm.example.org/api/v1/responses")
        """
    )
    result = project.test()
    result.assert_outcomes(passed=4, failed=1)  # the script of test_named is not used up


def test_a_script_that_is_not_used_up_fails_the_test_and_not_its_teardown(project: Project) -> None:
    project.write(
        """
        import openai, pytest
        from assistants_compat.testing import FunctionCall

        def ask():
            return openai.OpenAI().responses.create(model="gpt-5.4-mini", input="?").output_text

        def test_too_much(offline_responses):
            offline_responses.script("One.", FunctionCall("get_weather", {"town": "Oslo"}), "Never said.")
            assert ask() == "One."

        @pytest.mark.offline_responses(allow_unused=True)
        def test_said_so(offline_responses):
            offline_responses.script("Never said.")

        def test_wrong_before_that(offline_responses):
            offline_responses.script("Never said.")
            assert 1 == 2
        """
    )
    result = project.test()
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["The script was not used up. Nobody asked for:", "FunctionCall(name='get_weather'*", "'Never said.'"])
    result.stdout.fnmatch_lines(["*assert 1 == 2"])
    result.stdout.no_fnmatch_line("*offline_responses.py*")


def test_a_program_that_the_test_starts_is_on_the_same_upstream_and_store(project: Project) -> None:
    project.write(
        program="""
        import openai
        client = openai.OpenAI()
        assistant = client.beta.assistants.create(model="gpt-5.4-mini", name="Made there")
        run = client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "Hi"}]})
        print(client.beta.threads.messages.list(run.thread_id).data[0].content[0].text.value)
        """,
        test_program="""
        import subprocess, sys
        import assistants_compat

        def test_it(offline_responses):
            offline_responses.script("Hello from here.")
            command = [sys.executable, "-W", "ignore", "-m", "assistants_compat", "run", "program.py"]
            done = subprocess.run(command, env=offline_responses.environment, capture_output=True, text=True)
            assert (done.stdout, done.returncode) == ("Hello from here.\\n", 0), done.stderr
            assert [each.name for each in assistants_compat.OpenAI().beta.assistants.list()] == ["Made there"]
            assert [request.texts for request in offline_responses.requests] == [["Hi"]]
        """,
    )
    passed(project.test(), 1)


def test_migrated_code_finds_all_it_needs(project: Project) -> None:
    project.write(
        """
        import openai
        from assistants_compat.testing import Cite, CodeInterpreter, FileSearch, Text, Turn

        def test_native(offline_responses):
            client = openai.OpenAI()
            conversation = client.conversations.create(metadata={"topic": "cake"})
            file = client.files.create(file=("food.txt", b"Filip likes cake."), purpose="assistants")
            store = client.vector_stores.create(name="Tastes", file_ids=[file.id])
            client.vector_stores.files.poll(file.id, vector_store_id=store.id, poll_interval_ms=1)
            tools = [
                {"type": "file_search", "vector_store_ids": [store.id]},
                {"type": "code_interpreter", "container": client.containers.create(name="box").id},
            ]
            asked = {"model": "gpt-5.4-mini", "conversation": conversation.id, "input": "What does Filip like?", "tools": tools}
            before = client.responses.input_tokens.count(**asked)
            offline_responses.script(
                Turn(FileSearch("Filip"), Text("Cake.", annotations=(Cite("food.txt"),))),
                Turn(CodeInterpreter("print(1)", files={"a.csv": b"1"}), Text("Done.")),
            )
            answer = client.responses.create(**asked)
            assert answer.output_text == "Cake."
            assert answer.output[-1].content[0].annotations[0].filename == "food.txt"
            client.responses.create(**asked)
            after = client.responses.input_tokens.count(**asked)
            assert after.input_tokens > before.input_tokens > 0
            items = client.conversations.items.list(conversation.id, order="asc").data
            assert [item.type for item in items] == [
                "message", "file_search_call", "message", "message", "code_interpreter_call", "message",
            ]
            assert offline_responses.requests[-1].texts == ["What does Filip like?", "Cake.", "What does Filip like?"]
            assert [call.path for call in offline_responses.calls][:2] == ["/v1/conversations", "/v1/files"]
        """
    )
    passed(project.test(), 1)


def test_the_marker_alone_brings_it_and_its_options_are_the_upstreams(project: Project) -> None:
    project.write(
        """
        import unittest
        import openai, pytest

        def models(day=None):
            return {model.id for model in openai.OpenAI().models.list()}

        @pytest.mark.offline_responses(models={"house-model": "gpt-5.4-mini"}, default=lambda body: "As always.")
        def test_options():
            assert openai.OpenAI().responses.create(model="house-model", input="?").output_text == "As always."

        @pytest.mark.offline_responses
        class TestCase(unittest.TestCase):
            def test_it(self):
                assert "gpt-5.4-mini" in models()

        @pytest.mark.offline_responses(modles={})
        def test_misspelt():
            pass

        @pytest.mark.offline_responses
        @pytest.mark.assistants_cassette
        def test_both():
            pass

        def test_neither():
            assert "openai" in openai.OpenAI.__module__
            with pytest.raises(openai.OpenAIError):
                openai.OpenAI()
        """
    )
    result = project.test()
    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(["@pytest.mark.offline_responses: *unexpected keyword argument 'modles'"])
    result.stdout.fnmatch_lines(["A test is either on offline_responses or on assistants_cassette, not on both."])


def test_a_run_that_is_left_at_work_ends_with_its_test(project: Project) -> None:
    project.write(
        """
        import threading
        import assistants_compat
        from assistants_compat.testing import Gate, Turn

        def left_behind():
            return [thread.name for thread in threading.enumerate() if thread.name.startswith("assistants-compat")]

        def test_it_goes_away(offline_responses):
            client = assistants_compat.OpenAI()
            gate = Gate()
            offline_responses.script(Turn("Too late.", hold=gate))
            assistant = client.beta.assistants.create(model="gpt-5.4-mini")
            client.beta.threads.create_and_run(assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "Hi"}]})
            gate.wait_reached()
            assert left_behind()

        def test_and_nothing_is_there():
            assert left_behind() == []
        """
    )
    passed(project.test(), 2)


def test_what_it_does_not_have_is_said(project: Project) -> None:
    project.write(
        """
        import openai, pytest

        @pytest.mark.offline_responses
        def test_it():
            client = openai.OpenAI()
            with pytest.raises(openai.NotFoundError, match="The offline upstream .* does not have this part of the API"):
                client.chat.completions.create(model="gpt-5.4-mini", messages=[{"role": "user", "content": "Hi"}])
            with pytest.raises(openai.NotFoundError, match="assistants_compat.wrap"):
                client.beta.assistants.create(model="gpt-5.4-mini")
        """
    )
    passed(project.test(), 1)
