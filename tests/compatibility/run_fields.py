"""What a run shows: its fields, and the words in them."""

from __future__ import annotations

from compatibility.entry import DOCUMENTED, INFERRED, RECORDED, REPORTED, Kind, Table, approximate, exact

FILE = "end_to_end/test_runs.py::test_"
DEFAULTS = FILE + "a_new_run_has_every_recorded_default_in_the_recorded_order"
COMPLETED = FILE + "a_completed_run_shows_when_and_what_it_cost"
OVERRIDE = FILE + "a_run_can_say_otherwise_and_the_assistant_stays_as_it_is"
INHERITED = FILE + "a_run_has_its_assistants_settings_where_it_says_nothing_or_null"
ADDED = FILE + "additional_instructions_come_after_the_others"
CANCELLED = FILE + "a_cancelled_run_says_cancelling_and_then_cancelled"
OUT_OF_TOKENS = FILE + "a_run_that_runs_out_of_tokens_is_incomplete"
METADATA = FILE + "a_runs_metadata_can_be_changed_in_any_state"
PROMPT_BUDGET = "runs/test_truncation.py::test_a_prompt_budget_is_one_for_all_calls_of_a_run"
BUDGET = FILE + "the_token_budget_is_for_all_of_a_runs_model_calls"
ACTION = "end_to_end/test_function_tools.py::test_a_run_asks_for_all_calls_of_a_response_at_once"
QUEUED = "end_to_end/test_function_tools.py::test_outputs_queue_the_run_anew"
STREAMED_RESOURCES = "end_to_end/test_streaming.py::test_runs_in_a_stream_show_a_code_interpreter_without_files_and_json_does_not"
NO_RETRY = "runs/test_failures.py::test_what_trying_again_would_not_change_is_not_tried_again"
ACTIONS = "runs/test_cancel.py::test_a_run_that_waits_for_outputs"
EXPIRED = "runs/test_expiry.py::test_a_run_that_never_ends_expires_when_somebody_looks"
CODES = "runs/test_recovery.py::test_a_run_knows_three_codes"

TABLES = (
    Table(
        Kind.FIELD,
        "Fields of `thread.run`",
        (
            exact("id", RECORDED, DEFAULTS, how="`run_` and 24 characters"),
            exact("object", RECORDED, DEFAULTS, values="thread.run"),
            exact("created_at", RECORDED, DEFAULTS),
            exact("assistant_id", RECORDED, DEFAULTS),
            exact("thread_id", RECORDED, DEFAULTS),
            exact("status", RECORDED, DEFAULTS, COMPLETED),
            exact(
                "started_at",
                RECORDED,
                COMPLETED,
                "end_to_end/test_function_tools.py::test_a_resumed_run_has_started_anew_and_expires_when_it_would_have",
                how="set anew when a run goes on after its tools",
            ),
            exact("expires_at", RECORDED, DEFAULTS, COMPLETED, how="600 seconds after creation; null once the run is over"),
            exact("cancelled_at", RECORDED, CANCELLED),
            exact("failed_at", REPORTED, NO_RETRY),
            exact("completed_at", RECORDED, COMPLETED, OUT_OF_TOKENS, EXPIRED, how="also of an incomplete or expired run"),
            exact("required_action", RECORDED, ACTION),
            exact("required_action.type", RECORDED, ACTION, values="submit_tool_outputs"),
            exact("required_action.submit_tool_outputs", RECORDED, ACTION),
            exact("required_action.submit_tool_outputs.tool_calls", RECORDED, ACTION, how="all that the model called in one response"),
            exact("required_action.submit_tool_outputs.tool_calls[].id", RECORDED, ACTION, how="as the model's server made it"),
            exact("required_action.submit_tool_outputs.tool_calls[].type", RECORDED, ACTION, values="function"),
            exact("required_action.submit_tool_outputs.tool_calls[].function", RECORDED, ACTION),
            exact("required_action.submit_tool_outputs.tool_calls[].function.name", RECORDED, ACTION),
            exact(
                "required_action.submit_tool_outputs.tool_calls[].function.arguments",
                RECORDED,
                ACTION,
                "end_to_end/test_function_tools.py::test_arguments_are_handed_on_as_the_model_wrote_them",
            ),
            exact("last_error", REPORTED, NO_RETRY),
            exact("last_error.code", DOCUMENTED, NO_RETRY, CODES),
            approximate("last_error.message", REPORTED, NO_RETRY, how="a sentence of the Responses API, in its own words"),
            exact("model", RECORDED, DEFAULTS, OVERRIDE, how="the name the program gave, whatever was sent"),
            exact("instructions", RECORDED, DEFAULTS, ADDED),
            exact("tools", RECORDED, DEFAULTS, OVERRIDE, form="tool[]"),
            exact(
                "tool_resources",
                RECORDED,
                DEFAULTS,
                STREAMED_RESOURCES,
                how="`{}` in JSON and an empty code interpreter in streams, whatever the run may use; not in the SDK's type",
            ),
            exact("tool_resources.code_interpreter", RECORDED, STREAMED_RESOURCES, how="in streams only"),
            exact("tool_resources.code_interpreter.file_ids", RECORDED, STREAMED_RESOURCES, how="in streams only, and empty"),
            exact("metadata", RECORDED, DEFAULTS, OVERRIDE, METADATA),
            exact("temperature", RECORDED, DEFAULTS, OVERRIDE),
            exact("top_p", RECORDED, DEFAULTS, OVERRIDE),
            exact("reasoning_effort", RECORDED, DEFAULTS, OVERRIDE, how="not in the SDK's type"),
            exact("max_completion_tokens", RECORDED, DEFAULTS, OVERRIDE),
            exact(
                "max_prompt_tokens",
                RECORDED,
                DEFAULTS,
                "runs/test_truncation.py::test_a_prompt_budget_leaves_out_what_it_cannot_pay_for",
            ),
            exact("truncation_strategy", RECORDED, DEFAULTS, OVERRIDE, form="truncation strategy"),
            exact("incomplete_details", RECORDED, OUT_OF_TOKENS),
            exact("incomplete_details.reason", RECORDED, OUT_OF_TOKENS),
            exact("usage", RECORDED, COMPLETED, ACTION, form="usage", how="null until the run is over"),
            exact("response_format", RECORDED, DEFAULTS, OVERRIDE, INHERITED, form="response format", values="auto"),
            exact("tool_choice", RECORDED, DEFAULTS, OVERRIDE, form="tool choice", values="none auto required"),
            exact("parallel_tool_calls", RECORDED, DEFAULTS, OVERRIDE),
        ),
        of=("thread.run",),
    ),
    Table(
        Kind.PART,
        "Parts of `usage`",
        (
            exact("prompt_tokens", RECORDED, COMPLETED),
            exact("completion_tokens", RECORDED, COMPLETED, how="reasoning included"),
            exact("total_tokens", RECORDED, COMPLETED),
            exact("prompt_token_details", RECORDED, COMPLETED, how="spelled like that on the wire; not in the SDK's type"),
            exact("prompt_token_details.cached_tokens", RECORDED, COMPLETED),
            exact("completion_tokens_details", RECORDED, COMPLETED),
            exact(
                "completion_tokens_details.reasoning_tokens",
                RECORDED,
                COMPLETED,
                "end_to_end/test_run_steps.py::test_the_tokens_of_the_steps_add_up_to_the_runs",
            ),
        ),
        of=("usage",),
    ),
    Table(
        Kind.VALUE,
        "`status` of a run",
        (
            exact("queued", RECORDED, DEFAULTS, QUEUED),
            exact("in_progress", RECORDED, "end_to_end/test_streaming.py::test_created_and_queued_show_the_same_run_which_has_not_started"),
            exact(
                "requires_action",
                RECORDED,
                ACTION,
                "end_to_end/test_errors.py::test_a_thread_is_locked_while_its_run_works_and_while_it_waits_for_outputs",
            ),
            exact(
                "cancelling",
                RECORDED,
                CANCELLED,
                how="only the answer to the cancellation says so; the run is `cancelled` at the next look",
            ),
            exact("cancelled", REPORTED, CANCELLED, ACTIONS),
            exact("completed", RECORDED, COMPLETED),
            exact("incomplete", RECORDED, OUT_OF_TOKENS),
            exact("failed", REPORTED, NO_RETRY),
            exact("expired", RECORDED, EXPIRED, "runs/test_expiry.py::test_a_run_that_waits_for_outputs_expires_too"),
        ),
        of=("thread.run.status",),
    ),
    Table(
        Kind.VALUE,
        "`last_error.code` of a run",
        (
            approximate(
                "server_error",
                REPORTED,
                NO_RETRY,
                CODES,
                how="everything the other two do not cover: also a wrong key, an unknown model, a store that is gone",
            ),
            exact(
                "rate_limit_exceeded",
                REPORTED,
                CODES,
                "runs/test_failures.py::test_a_trouble_that_does_not_pass_fails_the_run",
                how="after 429 has been tried again; an exhausted quota at once",
            ),
            approximate(
                "invalid_prompt",
                DOCUMENTED,
                CODES,
                "runs/test_truncation.py::test_a_request_that_is_still_too_long_then_fails_the_run",
                how="what the upstream calls so, and a thread that it finds too long even after cutting",
            ),
        ),
        of=("thread.run.last_error.code",),
    ),
    Table(
        Kind.VALUE,
        "`incomplete_details.reason` of a run",
        (
            exact(
                "max_completion_tokens",
                DOCUMENTED,
                OUT_OF_TOKENS,
                BUDGET,
                how="a recording of 2024 says `max_prompt_tokens` there, against the description",
            ),
            exact(
                "max_prompt_tokens",
                DOCUMENTED,
                PROMPT_BUDGET,
                "runs/test_truncation.py::test_a_prompt_budget_too_small_for_the_newest_message_makes_no_call",
            ),
            approximate(
                "content_filter",
                INFERRED,
                "runs/test_failures.py::test_a_content_filter_leaves_message_and_run_incomplete",
                how="when the upstream's filter stops an answer; the original's runs had no word for it",
            ),
        ),
        of=("thread.run.incomplete_details.reason",),
    ),
)
