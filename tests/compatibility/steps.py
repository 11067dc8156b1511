"""/threads/{thread_id}/runs/{run_id}/steps."""

from __future__ import annotations

from compatibility.entry import DOCUMENTED, RECORDED, REPORTED, Chapter, Kind, Table, approximate, exact

FILE = "end_to_end/test_run_steps.py::test_"
MESSAGE = FILE + "a_message_is_a_step"
CALLS = FILE + "a_step_of_function_calls_is_open_until_their_outputs_are_there"
SUMS = FILE + "the_tokens_of_the_steps_add_up_to_the_runs"
SDK = FILE + "the_sdk_lists_and_retrieves_steps_with_what_can_be_included"
UNRECORDED = FILE + "what_recorded_steps_lack_is_not_sent"
SEARCH = "end_to_end/test_file_search.py::test_a_step_shows_what_was_found_and_its_text_only_to_who_asks"
SEARCH_STREAMED = "end_to_end/test_file_search.py::test_a_stream_brings_the_marker_as_a_delta_of_its_own_and_the_search_as_one"
CODE = "end_to_end/test_file_search.py::test_the_code_interpreter_gets_the_files_of_assistant_and_thread_and_tells_what_it_printed"
CODE_STREAMED = "end_to_end/test_streaming.py::test_code_comes_in_the_recorded_deltas_and_then_what_it_printed"
CALLS_STREAMED = "end_to_end/test_streaming.py::test_function_calls_come_in_the_recorded_order_and_their_step_stays_open"
FAILED = "runs/test_failures.py::test_a_stream_that_has_told_of_a_message_cannot_begin_it_again"
CANCELLED = "runs/test_cancel.py::test_a_run_at_work"
EXPIRED = "runs/test_expiry.py::test_nobody_has_to_look"

AT = "/threads/{thread_id}/runs/{run_id}/steps"
LIST, RETRIEVE = f"GET {AT}", f"GET {AT}/{{step_id}}"
CONTENT = "step_details.tool_calls[*].file_search.results[*].content"

CALL, DELTA = "tool call", "tool call in a delta"

MADE = "end_to_end/test_code_interpreter.py::test_an_image_comes_before_the_text_and_files_are_linked_and_attached"
MADE_STREAMED = "end_to_end/test_code_interpreter.py::test_a_stream_brings_the_image_first_and_the_links_when_the_text_is_there"

CHAPTER = Chapter(
    "Run steps",
    (
        Table(
            Kind.ENDPOINT,
            "Endpoints",
            (
                exact(LIST, RECORDED, MESSAGE, SDK),
                exact(RETRIEVE, RECORDED, MESSAGE, SDK, FILE + "steps_are_found_only_in_their_run"),
            ),
        ),
        Table(
            Kind.PARAMETER,
            "Parameters",
            (exact("include[]", DOCUMENTED, SDK, SEARCH, values=CONTENT, how="besides those of every list"),),
            of=(LIST, RETRIEVE),
        ),
        Table(
            Kind.FIELD,
            "Fields of `thread.run.step`",
            (
                exact("id", RECORDED, MESSAGE, how="`step_` and 24 characters"),
                exact("object", RECORDED, MESSAGE, values="thread.run.step"),
                exact("created_at", RECORDED, MESSAGE),
                exact("run_id", RECORDED, MESSAGE),
                exact("assistant_id", RECORDED, MESSAGE),
                exact("thread_id", RECORDED, MESSAGE),
                exact("type", RECORDED, MESSAGE, CALLS, values="message_creation tool_calls"),
                exact("status", RECORDED, MESSAGE, CALLS),
                exact("cancelled_at", DOCUMENTED, CANCELLED),
                exact("completed_at", RECORDED, MESSAGE),
                exact(
                    "expires_at",
                    RECORDED,
                    CALLS,
                    "end_to_end/test_streaming.py::test_a_finished_step_still_shows_when_it_would_have_expired_only_in_the_stream",
                    how="on the wire instead of `expired_at`; null once the step is over, but for its last event",
                ),
                exact("expired_at", DOCUMENTED, UNRECORDED, EXPIRED, how="only of a step that has expired"),
                exact("failed_at", DOCUMENTED, "runs/test_lifecycle.py::test_an_open_step_ends_as_its_run_does"),
                exact("last_error", DOCUMENTED, "runs/test_lifecycle.py::test_an_open_step_ends_as_its_run_does", how="that of its run"),
                exact("last_error.code", DOCUMENTED, FAILED),
                exact("last_error.message", DOCUMENTED, FAILED),
                exact("step_details", RECORDED, MESSAGE, CALLS),
                exact("step_details.type", RECORDED, MESSAGE, CALLS, values="message_creation tool_calls"),
                exact("step_details.message_creation", RECORDED, MESSAGE),
                exact("step_details.message_creation.message_id", RECORDED, MESSAGE),
                exact("step_details.tool_calls", RECORDED, CALLS, form=f"{CALL}[]"),
                exact("metadata", DOCUMENTED, UNRECORDED, how="in the description, never on the wire; never sent here"),
                approximate(
                    "usage",
                    RECORDED,
                    MESSAGE,
                    SUMS,
                    form="usage",
                    how="the Responses API counts per call: the last step of a call carries its tokens, earlier ones zeros; the "
                    "sum is the run's",
                ),
            ),
            of=("thread.run.step",),
        ),
        Table(
            Kind.PART,
            "Parts of `tool_calls`, in objects and in deltas",
            (
                exact("index", RECORDED, CALLS_STREAMED, of=DELTA),
                exact("id", RECORDED, CALLS, CALLS_STREAMED, how="of a function call as the model's server made it, of others made here"),
                exact("type", RECORDED, CALLS, SEARCH, CODE, CALLS_STREAMED, values="function file_search code_interpreter"),
                exact("function", RECORDED, CALLS, CALLS_STREAMED),
                exact("function.name", RECORDED, CALLS, CALLS_STREAMED),
                exact("function.arguments", RECORDED, CALLS, CALLS_STREAMED),
                exact("function.output", RECORDED, CALLS, CALLS_STREAMED, how="null until it was submitted"),
                exact("file_search", RECORDED, SEARCH, SEARCH_STREAMED),
                exact("file_search.ranking_options", RECORDED, SEARCH, SEARCH_STREAMED),
                approximate(
                    "file_search.ranking_options.ranker",
                    RECORDED,
                    SEARCH,
                    SEARCH_STREAMED,
                    "api/test_parameters.py::test_a_tool_is_echoed_with_its_defaults_and_stays_so_when_given_back",
                    values="auto default_2024_08_21",
                    how="shown as it was asked for; the original's ranker no longer exists, and the upstream's own ranks",
                ),
                exact("file_search.ranking_options.score_threshold", RECORDED, SEARCH, SEARCH_STREAMED),
                exact("file_search.results", RECORDED, SEARCH, SEARCH_STREAMED, how="empty in the delta"),
                exact("file_search.results[].file_id", RECORDED, SEARCH, of=CALL),
                exact("file_search.results[].file_name", RECORDED, SEARCH, of=CALL),
                approximate("file_search.results[].score", RECORDED, SEARCH, of=CALL, how="of the upstream's present ranker"),
                exact("file_search.results[].attributes", RECORDED, SEARCH, of=CALL, how="on the wire, though not in the SDK's type"),
                exact("file_search.results[].content", RECORDED, SEARCH, of=CALL, how="for who asks with `include[]`"),
                exact("file_search.results[].content[].type", RECORDED, SEARCH, of=CALL, values="text"),
                exact("file_search.results[].content[].text", RECORDED, SEARCH, of=CALL),
                exact("code_interpreter", RECORDED, CODE, CODE_STREAMED),
                exact("code_interpreter.input", RECORDED, CODE, CODE_STREAMED),
                exact("code_interpreter.outputs", RECORDED, CODE, CODE_STREAMED),
                exact("code_interpreter.outputs[].index", RECORDED, CODE_STREAMED, of=DELTA),
                approximate(
                    "code_interpreter.outputs[].type",
                    RECORDED,
                    CODE,
                    MADE,
                    values="logs image",
                    how="`logs` as they were; an `image` is a file of this store",
                ),
                approximate(
                    "code_interpreter.outputs[].logs",
                    RECORDED,
                    CODE,
                    CODE_STREAMED,
                    how="the Responses API also logs the value of a bare last expression, where recordings from 2025 on have none",
                ),
                approximate("code_interpreter.outputs[].image", REPORTED, MADE, MADE_STREAMED, how="a file of this store"),
                approximate(
                    "code_interpreter.outputs[].image.file_id",
                    REPORTED,
                    MADE,
                    how="an id of this store, for which `files.content` answers",
                ),
            ),
            of=(CALL, DELTA),
        ),
        Table(
            Kind.VALUE,
            "`status` of a step",
            (
                exact("in_progress", RECORDED, CALLS),
                exact("completed", RECORDED, MESSAGE),
                exact("failed", DOCUMENTED, FAILED),
                exact("cancelled", DOCUMENTED, CANCELLED),
                exact("expired", DOCUMENTED, EXPIRED),
            ),
            of=("thread.run.step.status",),
        ),
        Table(
            Kind.VALUE,
            "`last_error.code` of a step",
            (
                exact("server_error", DOCUMENTED, FAILED),
                exact(
                    "rate_limit_exceeded",
                    DOCUMENTED,
                    "runs/test_failures.py::test_a_stream_that_has_told_of_a_message_cannot_begin_it_again",
                ),
            ),
            of=("thread.run.step.last_error.code",),
        ),
    ),
)
