"""Programs that between them do what the Assistants API could do; each is recorded, replayed and mutated by the tests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from assistants_compat.testing import Cite, CodeInterpreter, Failed, FileSearch, Found, FunctionCall, Gate, Text, Turn, png

from .recorder import Json, Tape

Program = Callable[[Tape], None]
PROGRAMS: dict[str, Program] = {}

WEATHER = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
USAGE = {"input_tokens": 21, "output_tokens": 8}


def program(run: Program) -> Program:
    PROGRAMS[run.__name__] = run
    return run


def assistant(tape: Tape, **more: Any) -> str:
    made: Json = tape("POST", "/assistants", {"model": "gpt-4o", "name": "Tutor", "instructions": "Be short.", **more})
    return str(made["id"])


def thread(tape: Tape, text: str = "What is 3x + 11 = 14?", **more: Any) -> str:
    made: Json = tape("POST", "/threads", {"messages": [{"role": "user", "content": text, **more}]})
    return str(made["id"])


@program
def polling(tape: Tape) -> None:
    gate = Gate("request")
    tape.upstream.script(Turn("x is 1.", usage=USAGE, hold=gate))
    one = assistant(tape)
    where = thread(tape)
    run = tape.started(f"/threads/{where}/runs", {"assistant_id": one, "metadata": {"n": "1"}, "temperature": 0.5}, gate)
    tape("GET", f"/threads/{where}/runs/{run['id']}")
    tape("GET", f"/threads/{where}/messages")
    tape("POST", f"/threads/{where}/messages", {"role": "user", "content": "Well?"}, status=400)
    gate.open()
    tape.finish(run)
    tape("GET", f"/threads/{where}/messages")
    steps = tape("GET", f"/threads/{where}/runs/{run['id']}/steps?order=asc")
    tape("GET", f"/threads/{where}/runs/{run['id']}/steps/{steps['data'][0]['id']}")
    tape("POST", f"/threads/{where}/messages", {"role": "user", "content": [{"type": "text", "text": "Thanks!"}]})
    tape("POST", f"/threads/{where}/runs/{run['id']}", {"metadata": {"n": "2"}})
    tape("GET", f"/threads/{where}/runs")


@program
def streaming(tape: Tape) -> None:
    tape.upstream.script(Turn(Text("x is 1.", chunks=("x", " is", " 1."))), Turn(Text("You are welcome.")))
    one = assistant(tape)
    where = thread(tape)
    tape("POST", f"/threads/{where}/runs", {"assistant_id": one, "stream": True})
    tape("POST", "/threads/runs", {"assistant_id": one, "stream": True, "thread": {"messages": [{"role": "user", "content": "Thanks"}]}})
    tape("GET", f"/threads/{where}/messages?order=asc")


@program
def functions(tape: Tape) -> None:
    tape.upstream.script(
        Turn(FunctionCall("get_weather", {"city": "Oslo"}), FunctionCall("get_weather", {"city": "Bergen"})),
        Turn("Snow in Oslo, rain in Bergen."),
    )
    one = assistant(tape, tools=[WEATHER])
    new = {"messages": [{"role": "user", "content": "What about the weather?"}], "metadata": {"user": "7"}}
    run = tape("POST", "/threads/runs", {"assistant_id": one, "thread": new})
    run = tape.finish(run)
    where = f"/threads/{run['thread_id']}"
    calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    outputs = [{"tool_call_id": call["id"], "output": output} for call, output in zip(calls, ("snow", "rain"), strict=True)]
    tape("POST", f"{where}/runs/{run['id']}/submit_tool_outputs", {"tool_outputs": outputs[:1]}, status=400)
    tape("POST", f"{where}/runs", {"assistant_id": one}, status=400)
    tape("POST", f"{where}/runs/{run['id']}/submit_tool_outputs", {"tool_outputs": outputs})
    tape.finish(run)
    tape("POST", f"{where}/runs/{run['id']}/submit_tool_outputs", {"tool_outputs": outputs}, status=400)
    tape("GET", f"{where}/runs/{run['id']}/steps")
    tape("GET", f"{where}/messages")


@program
def streamed_functions(tape: Tape) -> None:
    tape.upstream.script(Turn(FunctionCall("get_weather", {"city": "Oslo"})), Turn(Text("Snow.", chunks=("Sn", "ow."))))
    one = assistant(tape, tools=[WEATHER])
    where = thread(tape, "What about the weather?")
    events = tape("POST", f"/threads/{where}/runs", {"assistant_id": one, "stream": True})
    run = events[-1]
    (call,) = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    body = {"tool_outputs": [{"tool_call_id": call["id"], "output": "snow"}], "stream": True}
    tape("POST", f"/threads/{where}/runs/{run['id']}/submit_tool_outputs", body)
    tape("GET", f"/threads/{where}/messages")


@program
def code(tape: Tape) -> None:
    tape.upstream.script(
        Turn(
            CodeInterpreter("plot()", logs="done", images=[png()], files={"table.csv": b"a,b\n1,2\n"}),
            Text("Here is a [table](sandbox:/mnt/data/table.csv)."),
        )
    )
    one = assistant(tape, tools=[{"type": "code_interpreter"}])
    where = thread(tape, "Draw it.")
    tape.finish(tape("POST", f"/threads/{where}/runs", {"assistant_id": one}))
    messages = tape("GET", f"/threads/{where}/messages")
    (run_id,) = {message["run_id"] for message in messages["data"]} - {None}
    tape("GET", f"/threads/{where}/runs/{run_id}/steps")
    for attachment in messages["data"][0]["attachments"]:
        tape("GET", f"/files/{attachment['file_id']}/content")


@program
def searching(tape: Tape) -> None:
    store = tape.upstream.put_vector_store({"foods.txt": "Filip likes cake."})
    (file,) = tape.upstream._storage.vector_stores.stored[store].files
    found = [Found("Filip likes cake.", "foods.txt", file_id=file, score=0.7)]
    tape.upstream.script(Turn(FileSearch("food", results=found), Text("Cake.", annotations=(Cite(file, at=4),))))
    one = assistant(tape, tools=[{"type": "file_search"}], tool_resources={"file_search": {"vector_store_ids": [store]}})
    where = thread(tape, "What does Filip like?")
    include = "include[]=step_details.tool_calls[*].file_search.results[*].content"
    run = tape.finish(tape("POST", f"/threads/{where}/runs?{include}", {"assistant_id": one}))
    tape("GET", f"/threads/{where}/messages")
    tape("GET", f"/threads/{where}/runs/{run['id']}/steps?{include}")
    tape("GET", f"/threads/{where}/runs/{run['id']}/steps")


@program
def files(tape: Tape) -> None:
    picture = tape.upstream.put_file("cat.png", png(), purpose="vision")
    notes = tape.upstream.put_file("notes.txt", "Buy milk.")
    one = assistant(tape, tools=[{"type": "code_interpreter"}, {"type": "file_search"}])
    tape.upstream.script("A cat, and milk.")
    content = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_file", "image_file": {"file_id": picture, "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}},
    ]
    where = thread(tape, "Look.", attachments=[{"file_id": notes, "tools": [{"type": "code_interpreter"}, {"type": "file_search"}]}])
    tape("POST", f"/threads/{where}/messages", {"role": "user", "content": content, "metadata": {"page": "1"}})
    tape("GET", f"/threads/{where}")
    tape.finish(tape("POST", f"/threads/{where}/runs", {"assistant_id": one, "additional_messages": [{"role": "user", "content": "Now."}]}))
    tape("GET", f"/threads/{where}/messages?limit=2&order=asc")


@program
def pages(tape: Tape) -> None:
    made = [assistant(tape, name=f"Number {number}") for number in range(5)]
    page = tape("GET", "/assistants?limit=2&order=desc")
    while page["has_more"]:
        page = tape("GET", f"/assistants?limit=2&order=desc&after={page['last_id']}")
    tape("DELETE", f"/assistants/{made[2]}")
    tape("GET", "/assistants?order=asc")
    where = thread(tape)
    said = [tape("POST", f"/threads/{where}/messages", {"role": role, "content": role})["id"] for role in ("assistant", "user", "user")]
    tape("GET", f"/threads/{where}/messages?limit=2")
    tape("GET", f"/threads/{where}/messages?limit=2&after={said[1]}")
    tape("GET", f"/threads/{where}/messages?limit=2&before={said[1]}")
    tape("DELETE", f"/threads/{where}/messages/{said[0]}")
    tape("GET", f"/threads/{where}/messages")


@program
def objects(tape: Tape) -> None:
    one = assistant(tape, tools=[WEATHER], metadata={"a": "b"}, top_p=0.5, response_format={"type": "json_object"})
    tape("POST", f"/assistants/{one}", {"name": None, "description": "New", "tools": [{"type": "code_interpreter"}]})
    tape("GET", f"/assistants/{one}")
    where = thread(tape, metadata={"m": "1"})
    tape("POST", f"/threads/{where}", {"metadata": {"t": "1"}})
    tape("GET", f"/threads/{where}")
    (message,) = tape("GET", f"/threads/{where}/messages")["data"]
    tape("POST", f"/threads/{where}/messages/{message['id']}", {"metadata": {"m": "2"}})
    tape("GET", f"/threads/{where}/messages/{message['id']}")
    tape("DELETE", f"/threads/{where}")
    tape("GET", f"/threads/{where}", status=404)


@program
def errors(tape: Tape) -> None:
    tape("GET", "/assistants/asst_000000000000000000000000", status=404)
    tape("GET", "/threads/undefined", status=400)
    one = assistant(tape)
    tape("POST", "/assistants", {"name": "No model"}, status=400)
    tape("POST", "/assistants", {"model": "gpt-4o", "temperature": 3}, status=400)
    where = tape("POST", "/threads", {"metadata": {"a": 1}}, status=400) and thread(tape)
    tape("POST", f"/threads/{where}/messages", {"role": "system", "content": "Hi"}, status=400)
    tape("POST", f"/threads/{where}/runs", {"assistant_id": "asst_000000000000000000000000"}, status=404)
    tape.upstream.script("Hello.")
    run = tape.finish(tape("POST", f"/threads/{where}/runs", {"assistant_id": one}))
    tape("GET", f"/threads/{where}/runs/{run['id']}/steps/123", status=404)
    tape("POST", f"/threads/{where}/runs/{run['id']}/cancel", {}, status=400)


@program
def cancelling(tape: Tape) -> None:
    gate = Gate("request")
    tape.upstream.script(Turn("Never said.", hold=gate))
    one = assistant(tape)
    where = thread(tape)
    run = tape.started(f"/threads/{where}/runs", {"assistant_id": one}, gate)
    tape("POST", f"/threads/{where}/runs/{run['id']}/cancel")
    tape("GET", f"/threads/{where}/runs/{run['id']}")
    gate.open()
    tape("GET", f"/threads/{where}/messages")


@program
def cancelling_a_stream(tape: Tape) -> None:
    gate = Gate("response.output_item.done")
    tape.upstream.script(Turn(Text("Once upon a time", chunks=("Once", " upon", " a time")), hold=gate))
    one = assistant(tape)
    where = thread(tape, "Tell a story.")
    reader = threading.Thread(target=tape, args=("POST", f"/threads/{where}/runs", {"assistant_id": one, "stream": True}))
    reader.start()
    gate.wait_reached()
    (run,) = tape.unrecorded("GET", f"/threads/{where}/runs")["data"]
    tape("POST", f"/threads/{where}/runs/{run['id']}/cancel")
    gate.open()
    reader.join()
    tape("GET", f"/threads/{where}/runs/{run['id']}")
    tape("GET", f"/threads/{where}/messages")


@program
def failing(tape: Tape) -> None:
    tape.upstream.script(Failed("rate_limit_exceeded", "You exceeded your current quota."), Failed("server_error", "Sorry."))
    one = assistant(tape)
    where = thread(tape)
    run = tape.finish(tape("POST", f"/threads/{where}/runs", {"assistant_id": one}))
    tape("GET", f"/threads/{where}/runs/{run['id']}/steps")
    tape("POST", f"/threads/{where}/runs", {"assistant_id": one, "stream": True})


@program
def running_out(tape: Tape) -> None:
    tape.upstream.script(Turn(Text("This is the beginning of", incomplete=True)), Turn(Text("Of what", incomplete=True)))
    one = assistant(tape)
    where = thread(tape)
    tape.finish(tape("POST", f"/threads/{where}/runs", {"assistant_id": one, "max_completion_tokens": 300}))
    tape("GET", f"/threads/{where}/messages")
    tape("POST", f"/threads/{where}/runs", {"assistant_id": one, "max_completion_tokens": 300, "stream": True})


@program
def expiring(tape: Tape) -> None:
    tape.upstream.script(Turn(FunctionCall("get_weather", {"city": "Oslo"})))
    one = assistant(tape, tools=[WEATHER])
    where = thread(tape)
    run = tape.finish(tape("POST", f"/threads/{where}/runs", {"assistant_id": one}))
    tape.pass_time(700)
    tape("GET", f"/threads/{where}/runs/{run['id']}")
    (call,) = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    outputs = [{"tool_call_id": call["id"], "output": "late"}]
    tape("POST", f"/threads/{where}/runs/{run['id']}/submit_tool_outputs", {"tool_outputs": outputs}, status=400)
    tape("GET", f"/threads/{where}/runs/{run['id']}/steps")
