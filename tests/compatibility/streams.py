"""Events of a stream, and the deltas in them."""

from __future__ import annotations

from compatibility.entry import DOCUMENTED, RECORDED, REPORTED, Chapter, Kind, Table, approximate, exact

FILE = "end_to_end/test_streaming.py::test_"
TEXT = FILE + "a_text_comes_in_the_recorded_order"
CALLS = FILE + "function_calls_come_in_the_recorded_order_and_their_step_stays_open"
SAME = FILE + "created_and_queued_show_the_same_run_which_has_not_started"
FRAMING = FILE + "no_text_can_break_the_framing"
OUT_OF_TOKENS = "end_to_end/test_runs.py::test_a_run_that_runs_out_of_tokens_is_incomplete"
FAILED = "runs/test_failures.py::test_what_trying_again_would_not_change_is_not_tried_again"
BROKEN = "runs/test_failures.py::test_a_stream_that_has_told_of_a_message_cannot_begin_it_again"
CANCELLED = "runs/test_cancel.py::test_a_streams_reader_sees_it_to_the_end"
EXPIRED = "runs/test_expiry.py::test_a_streams_reader_is_told"
UNRECORDED = FILE + "what_recorded_deltas_lack_is_not_sent"

CHAPTER = Chapter(
    "Streams",
    (
        Table(
            Kind.EVENT,
            "Events",
            (
                exact("thread.created", RECORDED, FILE + "a_thread_made_with_its_run_is_told_first", how="with POST /threads/runs"),
                exact("thread.run.created", RECORDED, TEXT, SAME),
                exact("thread.run.queued", RECORDED, TEXT, SAME),
                exact("thread.run.in_progress", RECORDED, TEXT, SAME),
                exact("thread.run.requires_action", RECORDED, CALLS, how="ends the stream"),
                exact("thread.run.completed", RECORDED, TEXT),
                exact(
                    "thread.run.incomplete",
                    DOCUMENTED,
                    OUT_OF_TOKENS,
                    how="as described; recordings of 2024 have `thread.run.completed` there",
                ),
                exact("thread.run.failed", REPORTED, FAILED, BROKEN),
                exact("thread.run.cancelling", DOCUMENTED, CANCELLED),
                exact("thread.run.cancelled", DOCUMENTED, CANCELLED),
                exact("thread.run.expired", DOCUMENTED, EXPIRED),
                exact("thread.run.step.created", RECORDED, TEXT, CALLS),
                exact("thread.run.step.in_progress", RECORDED, TEXT, CALLS),
                exact("thread.run.step.delta", RECORDED, CALLS),
                exact(
                    "thread.run.step.completed",
                    RECORDED,
                    TEXT,
                    CALLS,
                    how="of function calls the first event of the stream that their outputs began",
                ),
                exact("thread.run.step.failed", DOCUMENTED, BROKEN),
                exact("thread.run.step.cancelled", DOCUMENTED, CANCELLED),
                exact("thread.run.step.expired", DOCUMENTED, EXPIRED),
                exact("thread.message.created", RECORDED, TEXT, SAME),
                exact("thread.message.in_progress", RECORDED, TEXT, SAME),
                exact("thread.message.delta", RECORDED, TEXT, FRAMING),
                exact("thread.message.completed", RECORDED, TEXT, FRAMING),
                exact("thread.message.incomplete", RECORDED, OUT_OF_TOKENS, CANCELLED, EXPIRED, BROKEN),
                approximate(
                    "error",
                    DOCUMENTED,
                    FAILED,
                    BROKEN,
                    how="never sent, and in no recording: what goes wrong ends the stream with `thread.run.failed`, which says why",
                ),
                exact("done", RECORDED, TEXT, how="`[DONE]`, at the end of every stream"),
            ),
        ),
        Table(
            Kind.FIELD,
            "Fields of `thread.message.delta`",
            (
                exact("id", RECORDED, TEXT),
                exact("object", RECORDED, TEXT, values="thread.message.delta"),
                exact("delta", RECORDED, TEXT),
                exact("delta.content", RECORDED, TEXT, form="content part in a delta[]"),
                exact(
                    "delta.role",
                    RECORDED,
                    UNRECORDED,
                    values="user assistant",
                    how="in the description, never on the wire; never sent here",
                ),
            ),
            of=("thread.message.delta",),
        ),
        Table(
            Kind.FIELD,
            "Fields of `thread.run.step.delta`",
            (
                exact("id", RECORDED, CALLS),
                exact("object", RECORDED, CALLS, values="thread.run.step.delta"),
                exact("delta", RECORDED, CALLS),
                exact("delta.step_details", RECORDED, CALLS),
                exact(
                    "delta.step_details.type",
                    RECORDED,
                    CALLS,
                    UNRECORDED,
                    values="message_creation tool_calls",
                    how="always `tool_calls`, as recorded",
                ),
                exact(
                    "delta.step_details.message_creation",
                    RECORDED,
                    UNRECORDED,
                    how="in the description, never on the wire; never sent here",
                ),
                exact(
                    "delta.step_details.message_creation.message_id",
                    RECORDED,
                    UNRECORDED,
                    how="in the description, never on the wire; never sent here",
                ),
                exact("delta.step_details.tool_calls", RECORDED, CALLS, form="tool call in a delta[]"),
            ),
            of=("thread.run.step.delta",),
        ),
    ),
)
