"""/threads/{thread_id}/runs and /threads/runs."""

from __future__ import annotations

from compatibility import run_fields
from compatibility.entry import DOCUMENTED, RECORDED, Chapter, Kind, Table, approximate, exact

FILE = "end_to_end/test_runs.py::test_"
DEFAULTS = FILE + "a_new_run_has_every_recorded_default_in_the_recorded_order"
COMPLETED = FILE + "a_completed_run_shows_when_and_what_it_cost"
OVERRIDE = FILE + "a_run_can_say_otherwise_and_the_assistant_stays_as_it_is"
ADDED = FILE + "additional_instructions_come_after_the_others"
MORE = FILE + "additional_messages_stay_in_the_thread"
NEW_THREAD = FILE + "a_thread_can_be_made_with_its_run"
CANCELLED = FILE + "a_cancelled_run_says_cancelling_and_then_cancelled"
METADATA = FILE + "a_runs_metadata_can_be_changed_in_any_state"
SENT = "end_to_end/test_request_to_the_model.py::test_a_runs_parameter_becomes_a_parameter_of_the_request"
FORCED = "end_to_end/test_request_to_the_model.py::test_a_tool_choice_forces_only_the_first_call_of_a_run"
LAST = "end_to_end/test_history.py::test_last_messages_are_exactly_the_last_messages"
CUT = "runs/test_truncation.py::test_a_thread_that_is_too_long_loses_its_middle_and_the_strict_upstream_takes_it"
CUT_TOO = "runs/test_truncation.py::test_the_last_messages_are_cut_too_where_they_do_not_fit"
PROMPT_BUDGET = "runs/test_truncation.py::test_a_prompt_budget_is_one_for_all_calls_of_a_run"
BUDGET = FILE + "the_token_budget_is_for_all_of_a_runs_model_calls"
QUEUED = "end_to_end/test_function_tools.py::test_outputs_queue_the_run_anew"
ORDER = "end_to_end/test_function_tools.py::test_the_model_is_given_the_outputs_in_the_order_of_its_calls"
OTHERS_OUTPUTS = "end_to_end/test_function_tools.py::test_outputs_that_are_not_those_of_the_calls_are_refused_and_may_be_sent_again"
OTHER_FORM = "end_to_end/test_function_tools.py::test_outputs_of_another_form_are_refused"
IN_ORDER = "end_to_end/test_streaming.py::test_a_text_comes_in_the_recorded_order"
CALLS_STREAMED = "end_to_end/test_streaming.py::test_function_calls_come_in_the_recorded_order_and_their_step_stays_open"
WRONG_BODY = "end_to_end/test_invalid_bodies.py::test_a_body_that_breaks_a_rule_is_refused_in_the_apis_words"
REFUSED_PARAMETER = "runs/test_recovery.py::test_a_refused_parameter_is_remembered_for_its_model_and_said_once"
REFUSED_EFFORT = "runs/test_recovery.py::test_a_reasoning_effort_that_is_refused_is_left_out"
UNKNOWN_MODEL = "runs/test_failures.py::test_a_model_the_upstream_does_not_know"
INCLUDED = "end_to_end/test_file_search.py::test_a_stream_brings_the_marker_as_a_delta_of_its_own_and_the_search_as_one"
AT = "/threads/{thread_id}/runs"
CREATE, WITH_THREAD, MODIFY = f"POST {AT}", "POST /threads/runs", f"POST {AT}/{{run_id}}"
SUBMIT = f"POST {AT}/{{run_id}}/submit_tool_outputs"
STARTS = (
    "answered at once and executed in the program's own process: what the upstream refuses (a key, a model) fails the run, "
    "where the original refused the request"
)

CHAPTER = Chapter(
    "Runs",
    (
        Table(
            Kind.ENDPOINT,
            "Endpoints",
            (
                approximate(
                    CREATE, RECORDED, DEFAULTS, "runs/test_failures.py::test_a_wrong_key_fails_the_run_in_the_upstreams_words", how=STARTS
                ),
                approximate(WITH_THREAD, RECORDED, NEW_THREAD, UNKNOWN_MODEL, how=STARTS),
                exact(f"GET {AT}", RECORDED, FILE + "runs_are_listed_newest_first"),
                exact(
                    f"GET {AT}/{{run_id}}",
                    RECORDED,
                    COMPLETED,
                    "runs/test_poll_hold.py::test_create_and_poll_gets_the_run_once",
                    how="the SDK's poll helpers are answered when the run has moved, others at once",
                ),
                approximate(
                    MODIFY, RECORDED, METADATA, how="accepted in every state; a recording of 2023 refuses it while the run is at work"
                ),
                exact(
                    f"POST {AT}/{{run_id}}/cancel",
                    RECORDED,
                    CANCELLED,
                    "runs/test_cancel.py::test_a_queued_run",
                    how="answers `cancelling`, and the next look finds `cancelled`; also of a run that is queued or waits for "
                    "outputs (inferred)",
                ),
                exact(SUBMIT, RECORDED, QUEUED, ORDER, CALLS_STREAMED),
            ),
        ),
        Table(
            Kind.PARAMETER,
            "Parameters of a new run",
            (
                exact("assistant_id", DOCUMENTED, DEFAULTS, WRONG_BODY),
                approximate(
                    "model",
                    DOCUMENTED,
                    OVERRIDE,
                    SENT,
                    UNKNOWN_MODEL,
                    how="any name is taken, and sent as it is or as `Settings.models` says; one that the upstream refuses fails the run, "
                    "where the original refused the request",
                ),
                exact("instructions", DOCUMENTED, OVERRIDE, ADDED, SENT, how="in the place of the assistant's"),
                exact(
                    "additional_instructions",
                    DOCUMENTED,
                    ADDED,
                    of=CREATE,
                    how="added after a line break (inferred); the run's `instructions` show both",
                ),
                exact("additional_messages", DOCUMENTED, MORE, WRONG_BODY, of=CREATE, form="message[]", how="stay in the thread"),
                exact("thread", DOCUMENTED, NEW_THREAD, of=WITH_THREAD, form="POST /threads"),
                exact("tools", DOCUMENTED, OVERRIDE, SENT, form="tool[]", how="in the place of the assistant's"),
                exact(
                    "tool_resources",
                    DOCUMENTED,
                    "end_to_end/test_file_search.py::test_a_run_with_a_new_thread_may_bring_resources_in_the_place_of_its_assistants",
                    of=WITH_THREAD,
                    form="tool resources",
                    how="in the place of the assistant's, beside the thread's",
                ),
                exact("metadata", DOCUMENTED, OVERRIDE),
                approximate(
                    "temperature",
                    DOCUMENTED,
                    OVERRIDE,
                    SENT,
                    REFUSED_PARAMETER,
                    how="left out where it is 1, and for a model that refuses it, with one warning",
                ),
                approximate(
                    "top_p",
                    DOCUMENTED,
                    OVERRIDE,
                    SENT,
                    REFUSED_PARAMETER,
                    how="left out where it is 1, and for a model that refuses it, with one warning",
                ),
                approximate(
                    "reasoning_effort",
                    DOCUMENTED,
                    OVERRIDE,
                    REFUSED_EFFORT,
                    "api/test_parameters.py::test_every_reasoning_effort_is_known",
                    values="none minimal low medium high xhigh max",
                    how="left out for a model that refuses it, with one warning",
                ),
                exact("response_format", DOCUMENTED, OVERRIDE, SENT, form="response format", values="auto"),
                exact("stream", DOCUMENTED, IN_ORDER),
                approximate(
                    "max_prompt_tokens",
                    DOCUMENTED,
                    PROMPT_BUDGET,
                    "runs/test_truncation.py::test_a_prompt_budget_leaves_out_what_it_cannot_pay_for",
                    how="a budget over all model calls of the run, kept with an estimate of tokens; from 1, where the "
                    "original's least was 256",
                ),
                approximate(
                    "max_completion_tokens",
                    DOCUMENTED,
                    BUDGET,
                    OVERRIDE,
                    SENT,
                    how="a budget over all model calls of the run; the Responses API counts reasoning and takes no less than 16 for a call",
                ),
                exact("truncation_strategy", DOCUMENTED, OVERRIDE, LAST, form="truncation strategy"),
                exact(
                    "tool_choice",
                    DOCUMENTED,
                    OVERRIDE,
                    FORCED,
                    form="tool choice",
                    values="none auto required",
                    how="forces only the first model call of a run (inferred)",
                ),
                exact("parallel_tool_calls", DOCUMENTED, OVERRIDE, FORCED, SENT),
                exact(
                    "include[]",
                    DOCUMENTED,
                    INCLUDED,
                    values="step_details.tool_calls[*].file_search.results[*].content",
                    how="in the query; for the events of the stream",
                ),
            ),
            of=(CREATE, WITH_THREAD),
        ),
        Table(
            Kind.PART,
            "Parts of `response_format`",
            (
                exact(
                    "type",
                    DOCUMENTED,
                    SENT,
                    "end_to_end/test_request_to_the_model.py::test_json_object_is_asked_for_where_the_word_json_is_only_in_the_instructions",
                    values="text json_object json_schema",
                    how="for `json_object` the word JSON may stand in the instructions alone, as it could",
                ),
                exact("json_schema", DOCUMENTED, SENT),
                exact("json_schema.name", DOCUMENTED, SENT),
                exact("json_schema.description", DOCUMENTED, SENT),
                exact("json_schema.schema", DOCUMENTED, SENT),
                exact("json_schema.strict", DOCUMENTED, SENT),
            ),
            of=("response format",),
        ),
        Table(
            Kind.PART,
            "Parts of `tool_choice`",
            (
                exact(
                    "type",
                    DOCUMENTED,
                    FORCED,
                    "api/test_parameters.py::test_tool_choices_come_back_as_given",
                    "end_to_end/test_file_search.py::test_a_run_searches_the_assistants_store_and_the_threads",
                    values="function file_search code_interpreter",
                ),
                exact("function", DOCUMENTED, FORCED),
                exact("function.name", DOCUMENTED, FORCED),
            ),
            of=("tool choice",),
        ),
        Table(
            Kind.PART,
            "Parts of `truncation_strategy`",
            (
                approximate(
                    "type",
                    DOCUMENTED,
                    CUT,
                    OVERRIDE,
                    "runs/test_truncation.py::test_a_request_that_the_upstream_finds_too_long_is_sent_once_more_with_less",
                    values="auto last_messages",
                    how="`auto` drops messages from the middle, as it did; which ones, nobody knew. Tokens are estimated",
                ),
                approximate(
                    "last_messages", DOCUMENTED, LAST, CUT_TOO, how="exactly so many, cut like `auto` where they do not fit the model"
                ),
            ),
            of=("truncation strategy",),
        ),
        Table(
            Kind.PARAMETER,
            "Parameters of a modification",
            (exact("metadata", DOCUMENTED, METADATA, how="all there is to modify"),),
            of=(MODIFY,),
        ),
        Table(
            Kind.PARAMETER,
            "Parameters of tool outputs",
            (
                exact("tool_outputs", DOCUMENTED, ORDER, OTHERS_OUTPUTS, OTHER_FORM, how="all at once"),
                exact("tool_outputs[].tool_call_id", DOCUMENTED, ORDER, OTHERS_OUTPUTS),
                exact(
                    "tool_outputs[].output",
                    DOCUMENTED,
                    ORDER,
                    OTHER_FORM,
                    how="text of up to 10,485,760 characters, the Responses API's limit",
                ),
                exact("stream", DOCUMENTED, CALLS_STREAMED, OTHER_FORM),
            ),
            of=(SUBMIT,),
        ),
        *run_fields.TABLES,
    ),
)
