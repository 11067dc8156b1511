"""What is no parameter or field: how long things last, who may see them, what lies beside them."""

from __future__ import annotations

from compatibility.entry import DOCUMENTED, INFERRED, RECORDED, REPORTED, Chapter, Kind, Table, approximate, exact, impossible

LOCKED = "end_to_end/test_errors.py::test_a_thread_is_locked_while_its_run_works_and_while_it_waits_for_outputs"
HISTORY = "end_to_end/test_history.py::test_"
FILES = "end_to_end/test_file_search.py::test_"
HANDLERS = "end_to_end/test_event_handlers.py::test_"
POLLED = "runs/test_poll_hold.py::test_create_and_poll_gets_the_run_once"
GONE = "runs/test_gone_models.py::test_"
MADE = "end_to_end/test_code_interpreter.py::test_"
KILLED = "processes/test_killed.py::test_"

CHAPTER = Chapter(
    "Behaviour",
    (
        Table(
            Kind.METHOD,
            "What the SDK makes of several requests",
            (
                exact("runs.create_and_poll", DOCUMENTED, POLLED, how="its looks are answered when the run has moved"),
                exact("runs.poll", DOCUMENTED, "runs/test_poll_hold.py::test_a_run_that_another_process_executes_is_waited_for_as_well"),
                exact("runs.submit_tool_outputs_and_poll", DOCUMENTED, "runs/test_poll_hold.py::test_so_does_submit_and_poll"),
                exact(
                    "runs.stream",
                    DOCUMENTED,
                    HANDLERS + "every_callback_of_a_text_is_called_in_order",
                    how="with every callback of `AssistantEventHandler`",
                ),
                exact("runs.create_and_stream", DOCUMENTED, HANDLERS + "the_old_name_of_stream_works_too", how="the old name of `stream`"),
                exact(
                    "runs.submit_tool_outputs_stream",
                    DOCUMENTED,
                    HANDLERS + "outputs_submitted_from_within_on_event_go_on_with_a_handler_of_their_own",
                ),
                exact("threads.create_and_run_poll", DOCUMENTED, "end_to_end/test_runs.py::test_a_thread_can_be_made_with_its_run"),
                exact("threads.create_and_run_stream", DOCUMENTED, HANDLERS + "final_messages_can_be_asked_for_without_reading_the_stream"),
            ),
            note="Every other method is one request, shown with its endpoint. All are there in sync and async clients, raw and streaming.",
        ),
        Table(
            Kind.BEHAVIOUR,
            "Assistants, threads and messages",
            (
                impossible(
                    "objects made at OpenAI before 2026-08-26",
                    REPORTED,
                    "end_to_end/test_errors.py::test_an_unknown_id_is_not_found",
                    how="their ids answer 404 there, and nobody exported them; here an unknown id is not found either",
                ),
                approximate(
                    "objects belong to a project",
                    DOCUMENTED,
                    "end_to_end/test_assistants.py::test_who_has_the_store_sees_its_objects_whatever_the_key",
                    how="they belong to the store: whoever opens the file sees them, whatever the key",
                ),
                exact(
                    "a deleted message leaves the model's sight",
                    DOCUMENTED,
                    "end_to_end/test_messages.py::test_a_deleted_message_leaves_the_models_sight",
                ),
                exact(
                    "a deleted assistant's runs stay",
                    INFERRED,
                    "end_to_end/test_runs.py::test_a_run_of_a_deleted_assistant_cannot_be_made_but_its_old_runs_stay",
                    how="one at work goes on",
                ),
                approximate(
                    "a file deleted upstream leaves all resources",
                    DOCUMENTED,
                    FILES + "a_file_deleted_upstream_stays_in_tool_resources_until_it_is_taken_out",
                    how="its id stays in `tool_resources` until the program takes it out; what that means for a run is the "
                    "upstream's to say",
                ),
            ),
        ),
        Table(
            Kind.BEHAVIOUR,
            "Runs",
            (
                exact("a thread is locked while its run is active", REPORTED, LOCKED),
                exact(
                    "a run goes on when its stream is closed",
                    DOCUMENTED,
                    "end_to_end/test_streaming.py::test_a_deserted_stream_leaves_its_run_running",
                ),
                approximate(
                    "a run goes on when the program ends",
                    DOCUMENTED,
                    KILLED + "a_program_that_just_ends_leaves_its_run_at_once",
                    KILLED + "while_the_model_speaks",
                    "background/test_takeover.py::test_while_the_model_speaks",
                    how="it waits for the next request, from any process with the same store, that looks at it or its thread, "
                    "and its model call is made again; with `ASSISTANTS_COMPAT_EXECUTION=background` its answer is read on",
                ),
                exact(
                    "a run expires ten minutes after its creation",
                    RECORDED,
                    "runs/test_expiry.py::test_a_run_that_never_ends_expires_when_somebody_looks",
                    "runs/test_expiry.py::test_the_time_of_a_run_is_not_prolonged_by_its_outputs",
                ),
                approximate(
                    "a model that OpenAI has shut down",
                    INFERRED,
                    GONE + "a_run_fails_in_the_upstreams_words_with_what_to_do_after_them",
                    GONE + "a_model_that_is_gone_is_sent_as_what_openai_recommends_with_one_warning",
                    GONE + "a_model_is_warned_about_in_its_last_ninety_days",
                    how="its runs fail with the upstream's sentence, then the replacement's name and the setting that sends it; "
                    "nobody is known to have kept the original's `last_error`, here `server_error`. `Settings.models`, "
                    "a dict or `recommended`, sends another in its place ([models that no longer exist](models.md))",
                ),
                exact(
                    "a run waits up to 60 seconds for its thread's files to be indexed",
                    DOCUMENTED,
                    FILES + "a_run_waits_until_its_threads_files_are_indexed",
                ),
                exact(
                    "function calls of earlier runs are in the model's context",
                    INFERRED,
                    HISTORY + "earlier_calls_and_their_outputs_stay_in_the_models_sight",
                ),
                approximate(
                    "code interpreter calls of earlier runs are in the model's context",
                    INFERRED,
                    MADE + "the_next_run_finds_the_container_of_the_last",
                    MADE + "a_container_that_expired_between_runs_is_told_in_words_from_then_on",
                    how="as calls while their container lives, then as text: their code and what it printed",
                ),
                approximate(
                    "searches of earlier runs are in the model's context",
                    INFERRED,
                    FILES + "the_model_is_not_shown_the_markers_of_its_earlier_answers",
                    how="what was said about them is, without its markers; the searches themselves are not",
                ),
                approximate(
                    "what a run costs",
                    DOCUMENTED,
                    HISTORY + "what_was_sent_once_is_sent_again_byte_for_byte",
                    "runs/test_failures.py::test_a_passing_trouble_is_not_noticed",
                    how="the upstream bills its Responses API; each call sends the history again, the same byte for byte, so "
                    "that it is cached. After "
                    "429, 5xx and lost connections a call is made again, up to four times",
                ),
            ),
        ),
        Table(
            Kind.BEHAVIOUR,
            "Tools",
            (
                approximate(
                    "a code interpreter session lasts an hour",
                    DOCUMENTED,
                    "testing/test_containers.py::test_a_container_expires_when_nobody_looks_at_it_for_twenty_minutes",
                    how="the Responses API's container ends after 20 minutes without use; the thread goes on with a new one",
                ),
                exact(
                    "a thread's store expires seven days after its last use",
                    DOCUMENTED,
                    FILES + "the_store_of_a_thread_expires_seven_days_after_its_last_use",
                ),
                exact(
                    "a store that has expired or is gone fails the run",
                    DOCUMENTED,
                    FILES + "a_store_that_is_gone_or_expired_fails_the_run_in_clear_words",
                ),
            ),
        ),
        Table(
            Kind.BEHAVIOUR,
            "Headers, and what lies beside the Assistants API",
            (
                approximate(
                    "OpenAI-Beta: assistants=v1",
                    DOCUMENTED,
                    "end_to_end/test_errors.py::test_the_first_version_is_treated_as_the_second",
                    how="treated as v2: the first version's `file_ids` are unknown parameters",
                ),
                exact(
                    "x-request-id, openai-version and openai-processing-ms",
                    RECORDED,
                    "end_to_end/test_raw_and_streaming_responses.py::test_a_raw_response_has_the_recorded_headers_and_parses",
                ),
                exact(
                    "vector stores",
                    DOCUMENTED,
                    "ways_in/test_beta_vector_stores.py::test_it_is_another_name_of_vector_stores",
                    FILES + "an_attachment_goes_into_a_store_made_on_the_first_need_and_the_next_one_joins_it",
                    how="passed on to the upstream, `client.beta.vector_stores` included",
                ),
                exact(
                    "files",
                    DOCUMENTED,
                    MADE + "all_other_files_go_through_untouched",
                    how="passed on to the upstream, but for those that the code interpreter made",
                ),
                exact(
                    "everything else",
                    DOCUMENTED,
                    "ways_in/test_drop_in_clients.py::test_every_other_request_goes_upstream",
                    how="passed on to the upstream",
                ),
            ),
        ),
    ),
)
