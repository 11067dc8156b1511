"""Citations the way the Assistants API had them: annotations that span what programs replace by links of their own. Pure.

Of a searched file that is a marker, which the Responses API does not have: its citation only names the place in the text. Of a
generated file it is the link that the model wrote, `sandbox:/mnt/data/…`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Json = dict[str, Any]

Name = Callable[[Json], str]
"""From a citation of the Responses API to its marker."""

FIRST_SEARCH = 4
"""What the first search's markers begin with in recorded traffic: `【4:0†…】`. Later ones count on from there by the same step
(inferred)."""


def marker(citation: Json, searches: Sequence[Sequence[Json]]) -> str:
    """`【i:j†file】`: i stands for the search that found the file, j for the place of its first result there.

    Args:
        searches: the results of the run's file searches so far.
    """
    for number, results in reversed(list(enumerate(searches, 1))):
        for place, result in enumerate(results):
            if result["file_id"] == citation["file_id"]:
                return _marker(FIRST_SEARCH * number, place, citation)
    return _marker(FIRST_SEARCH * max(1, len(searches)), 0, citation)


def _marker(i: int, j: int, citation: Json) -> str:
    return f"【{i}:{j}†{citation.get('filename') or citation['file_id']}】"


def annotation(text: str, start: int, citation: Json) -> Json:
    """The annotation of a marker that begins at character `start`."""
    return {
        "type": "file_citation",
        "text": text,
        "start_index": start,
        "end_index": start + len(text),
        "file_citation": {"file_id": citation["file_id"]},
    }


def delta(annotation: Json, index: int) -> Json:
    """The form it has in a stream, with `index` and `quote` as recorded."""
    if annotation["type"] != "file_citation":
        return {"index": index, **annotation}
    return {"index": index, **annotation, "file_citation": {**annotation["file_citation"], "quote": ""}}


def with_markers(text: str, citations: Sequence[Json], name: Name) -> Json:
    """A finished text with all its citations put in: the `text` object of a message's content."""
    value, annotations, taken = "", [], 0
    for citation in sorted(citations, key=lambda c: int(c["index"])):
        place = min(max(int(citation["index"]), taken), len(text))
        value += text[taken:place]
        taken = place
        mark = name(citation)
        annotations.append(annotation(mark, len(value), citation))
        value += mark
    return {"value": value + text[taken:], "annotations": annotations}


def without_markers(text: Json) -> str:
    """What the model itself had said: markers are for people, and would be imitated."""
    return as_told(text)[0]


def as_told(text: Json) -> tuple[str, list[Json]]:
    """The reverse of `with_markers`: the text without its markers, and its citations as the Responses API has them.

    A marker that is not where its annotation says stays in the text.
    """
    value, told, taken = str(text["value"]), "", 0
    citations = []
    for mark in sorted(text["annotations"], key=lambda a: int(a["start_index"])):
        if mark["type"] != "file_citation":
            continue
        start, end = int(mark["start_index"]), int(mark["end_index"])
        place = len(told) + min(max(start, taken), len(value)) - taken
        if start >= taken and value[start:end] == mark["text"]:
            told, taken = told + value[taken:start], end
        citations.append(_citation(mark, place))
    return told + value[taken:], citations


def _citation(mark: Json, index: int) -> Json:
    file_id, text = str(mark["file_citation"]["file_id"]), str(mark["text"])
    name = text.rpartition("†")[2].removesuffix("】") if "†" in text and text.endswith("】") else ""
    return {"type": "file_citation", "file_id": file_id, "filename": name or file_id, "index": index}


_SANDBOX = "sandbox:"


def span(text: Json, citation: Json) -> tuple[int, int] | None:
    """Where the link to a generated file is in a text into which markers have been put; None where there is none."""
    start, end = int(citation.get("start_index") or 0), int(citation.get("end_index") or 0)
    for mark in sorted(text["annotations"], key=lambda a: int(a["start_index"])):
        if mark["type"] == "file_citation" and mark["start_index"] <= start:
            start, end = start + len(mark["text"]), end + len(mark["text"])
    value = text["value"]
    if start < end <= len(value):
        return start, end
    # A place that cannot be, but the text may have the link all the same.
    link = f"{_SANDBOX}/mnt/data/{citation.get('filename')}"
    place = value.find(link)
    return None if place < 0 else (place, place + len(link))


def linked_path(text: Json, place: tuple[int, int] | None) -> str | None:
    """The path in the container that the link names."""
    if place is None:
        return None
    link = str(text["value"][place[0] : place[1]])
    return link.removeprefix(_SANDBOX) if link.startswith(_SANDBOX) else None


def file_path(text: Json, place: tuple[int, int], file_id: str) -> Json:
    """The annotation of a link to a generated file."""
    start, end = place
    spanned = {"text": text["value"][start:end], "start_index": start, "end_index": end}
    return {"type": "file_path", **spanned, "file_path": {"file_id": file_id}}
