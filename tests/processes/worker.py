"""A program of its own, on the SDK, that does what it is told line by line; started, watched and killed by the tests.

Reads `{"do": name, …}` from a socket and answers each with one line of JSON. Lines with "at" tell of a point that it has reached,
where it then stays. The processes are forked off one that has done nothing but import: that takes a second or two, each time.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

import openai

from assistants_compat.runs.runtime import runtime_for
from assistants_compat.seam import attach
from assistants_compat.settings import Settings

_lines: socket.socket
_out = threading.Lock()


def say(line: dict[str, Any]) -> None:
    with _out:
        _lines.sendall(json.dumps(line).encode() + b"\n")


def stay(point: str) -> None:
    """Tell, and go nowhere from here."""
    say({"at": point})
    threading.Event().wait()


class Program:
    def __init__(self, base_url: str, settings: dict[str, Any], stop_at: str) -> None:
        self.settings = Settings(**settings)
        self.base_url = base_url
        self.client = self.new_client()
        self.runtime = runtime_for(self.settings)
        getattr(self, f"stop_{stop_at}", lambda: None)()

    def new_client(self) -> openai.OpenAI:
        client = openai.OpenAI(api_key="sk-test", base_url=self.base_url, max_retries=0)
        attach(client, self.settings)
        return client

    # -- where to stop

    def stop_before_the_call(self) -> None:
        def hook(request: Any) -> None:
            if request.url.path.endswith("/responses"):
                stay("before_the_call")

        self.client._client.event_hooks["request"].append(hook)

    def stop_before_the_last_commit(self) -> None:
        from assistants_compat.store import threads

        threads.unlock = lambda *arguments: stay("before_the_last_commit")

    def stop_after_the_last_commit(self) -> None:
        from assistants_compat.runs.execution import Execution

        Execution._end_channel = lambda *arguments: stay("after_the_last_commit")  # type: ignore[method-assign]

    def stop_after_noting(self) -> None:
        """Once the id of a response in the background is in the store."""
        from assistants_compat.runs.leg import Leg

        real = Leg.note

        def note(leg: Leg) -> None:
            real(leg)
            stay("after_noting")

        Leg.note = note  # type: ignore[method-assign]

    def stop_half_cancelled(self) -> None:
        from assistants_compat.api import locks

        real = locks.look

        def look(request: Any, run: Any, run_id: str) -> Any:
            if request.path.endswith("/cancel") and run is None:
                stay("half_cancelled")
            return real(request, run, run_id)

        locks.look = look

    def stop_after_taking_over(self) -> None:
        from assistants_compat.api import locks

        locks.start = lambda *arguments: stay("after_taking_over")

    def stop_while_held(self) -> None:
        """Not a stop: it tells when it waits for a run to move."""
        real = self.runtime.moved.wait

        def wait(*arguments: Any) -> bool:
            say({"at": "held"})
            return real(*arguments)

        self.runtime.moved.wait = wait  # type: ignore[method-assign]

    # -- what to do

    def do_ask(self, text: str, tools: list[Any]) -> Any:
        assistant = self.client.beta.assistants.create(model="gpt-4o", tools=tools)
        thread = self.client.beta.threads.create(messages=[{"role": "user", "content": text}])
        return {"assistant": assistant.id, "thread": thread.id}

    def do_start(self, thread: str, assistant: str) -> Any:
        return self.client.beta.threads.runs.create(thread_id=thread, assistant_id=assistant).id

    def do_stream(self, thread: str, assistant: str) -> Any:
        """The run's id; its events are told as they come."""
        stream = iter(self.client.beta.threads.runs.create(thread_id=thread, assistant_id=assistant, stream=True))
        run_id = next(stream).data.id  # type: ignore[union-attr]

        def read() -> None:
            for event in stream:
                say({"event": event.event})

        threading.Thread(target=read, daemon=True).start()
        return run_id

    def do_get(self, thread: str, run: str) -> Any:
        return self.client.beta.threads.runs.retrieve(run, thread_id=thread).to_dict()

    def do_take_over(self, thread: str, run: str) -> Any:
        while True:
            self.do_get(thread, run)

    def do_poll(self, thread: str, run: str) -> Any:
        return self.client.beta.threads.runs.poll(run, thread_id=thread).to_dict()

    def do_submit(self, thread: str, run: str, calls: list[str]) -> Any:
        outputs: Any = [{"tool_call_id": call, "output": "Sunny"} for call in calls]
        return self.client.beta.threads.runs.submit_tool_outputs(run, thread_id=thread, tool_outputs=outputs).status

    def do_cancel(self, thread: str, run: str) -> Any:
        return self.client.beta.threads.runs.cancel(run, thread_id=thread).status

    def do_ask_again(self, thread: str, assistant: str, text: str) -> Any:
        self.client.beta.threads.messages.create(thread, role="user", content=text)
        run = self.client.beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=assistant)
        return run.to_dict()

    def do_messages(self, thread: str) -> Any:
        listed = self.client.beta.threads.messages.list(thread, order="asc", limit=100)
        return [[message.role, message.content[0].text.value] for message in listed]  # type: ignore[union-attr]

    def do_steps(self, thread: str, run: str) -> Any:
        return [step.status for step in self.client.beta.threads.runs.steps.list(run, thread_id=thread, order="asc")]

    def do_step_bodies(self, thread: str, run: str) -> Any:
        return [step.to_dict() for step in self.client.beta.threads.runs.steps.list(run, thread_id=thread, order="asc")]

    def do_message(self, thread: str, id: str) -> Any:
        return self.client.beta.threads.messages.retrieve(id, thread_id=thread).to_dict()

    def do_delete(self, thread: str, id: str) -> Any:
        return self.client.beta.threads.messages.delete(id, thread_id=thread).deleted

    def do_files(self) -> Any:
        """The files that code has made, in hexadecimal digits, by id."""
        listed = self.client.files.list(purpose="assistants_output")
        return {file.id: self.client.files.content(file.id).read().hex() for file in listed}

    def do_folder(self) -> Any:
        return str(self.runtime.blobs.folder())

    def do_write(self, threads: list[str], name: str, count: int) -> Any:
        """Messages to several threads at once, a thread of this process for each. The ids, a list for each."""
        ids: dict[str, list[str]] = {thread: [] for thread in threads}

        def write(thread: str) -> None:
            for number in range(count):
                ids[thread].append(self.client.beta.threads.messages.create(thread, role="user", content=f"{name} {number}").id)

        workers = [threading.Thread(target=write, args=(thread,)) for thread in threads]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return ids

    def do_contend(self, thread: str, assistant: str, name: str, count: int) -> Any:
        """Ask, and have it answered, `count` times against whoever else does: what was accepted, and how often something was refused."""
        messages, runs, refused = [], [], 0
        while len(runs) < count:
            try:
                text = f"{name} {len(messages)}"
                messages.append(self.client.beta.threads.messages.create(thread, role="user", content=text).id)
                run = self.client.beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=assistant)
            except openai.BadRequestError as error:
                if "active" not in str(error):
                    raise
                refused += 1
            else:
                runs.append([run.id, run.status])
        return {"messages": messages, "runs": runs, "refused": refused}

    def do_exit(self) -> Any:
        """End as programs do: without a word to its runs."""
        say({"done": None})
        sys.exit()

    def do_fork(self, thread: str, assistant: str, rounds: int) -> Any:
        """Fork again and again while other threads write; each child asks something of its own."""
        stop = threading.Event()
        busy = self.client.beta.threads.create().id

        def write() -> None:
            while not stop.is_set():
                self.client.beta.threads.messages.create(busy, role="user", content="busy")

        writers = [threading.Thread(target=write, daemon=True) for _ in range(2)]
        for writer in writers:
            writer.start()
        ended = []
        for number in range(rounds):
            child = os.fork()
            if child == 0:
                self.client = self.new_client()  # http connections are the program's own to renew
                own = self.client.beta.threads.create(messages=[{"role": "user", "content": f"child {number}"}])
                run = self.client.beta.threads.runs.create_and_poll(thread_id=own.id, assistant_id=assistant)
                self.client.beta.threads.messages.create(thread, role="user", content=f"child {number} {run.status}")
                os._exit(0)
            ended.append(os.waitpid(child, 0)[1])
        stop.set()
        for writer in writers:
            writer.join()
        self.client.beta.threads.messages.create(thread, role="user", content="parent")
        return ended

    def do_daemonize(self, thread: str) -> Any:
        """The child goes on when the parent, which had used the store before, has ended in the usual way."""
        parent_ends, parent_lives = os.pipe()
        child_writes, child_written = os.pipe()
        if os.fork():
            os.close(parent_ends)
            os.read(child_writes, 1)
            sys.exit()
        os.close(parent_lives)
        self.do_write([thread], "before", 1)
        os.write(child_written, b"x")
        os.read(parent_ends, 1)
        self.do_write([thread], "after", 1)
        say({"done": self.do_messages(thread)})
        os._exit(0)

    def write_and_see(self, thread: str) -> None:
        self.do_write([thread], "child", 3)
        seen = {text for _, text in self.do_messages(thread)}
        assert {"First", *[f"child {number}" for number in range(3)]} <= seen

    def do_multiprocess(self, thread: str) -> Any:
        import multiprocessing

        context = multiprocessing.get_context("fork")
        child = context.Process(target=self.write_and_see, args=(thread,))
        child.start()
        self.do_write([thread], "parent", 3)
        child.join()
        return child.exitcode


def work(address: str, configuration: dict[str, Any], make: Callable[..., Any]) -> None:
    global _lines
    _lines = socket.socket(socket.AF_UNIX)
    _lines.connect(address)
    say({"pid": os.getpid()})
    program = make(**configuration)
    say({"done": "ready"})
    for line in _lines.makefile():
        order = json.loads(line)
        try:
            say({"done": getattr(program, f"do_{order.pop('do')}")(**order)})
        except openai.OpenAIError as error:
            say({"done": {"error": str(error)}})


def nursery(make: Callable[..., Any] = Program) -> None:
    """Fork a process for each line of the input, and wait for none.

    Args:
        make: what does the process's orders, given its configuration.
    """
    for module in (
        "assistants_compat.api",
        "assistants_compat.seam.exchange",
        "openai.resources.beta",
        "alembic.operations",
        "alembic.script",
    ):
        importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while line := sys.stdin.readline():
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sys.stdin.close()
            work(**json.loads(line), make=make)
            return


if __name__ == "__main__":
    nursery()
