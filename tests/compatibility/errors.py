"""Refused requests and failed runs, by their sentences."""

from __future__ import annotations

from compatibility.entry import DOCUMENTED, INFERRED, RECORDED, REPORTED, Chapter, Kind, Table, approximate, exact, impossible

E2E = "end_to_end/test_errors.py::test_"
BODIES = "end_to_end/test_invalid_bodies.py::test_a_body_that_breaks_a_rule_is_refused_in_the_apis_words"
NOT_JSON = "end_to_end/test_invalid_bodies.py::test_a_body_that_is_not_json_is_refused"
TABLES = "api/test_parameters.py::test_a_wrong_body_is_refused_in_the_words_of_the_api"
LOCKED = E2E + "a_thread_is_locked_while_its_run_works_and_while_it_waits_for_outputs"
NEVER_HAD = E2E + "what_the_api_never_had_is_refused"
UNKNOWN = E2E + "an_unknown_id_is_not_found"
FAILURES = "runs/test_failures.py::test_"
NO_RETRY = FAILURES + "what_trying_again_would_not_change_is_not_tried_again"
NO_FILE = "end_to_end/test_file_search.py::test_a_file_that_the_upstream_does_not_have_is_refused_in_its_words_and_nothing_is_written"
NO_STORE = "end_to_end/test_file_search.py::test_a_store_that_is_gone_or_expired_fails_the_run_in_clear_words"
AS_GIVEN = "end_to_end/test_file_search.py::test_an_answer_of_the_upstream_without_a_sentence_is_told_by_its_status"
LATER = "here the run fails, with the upstream's sentence in `last_error`, where the original refused the request"

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
                    E2E + "a_run_that_has_ended_cannot_be_cancelled",
                    "runs/test_cancel.py::test_a_run_that_is_over_cannot_be_cancelled",
                    status=400,
                ),
                exact("No … found with id '…'.", RECORDED, UNKNOWN, how="recorded for assistants, threads and run steps; the same for messages and runs", status=404),
                exact(
                    "Thread … has reached the maximum of … messages.",
                    INFERRED,
                    "end_to_end/test_messages.py::test_a_full_thread_takes_no_more_messages",
                    how="the limit is documented, its sentence unknown",
                    status=400,
                ),
                exact(
                    "You must provide the 'OpenAI-Beta' header to access the Assistants API. Please try again by setting the header "
                    "'OpenAI-Beta: assistants=v2'.",
                    REPORTED,
                    E2E + "the_beta_header_is_asked_for",
                    status=400,
                    code="invalid_beta",
                ),
                exact("Invalid URL (… …)", REPORTED, NEVER_HAD, status=404),
                exact("Not allowed to … on ….", REPORTED, NEVER_HAD, status=405),
            ),
            note="The `type` is `invalid_request_error` with 4xx and `server_error` with 5xx, as recorded.",
        ),
        Table(
            Kind.ERROR,
            "Refused for what was sent",
            (
                exact("Invalid type for '…': expected …, but got … instead.", RECORDED, BODIES, TABLES, status=400, code="invalid_type"),
                exact("Invalid type for 'body': expected an object, but got … instead.", INFERRED, BODIES, status=400, code="invalid_type"),
                exact(
                    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. "
                    "The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix "
                    "this, please contact us through our help center at help.openai.com.)",
                    REPORTED,
                    NOT_JSON,
                    status=400,
                ),
                exact("Missing required parameter: '…'.", RECORDED, BODIES, TABLES, status=400, code="missing_required_parameter"),
                exact("Unknown parameter: '…'.", REPORTED, BODIES, TABLES, status=400, code="unknown_parameter"),
                exact("Invalid value: '…'. Supported values are: ….", REPORTED, BODIES, TABLES, status=400, code="invalid_value"),
                exact("Invalid '…': '…'. Expected an ID that begins with '…'.", REPORTED, E2E + "an_id_of_another_kind_is_told_from_an_unknown_one", BODIES, how="reported for threads and assistants, the same for messages and runs; a step's id may be any text, as recorded", status=400, code="invalid_value"),
                exact("Invalid '…': … above maximum value. Expected a value <= …, but got … instead.", REPORTED, BODIES, TABLES, status=400, code="…_above_max_value"),
                exact("Invalid '…': … below minimum value. Expected a value >= …, but got … instead.", RECORDED, BODIES, TABLES, status=400, code="…_below_min_value"),
                exact("Invalid '…': string too long. Expected a string with maximum length …, but got a string with length … instead.", REPORTED, BODIES, TABLES, status=400, code="string_above_max_length"),
                exact("Invalid '…': string too short. Expected a string with minimum length 1, but got an empty string instead.", REPORTED, TABLES, status=400, code="empty_string"),
                exact("Invalid '…': string does not match pattern. Expected a string that matches the pattern '…'.", REPORTED, BODIES, TABLES, status=400, code="invalid_value"),
                exact("Invalid '…': array too long. Expected an array with maximum length …, but got an array with length … instead.", REPORTED, BODIES, TABLES, status=400, code="array_above_max_length"),
                exact("Invalid '…': array too short. Expected an array with minimum length 1, but got an empty array instead.", REPORTED, BODIES, TABLES, status=400, code="empty_array"),
                exact("Invalid '…': too many properties. Expected an object with at most … properties, but got an object with … properties instead.", REPORTED, BODIES, status=400, code="object_above_max_properties"),
                exact("Invalid property name in '…': '…...…' is too long. Expected a string with maximum length …, but got a string with length … instead.", REPORTED, BODIES, "api/test_parameters.py::test_a_long_metadata_key_is_named_by_its_ends", status=400, code="property_name_above_max_length"),
                exact("Mutually exclusive parameters: '….…' and '….…'. Ensure you are only providing one of: '…' or '…'.", INFERRED, TABLES, status=400, code="mutually_exclusive_parameters"),
                exact("Message content must be non-empty.", INFERRED, BODIES, TABLES, status=400, code="invalid_value"),
                exact("…string contains …. Expected a string of valid Unicode text.", INFERRED, "api/test_schema.py::test_text_no_store_can_keep_is_refused", how="a NUL or half a surrogate pair", status=400, code="invalid_value"),
                exact("Invalid body: nested too deeply. Expected at most … levels of nesting.", INFERRED, "api/test_schema.py::test_bottomless_nesting_that_closes_is_refused_too", how="64", status=400, code="invalid_value"),
            ),
            note="`param` names the parameter. Each sentence says in `api/refusals.py` where it comes from.",
        ),
        Table(
            Kind.ERROR,
            "Refused by the upstream, or not to be done",
            (
                exact("No such File object: …", RECORDED, NO_FILE, how="of an attachment or a new store: the upstream's own answer, and nothing is written", status=404),
                exact("… … was answered with status ….", INFERRED, AS_GIVEN, how="an upstream that refuses without a sentence; `…` are method and path", status=500),
                exact(
                    "… … got no answer: ….",
                    INFERRED,
                    "end_to_end/test_file_search.py::test_an_upstream_that_cannot_be_reached_is_told_as_such_and_nothing_is_written",
                    how="no connection to the upstream",
                    status=503,
                ),
                exact(
                    "The server had an error processing your request. Sorry about that! You can retry your request, or contact us through our help "
                    "center at help.openai.com if you keep seeing this error. (Please include the request ID … in your email.)",
                    RECORDED,
                    "end_to_end/test_file_search.py::test_a_hook_that_raises_hides_neither_a_refusal_nor_itself",
                    how="an error of assistants-compat or of the program's own hooks; logged",
                    status=500,
                ),
                exact("The store failed: ….", INFERRED, "store/test_database.py::test_a_store_that_fails_is_told_in_the_reply", how="the original had no store to fail", status=503),
                approximate("Incorrect API key provided: …. You can find your API key at …", RECORDED, FAILURES + "a_wrong_key_fails_the_run_in_the_upstreams_words", how=f"no key is asked for until a model or a store is needed; {LATER}", status=401, code="invalid_api_key"),
                approximate("The requested model '…' cannot be used with the Assistants API.", REPORTED, FAILURES + "a_model_the_upstream_does_not_know", how=f"every model of the Responses API may be used; {LATER} if there is none of that name", status=400, code="unsupported_model"),
                approximate("The model `…` does not exist", REPORTED, NO_RETRY, how=LATER, status=404, code="model_not_found"),
                approximate("Unsupported parameter: '…' is not supported with this model.", REPORTED, "runs/test_recovery.py::test_a_refused_parameter_is_remembered_for_its_model_and_said_once", how="left out from then on, with one warning", status=400),
                approximate("Cannot update run with status '…'.", RECORDED, "end_to_end/test_runs.py::test_a_runs_metadata_can_be_changed_in_any_state", how="never said: metadata can be changed in every state (the recording is of 2023)", status=400),
                approximate("Files with extensions … are not supported for retrieval.", REPORTED, NO_FILE, how="what the upstream says when a file is put into its store is passed on", status=400, code="unsupported_file"),
                impossible("No message file found with id '…'.", RECORDED, NEVER_HAD, how="of the first version of the API (`assistants=v1`), whose `/files` below assistants and messages ended in 2024", status=404),
            ),
        ),
        Table(
            Kind.ERROR,
            "`last_error.message` of a failed run",
            (
                exact("Sorry, something went wrong.", REPORTED, FAILURES + "a_trouble_that_does_not_pass_fails_the_run", how="no connection, an answer that cannot be read, or no sentence"),
                exact("The model's server answered with status ….", INFERRED, NO_RETRY, how="an upstream that refuses without a sentence"),
                exact("The thread's vector store … has expired. Add its files to a new one.", INFERRED, NO_STORE, how="that such a run fails is documented, the sentence unknown"),
                exact("Vector store … cannot be reached.", INFERRED, "end_to_end/test_file_search.py::test_a_store_that_cannot_be_reached_fails_the_run", how="and the upstream gave no sentence"),
                exact("Incorrect API key provided: …", RECORDED, FAILURES + "a_wrong_key_fails_the_run_in_the_upstreams_words", how="this and every other refusal: in the upstream's own words"),
            ),
        ),
    ),
)
