"""Reading server-sent events, in whatever pieces they come. Pure."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistants_compat.runs.sse import Decoder

EVENTS = st.lists(
    st.dictionaries(st.text(max_size=8), st.text(max_size=30) | st.integers() | st.none() | st.lists(st.text(max_size=5)), max_size=4),
    max_size=6,
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def encoded(events: list[Any], end: str, *, names: bool = True, ascii: bool = False) -> bytes:
    blocks = []
    for event in events:
        lines = [*(["event: something"] if names else []), f"data: {json.dumps(event, ensure_ascii=ascii)}", "", ""]
        blocks.append(end.join(lines))
    return "".join(blocks).encode("utf-8", "surrogatepass")


@given(EVENTS, ENDS, st.booleans(), st.data())
def test_any_chunks_give_the_same_events(events: list[Any], end: str, names: bool, data: st.DataObject) -> None:
    stream = encoded(events, end, names=names)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    decoder, decoded = Decoder(), []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        decoded += decoder.feed(stream[start:stop])
    assert decoded == events


@given(EVENTS, ENDS)
def test_byte_by_byte(events: list[Any], end: str) -> None:
    decoder, decoded = Decoder(), []
    for byte in encoded(events, end):
        decoded += decoder.feed(bytes([byte]))
    assert decoded == events


def test_an_event_comes_as_soon_as_it_is_complete() -> None:
    decoder = Decoder()
    assert decoder.feed(b'event: a\ndata: {"n": 1}\n') == []
    assert decoder.feed(b"\n") == [{"n": 1}]
    assert decoder.feed(b'data: {"n": 2}\n\ndata: {"n"') == [{"n": 2}]
    assert decoder.feed(b": 3}\n\n") == [{"n": 3}]


def test_data_over_several_lines_is_one_event() -> None:
    assert Decoder().feed(b'data: {"a":\ndata: 1}\n\n') == [{"a": 1}]


def test_the_space_after_the_colon_is_optional() -> None:
    assert Decoder().feed(b'data:{"a": 1}\n\n') == [{"a": 1}]


def test_comments_names_ids_and_the_done_of_other_apis_are_no_events() -> None:
    assert Decoder().feed(b": ping\n\nevent: ping\nid: 7\nretry: 10\n\ndata: [DONE]\n\n\n\n") == []


@pytest.mark.parametrize("data", [b"{", b"nonsense", b"[1]", b'"text"', b"42", b"null", b"\xff"])
def test_data_that_is_no_object_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Decoder().feed(b"data: " + data + b"\n\n")


@pytest.mark.timeout(20)
def test_a_large_event_in_small_pieces_takes_no_time_to_speak_of() -> None:
    """The API sends an answer's whole text more than once; two megabytes in pieces of four kilobytes."""
    stream = encoded([{"text": "x" * 2_000_000}], "\n")
    decoder, decoded = Decoder(), []
    for start in range(0, len(stream), 4096):
        decoded += decoder.feed(stream[start : start + 4096])
    assert decoded == [{"text": "x" * 2_000_000}]
