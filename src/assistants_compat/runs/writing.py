"""The half of a translation that is about messages: a text comes in pieces, with citations, and becomes a message and its step. Pure.

The content of a message that follows drawn images begins with them; the parts of the text come after.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistants_compat import wire
from assistants_compat.runs import citations
from assistants_compat.runs.generated import Generated, is_shown
from assistants_compat.runs.lifecycle import break_off_message, complete_message
from assistants_compat.runs.objects import new_message
from assistants_compat.runs.transcript import Transcript
from assistants_compat.store.items import message_row

Json = dict[str, Any]


class Writing:
    """The messages of one model call, one after the other.

    Args:
        searches: what each file search of the call has found so far; it grows meanwhile.
        generated: what code has made.
    """

    def __init__(self, transcript: Transcript, searches: Sequence[Sequence[Json]], generated: Generated) -> None:
        self.transcript = transcript
        self.searches = searches
        self.generated = generated
        self.message: Json | None = None
        """The message being written, with the text so far."""
        self.ended: Json | None = None
        """A message that is written and whose completion is not yet told."""
        self._step: Json | None = None
        self._places: dict[int, int] = {}  # content_index of the upstream → index in the message's content
        self._frames: dict[int, tuple[bytes, bytes]] = {}  # of text deltas, by index

    @property
    def drafts(self) -> list[Json]:
        """The messages that are not complete in the store, with their text so far."""
        return [message for message in (self.message, self.ended) if message is not None]

    @property
    def is_open(self) -> bool:
        return self._step is not None

    def open(self, item: Json, reasoning: Sequence[Json]) -> None:
        """A message begins.

        Args:
            reasoning: bodies of the reasoning items that led to it.
        """
        transcript = self.transcript
        run = transcript.run
        message = new_message(
            run["thread_id"], "assistant", [], transcript.now(), assistant_id=run["assistant_id"], run_id=run["id"], status="in_progress"
        )
        step = transcript.begin_step("message_creation", {"message_id": message["id"]})
        self.message, self._step = message, step
        self._places, self._frames = {}, {}
        transcript.remember_reasoning(reasoning, message["id"])
        phase = {"phase": item["phase"]} if item.get("phase") else None
        transcript.change.new_items.append(message_row(message, settled=False, extra=phase))
        transcript.tell("thread.message.created", message)
        transcript.tell("thread.message.in_progress", message)
        for file_id in self.generated.take_drawn():
            self._show_image(file_id)

    def text_delta(self, content_index: int, piece: str) -> None:
        if self.message is None:
            return
        index = self._place(content_index, "text")
        if self.transcript.streaming and index in self._frames:
            before, after = self._frames[index]
            self.transcript.change.events.append(before + wire.dumps(piece) + after)
        elif self.transcript.streaming:
            self._frames[index] = self._frame(index)
            self._tell({"index": index, "type": "text", "text": {"value": piece, "annotations": []}})
        self.message["content"][index]["text"]["value"] += piece

    def refusal_delta(self, content_index: int, piece: str) -> None:
        if self.message is None:
            return
        index = self._place(content_index, "refusal")
        self.message["content"][index]["refusal"] += piece
        self._tell({"index": index, "type": "refusal", "refusal": piece})

    def annotate(self, content_index: int, citation: Json) -> None:
        """A citation of a searched file comes when the text has reached its place; one of a generated file when it is all there."""
        if self.message is None:
            return
        if citation["type"] == "file_citation":
            index = self._place(content_index, "text")
            text = self.message["content"][index]["text"]
            mark = citations.marker(citation, self.searches)
            annotation = citations.annotation(mark, len(text["value"]), citation)
            text["value"] += mark
            self._add_annotation(index, annotation, mark)
        elif citation["type"] == "container_file_citation":
            index = self._place(content_index, "text")
            made = self._cite_generated(self.message["content"][index]["text"], citation)
            if made is not None:
                self._add_annotation(index, made, "")

    def _add_annotation(self, index: int, annotation: Json, value: str) -> None:
        assert self.message is not None
        annotations = self.message["content"][index]["text"]["annotations"]
        annotations.append(annotation)
        shown = {"value": value, "annotations": [citations.delta(annotation, len(annotations) - 1)]}
        self._tell({"index": index, "type": "text", "text": shown})

    def _cite_generated(self, text: Json, citation: Json) -> Json | None:
        """Bring the file over, show or attach it, and return the annotation of its place in `text`, where it has one."""
        assert self.message is not None
        span = citations.span(text, citation)
        shown = span is None and is_shown(citation)
        file_id, new = self.generated.cited(citation, citations.linked_path(text, span), shown=shown)
        if new is not None:
            self.transcript.change.generated.append(new)
        if shown:
            if new is not None:  # its bytes were not in the call's outputs, so it comes only now
                self._show_image(file_id)
            return None
        attachment = {"file_id": file_id, "tools": [{"type": "code_interpreter"}]}
        if attachment not in self.message["attachments"]:
            self.message["attachments"].append(attachment)
        return None if span is None else citations.file_path(text, span, file_id)

    def _show_image(self, file_id: str) -> None:
        assert self.message is not None
        part = {"type": "image_file", "image_file": {"file_id": file_id}}
        self.message["content"].append(part)
        self._tell({"index": len(self.message["content"]) - 1, **part})

    def end(self, item: Json) -> None:
        """The text is complete. Its event waits for the next one, so that an answer that is all of a run is committed with it."""
        if self.message is None:
            return
        final = [part for part in item["content"] if part["type"] in ("output_text", "refusal")]
        for content_index, part in enumerate(final):
            index = self._place(content_index, "refusal" if part["type"] == "refusal" else "text")
            self.message["content"][index] = self._final(part, self.message["content"][index])
        self.ended, self.message = self.message, None

    def _final(self, part: Json, so_far: Json) -> Json:
        if part["type"] == "refusal":
            return {"type": "refusal", "refusal": part["refusal"]}
        given = part.get("annotations") or []
        cited = [a for a in given if a["type"] == "file_citation"]
        told = so_far.get("text") or {"value": "", "annotations": []}
        markers = sum(a["type"] == "file_citation" for a in told["annotations"])
        if markers == len(cited) and citations.without_markers(told) == part["text"]:
            text = told  # as the stream had it
        else:
            text = citations.with_markers(part["text"], cited, lambda c: citations.marker(c, self.searches))
        linked = [self._cite_generated(text, a) for a in given if a["type"] == "container_file_citation"]
        known = [a for a in text["annotations"] if a["type"] != "file_path"]
        return {"type": "text", "text": {**text, "annotations": [*known, *(a for a in linked if a is not None)]}}

    def settle(self, incomplete_reason: str | None = None) -> None:
        """Write the message that has ended and say so."""
        message, self.ended = self.ended, None
        if message is None:
            return
        if incomplete_reason is None:
            message = complete_message(message, self.transcript.now())
        else:
            message = break_off_message(message, "incomplete", self.transcript.now(), incomplete_reason)
        self.transcript.change.messages.append(message)
        self.transcript.tell(f"thread.message.{message['status']}", message)

    def break_off(self, incomplete_reason: str) -> None:
        """The call is over, whether or not the message had ended."""
        self.ended, self.message = self.ended or self.message, None
        self.settle(incomplete_reason)

    def close_step(self, usage: Json | None) -> None:
        step, self._step = self._step, None
        if step is not None:
            self.transcript.complete_step(step, usage)

    def _place(self, content_index: int, kind: str) -> int:
        """Where a part of the upstream's message is in ours, begun where it is new."""
        assert self.message is not None
        if content_index not in self._places:
            self._places[content_index] = len(self.message["content"])
            self.message["content"].append(
                {"type": "refusal", "refusal": ""} if kind == "refusal" else {"type": "text", "text": {"value": "", "annotations": []}}
            )
        return self._places[content_index]

    def _frame(self, index: int) -> tuple[bytes, bytes]:
        """A text delta's event without its text: most events of a run are this one, and encoding all of it takes three times as long."""
        before, _, after = self._delta({"index": index, "type": "text", "text": {"value": None}}).rpartition(b"null")
        return before, after

    def _delta(self, part: Json) -> bytes:
        assert self.message is not None
        data = {"id": self.message["id"], "object": "thread.message.delta", "delta": {"content": [part]}}
        return wire.event("thread.message.delta", data)

    def _tell(self, part: Json) -> None:
        if self.transcript.streaming:
            self.transcript.change.events.append(self._delta(part))
