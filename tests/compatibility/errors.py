"""Refused requests and failed runs, by their sentences."""

from __future__ import annotations

from compatibility import wrong_bodies
from compatibility.entry import INFERRED, RECORDED, REPORTED, Chapter, Kind, Table, approximate, exact, impossible

OWN = "a failure that the original did not have, in words of our own"
GUESS = "it is refused likewise, but the sentence is a guess"
THERE = "end_to_end/test_errors.py::test_"
BODIES = "end_to_end/test_invalid_bodies.py::test_a_body_that_breaks_a_rule_is_refused_in_the_apis_words"
LOCKED = THERE + "a_thread_is_locked_while_its_run_works_and_while_it_waits_for_outputs"
NEVER_HAD = THERE + "what_the_api_never_had_is_refused"
UNKNOWN = THERE + "an_unknown_id_is_not_found"
FAILURES = "runs/test_failures.py::test_"
NO_RETRY = FAILURES + "what_trying_again_would_not_change_is_not_tried_again"
NO_FILE = "end_to_end/test_file_search.py::test_a_file_that_the_upstream_does_not_have_is_refused_in_its_words_and_nothing_is_written"
NO_STORE = "end_to_end/test_file_search.py::test_a_store_that_is_gone_or_expired_fails_the_run_in_clear_words"
AS_GIVEN = "end_to_end/test_file_search.py::test_an_answer_of_the_upstream_without_a_sentence_is_told_by_its_status"
CODE = "end_to_end/test_code_interpreter.py::test_"
LATER = "here the run fails with the upstream's sentence in `last_error`, where the original refused the request"

CHAPTER = Chapter(
    "Errors",
    (
        Table(
            Kind.FIELD,
            "Fields of an error",
            (
                exact("error", RECORDED, UNKNOWN),
                exact("error.message", RECORDED, UNKNOWN),
                exact("error.type", RECORDED, UNKNOWN),
                exact("error.param", RECORDED, UNKNOWN, BODIES),
                exact("error.code", RECORDED, UNKNOWN, BODIES),
            ),
            of=("error",),
        ),
        Table(
            Kind.ERROR,
            "Refused by the state of things",
            (
                exact("Can't add messages to … while a run … is active.", REPORTED, LOCKED, status=400),
                exact("Thread … already has an active run ….", REPORTED, LOCKED, status=400),
                exact(
                    "Run creation requires a Thread with a user message or an assistant with instructions.",
                    RECORDED,
                    BODIES,
                    status=400,
                    code="invalid_thread",
                ),
                exact(
                    'Runs in status "…" do not accept tool outputs.',
                    RECORDED,
                    "end_to_end/test_function_tools.py::test_outputs_are_taken_only_by_a_run_that_waits_for_them",
                    status=400,
                ),
                exact(
                    "Expected tool outputs for call_ids …, got …",
                    REPORTED,
                    "end_to_end/test_function_tools.py::test_outputs_that_are_not_those_of_the_calls_are_refused_and_may_be_sent_again",
                    how="also for unknown or repeated ids (inferred)",
                    status=400,
                ),
                exact(
                    "Cannot cancel run with status '…'.",
                    RECORDED,
                    THERE + "a_run_that_has_ended_cannot_be_cancelled",
                    "runs/test_cancel.py::test_a_run_that_is_over_cannot_be_cancelled",
                    status=400,
                ),
                exact(
                    "No … found with id '…'.",
                    RECORDED,
                    UNKNOWN,
                    how="recorded for assistants, threads and run steps; the same for messages and runs",
                    status=404,
                ),
                approximate(
                    "Thread … has reached the maximum of … messages.",
                    INFERRED,
                    "end_to_end/test_messages.py::test_a_full_thread_takes_no_more_messages",
                    how=GUESS,
                    status=400,
                ),
                exact(
                    "You must provide the 'OpenAI-Beta' header to access the Assistants API. Please try again by setting the header "
                    "'OpenAI-Beta: assistants=v2'.",
                    REPORTED,
                    THERE + "the_beta_header_is_asked_for",
                    status=400,
                    code="invalid_beta",
                ),
                approximate("Invalid URL (… …)", INFERRED, NEVER_HAD, how=GUESS, status=404),
                approximate("Not allowed to … on ….", INFERRED, NEVER_HAD, how=GUESS, status=405),
            ),
            note="The `type` is `invalid_request_error` with 4xx and `server_error` with 5xx, as recorded.",
        ),
        wrong_bodies.TABLE,
        Table(
            Kind.ERROR,
            "Refused by the upstream, or not to be done",
            (
                exact(
                    "No such File object: …",
                    RECORDED,
                    NO_FILE,
                    how="of an attachment or a new store: the upstream's own answer, and nothing is written",
                    status=404,
                ),
                approximate(
                    "The content of file … is not available. …",
                    INFERRED,
                    CODE + "a_file_whose_container_went_before_it_was_copied_is_told_to_be_gone",
                    CODE + "bytes_that_somebody_has_deleted_are_missed_aloud",
                    how="of a file that the code interpreter made; " + OWN,
                    status=404,
                ),
                approximate(
                    "… … was answered with status ….",
                    INFERRED,
                    AS_GIVEN,
                    how=OWN,
                    status=500,
                ),
                approximate(
                    "… … got no answer: ….",
                    INFERRED,
                    "end_to_end/test_file_search.py::test_an_upstream_that_cannot_be_reached_is_told_as_such_and_nothing_is_written",
                    how=OWN,
                    status=503,
                ),
                exact(
                    "The server had an error processing your request. Sorry about that! You can retry your request, or contact "
                    "us through our help "
                    "center at help.openai.com if you keep seeing this error. (Please include the request ID … in your email.)",
                    RECORDED,
                    "end_to_end/test_file_search.py::test_a_hook_that_raises_hides_neither_a_refusal_nor_itself",
                    how="an error of assistants-compat or of the program's own hooks; logged",
                    status=500,
                ),
                approximate(
                    "The store failed: ….",
                    INFERRED,
                    "store/test_database.py::test_a_store_that_fails_is_told_in_the_reply",
                    how=OWN,
                    status=503,
                ),
                approximate(
                    "Incorrect API key provided: …. You can find your API key at …",
                    RECORDED,
                    FAILURES + "a_wrong_key_fails_the_run_in_the_upstreams_words",
                    how=LATER,
                    status=401,
                    code="invalid_api_key",
                ),
                approximate(
                    "The requested model '…' cannot be used with the Assistants API.",
                    REPORTED,
                    FAILURES + "a_model_the_upstream_does_not_know",
                    how=LATER,
                    status=400,
                    code="unsupported_model",
                ),
                approximate("The model `…` does not exist", REPORTED, NO_RETRY, how=LATER, status=404, code="model_not_found"),
                approximate(
                    "Unsupported parameter: '…' is not supported with this model.",
                    REPORTED,
                    "runs/test_recovery.py::test_a_refused_parameter_is_remembered_for_its_model_and_said_once",
                    how="left out from then on, with one warning",
                    status=400,
                ),
                approximate(
                    "Cannot update run with status '…'.",
                    RECORDED,
                    "end_to_end/test_runs.py::test_a_runs_metadata_can_be_changed_in_any_state",
                    how="never said: metadata can be changed in every state (the recording is of 2023)",
                    status=400,
                ),
                approximate(
                    "Files with extensions … are not supported for retrieval.",
                    REPORTED,
                    NO_FILE,
                    how="what the upstream says when a file is put into its store is passed on",
                    status=400,
                    code="unsupported_file",
                ),
                impossible(
                    "No message file found with id '…'.",
                    RECORDED,
                    NEVER_HAD,
                    how="of the first version of the API (`assistants=v1`), whose `/files` below assistants and messages ended in 2024",
                    status=404,
                ),
            ),
        ),
        Table(
            Kind.ERROR,
            "`last_error.message` of a run",
            (
                exact(
                    "Sorry, something went wrong.",
                    REPORTED,
                    FAILURES + "a_trouble_that_does_not_pass_fails_the_run",
                    how="no connection, an answer that cannot be read, or no sentence",
                ),
                approximate(
                    "The model's server answered with status ….",
                    INFERRED,
                    NO_RETRY,
                    how=OWN,
                ),
                approximate(
                    "The model's server has no Responses API at this address: it answered with status ….",
                    INFERRED,
                    "upstreams/test_servers.py::test_a_server_without_the_responses_api_is_named_as_that",
                    how="of a server that is not OpenAI's; " + OWN,
                ),
                approximate(
                    "… answered with a web page (HTML), not with the Responses API. Is the client's base_url right, and does a proxy "
                    "before it want a sign-in?",
                    INFERRED,
                    "upstreams/test_servers.py::test_a_web_page_in_place_of_an_answer_is_named_as_that",
                    how=OWN,
                ),
                approximate(
                    "The thread's vector store … has expired. Add its files to a new one.",
                    INFERRED,
                    NO_STORE,
                    how=GUESS,
                ),
                approximate(
                    "Vector store … cannot be reached.",
                    INFERRED,
                    "end_to_end/test_file_search.py::test_a_store_that_cannot_be_reached_fails_the_run",
                    how=OWN,
                ),
                approximate(
                    "Files that the code interpreter made could not be copied out of their container: …. Asking for their content "
                    "tries again, as long as the container lives: about 20 minutes.",
                    INFERRED,
                    CODE + "a_failed_copy_is_reported_on_the_run_and_can_be_had_later",
                    how="of a run that has completed all the same; " + OWN,
                ),
                approximate(
                    "The file … is not available. …",
                    INFERRED,
                    CODE + "a_generated_file_that_is_not_here_cannot_be_given_to_anything",
                    how="of a file that the code interpreter made and that the upstream is to be given; " + OWN,
                ),
                exact(
                    "Incorrect API key provided: …",
                    RECORDED,
                    FAILURES + "a_wrong_key_fails_the_run_in_the_upstreams_words",
                    how="this and every other refusal: in the upstream's own words",
                ),
            ),
        ),
    ),
)
