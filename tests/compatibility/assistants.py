"""/assistants."""

from __future__ import annotations

from compatibility.entry import DOCUMENTED, RECORDED, Chapter, Kind, Table, approximate, exact

FILE = "end_to_end/test_assistants.py::test_"
CREATED = FILE + "a_parameter_of_a_new_assistant_is_shown_and_kept"
MODIFIED = FILE + "a_parameter_of_an_assistant_is_modified_and_nothing_else"
DEFAULTS = FILE + "an_assistant_that_names_only_a_model_has_every_recorded_default_in_the_recorded_order"
DELETED = FILE + "a_deleted_assistant_leaves_a_stub_and_is_gone"
SDK = FILE + "the_sdk_makes_changes_lists_and_deletes_assistants"
REPLACED = FILE + "tool_resources_are_replaced_as_a_whole"
LIMITS = "api/test_parameters.py::test_one_past_a_limit_of_an_assistant_is_refused"
PAGES = "end_to_end/test_lists_and_cursors.py::test_a_page_has_what_was_asked_for"
OUT_OF_RANGE = "end_to_end/test_lists_and_cursors.py::test_a_query_out_of_range_is_refused"
INHERITED = "end_to_end/test_runs.py::test_a_run_has_its_assistants_settings_where_it_says_nothing_or_null"
STORES = "end_to_end/test_file_search.py::test_the_stores_of_an_assistant_are_made_on_the_way_and_do_not_expire"

CREATE, MODIFY, LIST = "POST /assistants", "POST /assistants/{assistant_id}", "GET /assistants"

LISTS = (
    LIST,
    "GET /threads/{thread_id}/messages",
    "GET /threads/{thread_id}/runs",
    "GET /threads/{thread_id}/runs/{run_id}/steps",
)

CHAPTER = Chapter(
    "Assistants",
    (
        Table(
            Kind.ENDPOINT,
            "Endpoints",
            (
                exact(CREATE, RECORDED, CREATED, SDK),
                exact(LIST, RECORDED, SDK, PAGES),
                exact("GET /assistants/{assistant_id}", RECORDED, SDK, CREATED),
                exact(MODIFY, DOCUMENTED, MODIFIED, SDK, how="what is not given stays"),
                exact("DELETE /assistants/{assistant_id}", RECORDED, DELETED, how="its runs stay; a new run gets 404"),
            ),
        ),
        Table(
            Kind.PARAMETER,
            "Parameters",
            (
                approximate(
                    "model",
                    DOCUMENTED,
                    CREATED,
                    "runs/test_failures.py::test_a_model_the_upstream_does_not_know",
                    how="any name is taken; one that the upstream refuses fails the run, where the original refused the request",
                ),
                exact("name", DOCUMENTED, CREATED, MODIFIED, LIMITS, how="up to 256 characters"),
                exact("description", DOCUMENTED, CREATED, MODIFIED, LIMITS, how="up to 512 characters"),
                exact("instructions", DOCUMENTED, CREATED, MODIFIED, LIMITS, INHERITED, how="up to 256,000 characters"),
                exact("tools", DOCUMENTED, CREATED, MODIFIED, LIMITS, INHERITED, how="up to 128", form="tool[]"),
                exact("tool_resources", DOCUMENTED, CREATED, STORES, of=CREATE, form="new tool resources"),
                exact("tool_resources", DOCUMENTED, REPLACED, of=MODIFY, form="tool resources", how="replaced as a whole"),
                exact("metadata", DOCUMENTED, CREATED, MODIFIED, LIMITS, how="16 pairs of strings, keys up to 64 characters, values 512"),
                exact("temperature", DOCUMENTED, CREATED, MODIFIED, LIMITS, INHERITED, how="0 to 2; see the run's"),
                exact("top_p", DOCUMENTED, CREATED, MODIFIED, LIMITS, INHERITED, how="0 to 1; see the run's"),
                exact("response_format", DOCUMENTED, CREATED, MODIFIED, INHERITED, form="response format", values="auto"),
                exact(
                    "reasoning_effort",
                    DOCUMENTED,
                    CREATED,
                    MODIFIED,
                    INHERITED,
                    values="none minimal low medium high xhigh max",
                    how="see the run's",
                ),
            ),
            of=(CREATE, MODIFY),
        ),
        Table(
            Kind.PARAMETER,
            "Parameters of every list (assistants, messages, runs, run steps)",
            (
                exact("limit", DOCUMENTED, PAGES, OUT_OF_RANGE, how="1 to 100; 20 unless given"),
                exact("order", DOCUMENTED, PAGES, OUT_OF_RANGE, values="asc desc", how="`desc` unless given; by creation"),
                exact("after", RECORDED, PAGES),
                exact("before", DOCUMENTED, PAGES),
            ),
            of=LISTS,
            note="A cursor that names nothing in the list is refused with 404; nobody recorded what the original said.",
        ),
        Table(
            Kind.FIELD,
            "Fields of `assistant`",
            (
                exact("id", RECORDED, DEFAULTS, how="`asst_` and 24 characters"),
                exact("object", RECORDED, DEFAULTS, values="assistant"),
                exact("created_at", RECORDED, DEFAULTS),
                exact("name", RECORDED, DEFAULTS, CREATED),
                exact("description", RECORDED, DEFAULTS, CREATED),
                exact("model", RECORDED, DEFAULTS, CREATED, how="the name the program gave, whatever is sent"),
                exact("instructions", RECORDED, DEFAULTS, CREATED),
                exact("tools", RECORDED, DEFAULTS, CREATED, form="tool[]", how="with the original's defaults filled in"),
                exact("top_p", RECORDED, DEFAULTS, CREATED),
                exact("temperature", RECORDED, DEFAULTS, CREATED),
                exact("reasoning_effort", RECORDED, DEFAULTS, CREATED, how="on the wire, though not in the SDK's type"),
                exact(
                    "tool_resources",
                    RECORDED,
                    DEFAULTS,
                    CREATED,
                    FILE + "a_code_interpreter_shows_its_files_even_none",
                    form="tool resources",
                ),
                exact("metadata", RECORDED, DEFAULTS, CREATED),
                exact("response_format", RECORDED, DEFAULTS, CREATED, form="response format", values="auto"),
            ),
            of=("assistant",),
        ),
        Table(
            Kind.FIELD,
            "Fields of every list",
            (
                exact("object", RECORDED, PAGES, values="list"),
                exact("data", RECORDED, PAGES),
                exact("first_id", RECORDED, PAGES, how="null on an empty page"),
                exact("last_id", RECORDED, PAGES, how="null on an empty page"),
                exact("has_more", RECORDED, PAGES),
            ),
            of=("list",),
        ),
        Table(
            Kind.FIELD,
            "Fields of what a deletion answers",
            (
                exact("id", RECORDED, DELETED),
                exact("object", RECORDED, DELETED, values="assistant.deleted", of="assistant.deleted"),
                exact(
                    "object",
                    RECORDED,
                    "end_to_end/test_threads.py::test_a_deleted_thread_takes_all_that_was_in_it_with_it",
                    values="thread.deleted",
                    of="thread.deleted",
                ),
                exact(
                    "object",
                    RECORDED,
                    "end_to_end/test_messages.py::test_a_deleted_message_leaves_a_stub_and_the_list",
                    values="thread.message.deleted",
                    of="thread.message.deleted",
                ),
                exact("deleted", RECORDED, DELETED),
            ),
            of=("assistant.deleted", "thread.deleted", "thread.message.deleted"),
        ),
    ),
)
