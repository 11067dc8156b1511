"""Cassettes as recorders write them, and what of them is read."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zlib
from pathlib import Path
from typing import Any

import httpx
import pytest
import vcr
import yaml

from assistants_compat.cassettes import CassetteError, Exchange, NotACassette, cassettes_below, read
from assistants_compat.testing import OfflineUpstream, Text

REPLY = {"id": "thread_1", "object": "thread", "metadata": {"city": "Tromsø"}}


def interaction(**response: Any) -> dict[str, Any]:
    """As vcrpy writes one, with the response's body as given."""
    return {
        "request": {
            "method": "POST",
            "uri": "https://api.openai.com/v1/threads?x=1",
            "body": '{"messages": []}',
            "headers": {"OpenAI-Beta": ["assistants=v2"]},
        },
        "response": {
            **({} if "status_code" in response else {"status": {"code": 200, "message": "OK"}}),
            "headers": {"Content-Type": ["application/json"]},
            **response,
        },
    }


def from_text(text: str | bytes, name: str = "c.yaml") -> list[Exchange]:
    return list(read(io.BytesIO(text.encode() if isinstance(text, str) else text), name))


def one(value: Any) -> Exchange:
    """The only exchange of a YAML cassette with this interaction."""
    (exchange,) = from_text(yaml.dump({"interactions": [value], "version": 1}))
    return exchange


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_what_vcrpy_records_is_read_back_with_its_stream(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"c.{form}"
    upstream = OfflineUpstream([Text("Blåbær, jordbær.", chunks=("Blåbær,", " jordbær."))])
    body = {"model": "gpt-4o", "input": "Hi", "stream": True}
    with upstream.serve() as base_url, vcr.use_cassette(str(path), serializer=form), httpx.Client() as client:
        said = client.post(f"{base_url}/responses", json=body, headers={"Authorization": "Bearer sk-x"})
        client.get(f"{base_url}/models/nothing", headers={"Authorization": "Bearer sk-x"})
    streamed, missing = read(path)
    assert (streamed.method, streamed.path, streamed.status) == ("POST", "/v1/responses", 200)
    assert streamed.request_json() == body
    assert streamed.is_stream
    assert streamed.response_body == said.content
    events = streamed.response_events()
    assert [event.name for event in events][:2] == ["response.created", "response.in_progress"]
    assert "".join(event.data["delta"] for event in events if event.name == "response.output_text.delta") == "Blåbær, jordbær."
    assert (missing.method, missing.status, missing.is_stream) == ("GET", 404, False)
    assert missing.response_json()["error"]["code"] == "model_not_found"
    assert missing.place == "interaction 2"


BODIES = {
    "text": {"body": {"string": json.dumps(REPLY, ensure_ascii=False)}},
    "bytes": {"body": {"string": json.dumps(REPLY).encode()}},
    "base64 of Ruby's": {"body": {"encoding": "ASCII-8BIT", "base64_string": base64.b64encode(json.dumps(REPLY).encode()).decode()}},
    "content of older vcrpy on httpx": {"status_code": 200, "content": json.dumps(REPLY)},
    "JSON beside the body": {"parsed_body": REPLY},
    "JSON itself": {"body": REPLY},
    "gzip": {
        "headers": {"Content-Encoding": ["gzip"]},
        "body": {"string": gzip.compress(json.dumps(REPLY).encode())},
    },
    "deflate": {"headers": {"Content-Encoding": ["deflate"]}, "body": {"string": zlib.compress(json.dumps(REPLY).encode())}},
    "deflate without a header": {
        "headers": {"Content-Encoding": ["deflate"]},
        "body": {"string": zlib.compress(json.dumps(REPLY).encode(), wbits=-15)},
    },
    "decoded, but its header kept": {"headers": {"Content-Encoding": ["gzip"]}, "body": {"string": json.dumps(REPLY)}},
    "brotli decoded, but its header kept": {"headers": {"Content-Encoding": ["br"]}, "body": {"string": json.dumps(REPLY)}},
}


@pytest.mark.parametrize("response", BODIES.values(), ids=BODIES)
def test_a_body_is_read_in_whatever_form_it_was_written(response: dict[str, Any]) -> None:
    exchange = one(interaction(**response))
    assert exchange.response_json() == REPLY
    assert (exchange.path, exchange.query, exchange.status) == ("/v1/threads", "x=1", 200)
    assert exchange.request_headers == {"openai-beta": "assistants=v2"}


def test_bodies_that_were_files_and_iterators_are_read_and_nothing_is_executed() -> None:
    text = """
interactions:
- request:
    method: post
    uri: https://api.openai.com/v1/files
    body: !!python/object/new:_io.BytesIO
      state: !!python/tuple
      - !!binary |
        aGVsbG8=
      - 0
      - null
    headers: {}
  response: &reply
    status: {code: 200}
    body: {string: '{}'}
- request:
    method: POST
    uri: https://api.openai.com/v1/files
    body: !!python/object/apply:builtins.iter
      args: [[!!binary "aGVs", !!binary "bG8="]]
      state: 0
  response: *reply
"""
    assert [exchange.request_body for exchange in from_text(text)] == [b"hello", b"hello"]
    with pytest.raises(CassetteError, match="line 3: not YAML that can be read"):
        from_text("interactions:\n- request:\n    body: !!python/object/apply:os.system ['true']\n")


def test_older_forms_of_vcrpy_are_read() -> None:
    flat = """
- request: !!python/object:vcr.request.Request
    method: GET
    protocol: https
    host: api.openai.com
    port: 443
    path: /v1/threads/thread_1
    headers: !!python/object/apply:__builtin__.frozenset
    - - !!python/tuple [openai-beta, assistants=v1]
    body: null
  response:
    status: {code: 404, message: Not Found}
    headers: ["content-type: application/json\\r\\n"]
    body: {string: !!python/unicode '{}'}
"""
    (exchange,) = from_text(flat)
    assert (exchange.url, exchange.status) == ("https://api.openai.com/v1/threads/thread_1", 404)
    assert exchange.request_headers == {"openai-beta": "assistants=v1"}
    assert exchange.response_headers == {"content-type": "application/json"}


def test_rubys_vcr_is_read() -> None:
    text = """---
http_interactions:
- request:
    method: get
    uri: https://api.openai.com/v1/assistants/asst_1
    body: {encoding: US-ASCII, base64_string: ''}
    headers: {Openai-Beta: [assistants=v2]}
  response:
    status: {code: 200, message: OK}
    headers: {Content-Type: [application/json]}
    body: {encoding: ASCII-8BIT, string: !binary "e30="}
  recorded_at: Sun, 14 Jul 2024 10:00:00 GMT
recorded_with: VCR 6.1.0
"""
    (exchange,) = from_text(text)
    assert (exchange.method, exchange.request_json(), exchange.response_json()) == ("GET", None, {})


def lines() -> list[dict[str, Any]]:
    first = {"method": "POST", "url": "https://api.openai.com/v1/threads", "beta": "assistants=v2", "request": {}, "status": 200}
    second = {**first, "source": "b.yml", "response": {"__sse__": [["thread.created", REPLY], ["done", "[DONE]"]]}}
    return [{**first, "source": "a.yml", "response": REPLY}, second]


def test_json_lines_are_read_with_their_streams() -> None:
    plain, streamed = from_text("\n".join(map(json.dumps, lines())), "c.jsonl")
    assert (plain.source, plain.place, plain.response_json()) == ("a.yml", "line 1", REPLY)
    assert plain.request_headers["openai-beta"] == "assistants=v2"
    assert streamed.is_stream
    assert streamed.response_events() == [("thread.created", REPLY), ("done", "[DONE]")]


def test_keys_of_json_keep_their_order() -> None:
    (plain, _) = from_text("\n".join(map(json.dumps, lines())), "c.jsonl")
    assert list(plain.response_json()) == list(REPLY)


def test_events_are_read_as_the_standard_says() -> None:
    body = ': a comment\r\nevent: a\r\ndata: {\r\ndata: }\r\n\r\ndata: [DONE]\rid: 7\r\revent: thread.created\ndata:{"id": 1}'
    exchange = one(interaction(headers={"Content-Type": ["text/event-stream; charset=utf-8"]}, body={"string": body}))
    assert exchange.response_events() == [("a", {}), ("message", "[DONE]"), ("thread.created", {"id": 1})]


class Endless(io.RawIOBase):
    """A YAML cassette that goes on; it counts what was taken of it."""

    taken = 0
    _item = yaml.dump([interaction(body={"string": "{}"})]).encode()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        self.taken += 1
        return (b"interactions:\n" if self.taken == 1 else b"") + self._item

    def readline(self, size: int | None = -1) -> bytes:
        self.taken += 1
        return b"interactions:\n"


def test_an_interaction_of_yaml_is_given_before_the_next_ones_are_read() -> None:
    stream = Endless()
    exchanges = read(stream)  # type: ignore[arg-type]
    assert [next(exchanges).status for _ in range(200)] == [200] * 200
    assert stream.taken < 1000


def test_json_lines_are_read_line_by_line() -> None:
    stream = io.BytesIO("\n".join(map(json.dumps, [*lines(), *lines()])).encode() + b"\nnot JSON\n")
    exchanges = read(stream, "c.jsonl")
    assert next(exchanges).place == "line 1"
    assert len([next(exchanges) for _ in range(3)]) == 3
    with pytest.raises(CassetteError, match=r"^c\.jsonl, line 5: not JSON \("):
        next(exchanges)


BROKEN = {
    "an interaction without a response": (
        [{"request": {"method": "GET", "uri": "https://x/y"}}],
        "c.yaml, interaction 1: it has no response.",
    ),
    "an interaction that is a text": (["no"], "c.yaml, interaction 1: it is a text, not an interaction."),
    "a request without a uri": ([{"request": {}, "response": {}}], "c.yaml, interaction 1: its request has no uri."),
    "a status that is none": (
        [interaction(status={"code": 999})],
        "c.yaml, interaction 1: its response has no status that HTTP knows (999).",
    ),
    "base64 that is none": (
        [interaction(body={"base64_string": "%"})],
        "c.yaml, interaction 1: its base64_string is not base64.",
    ),
    "gzip that breaks off": (
        [interaction(headers={"content-encoding": ["gzip"]}, body={"string": gzip.compress(b"x" * 99)[:-9]})],
        "c.yaml, interaction 1: its compressed body is cut off.",
    ),
    "an encoding nobody knows": (
        [interaction(headers={"content-encoding": ["dcb"]}, body={"string": b"\xff\x00"})],
        "c.yaml, interaction 1: its body has the Content-Encoding 'dcb', which is not known here.",
    ),
}


@pytest.mark.parametrize(("interactions", "message"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_read_is_said_with_its_place(interactions: list[Any], message: str) -> None:
    with pytest.raises(CassetteError) as caught:
        from_text(yaml.dump({"interactions": interactions}))
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["", "\n\n", "a: 1\n", "{}", "[1]", '{"version": 1}', "just words\n", "# nothing\n"])
def test_a_file_without_traffic_is_not_a_cassette(text: str) -> None:
    with pytest.raises(NotACassette):
        from_text(text)


@pytest.mark.parametrize(
    "text",
    ["interactions: [\n", "a: b: c\n", '{"interactions": [', "interactions:\n- !!timestamp no\n", "interactions:\n- !!bool no\n", "\x00"],
)
def test_broken_files_are_told_without_a_traceback(text: str) -> None:
    with pytest.raises(CassetteError, match=r"^c\.yaml"):
        from_text(text)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match="No such file or directory"):
        list(read(tmp_path / "none.yaml"))


def test_cassettes_are_found_in_folders_in_order(tmp_path: Path) -> None:
    for name in ("b/two.yml", "a.YAML", "c.jsonl", "notes.md", ".git/x.yaml", "b/one.json"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    found = [path.relative_to(tmp_path).as_posix() for path in cassettes_below(tmp_path)]
    assert found == ["a.YAML", "c.jsonl", "b/one.json", "b/two.yml"]


def test_without_pyyaml_yaml_is_told_what_to_install_and_json_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    assert len(from_text("\n".join(map(json.dumps, lines())), "c.jsonl")) == 2
    with pytest.raises(CassetteError, match=r"pip install 'assistants-compat\[cassettes\]'"):
        from_text("interactions: []\n")
