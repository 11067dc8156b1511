"""/threads."""

from __future__ import annotations

from compatibility.entry import DOCUMENTED, RECORDED, Chapter, Kind, Table, exact

FILE = "end_to_end/test_threads.py::test_"
DEFAULTS = FILE + "a_thread_made_of_nothing_has_the_recorded_defaults"
FIRST = FILE + "the_first_messages_of_a_thread_are_in_it_in_their_order"
RESOURCES = FILE + "a_threads_resources_are_kept"
METADATA = FILE + "a_threads_metadata_are_replaced"
DELETED = FILE + "a_deleted_thread_takes_all_that_was_in_it_with_it"
SDK = FILE + "the_sdk_makes_changes_and_deletes_threads"
SHOWN = FILE + "only_a_get_and_a_stream_show_a_thread_without_files_as_having_none"
ATTACHMENTS = "end_to_end/test_file_search.py::test_attachments_come_with_new_threads_and_with_runs"
EXPIRING = "end_to_end/test_file_search.py::test_the_store_of_a_thread_expires_seven_days_after_its_last_use"
CREATE, MODIFY = "POST /threads", "POST /threads/{thread_id}"

CHAPTER = Chapter(
    "Threads",
    (
        Table(
            Kind.ENDPOINT,
            "Endpoints",
            (
                exact(CREATE, RECORDED, DEFAULTS, FIRST),
                exact("GET /threads/{thread_id}", RECORDED, SHOWN, how="as ever, there is no list of threads"),
                exact(MODIFY, RECORDED, METADATA, SDK),
                exact(
                    "DELETE /threads/{thread_id}",
                    RECORDED,
                    DELETED,
                    "runs/test_cancel.py::test_deleting_the_thread_ends_the_run_and_its_stream",
                ),
            ),
        ),
        Table(
            Kind.PARAMETER,
            "Parameters",
            (
                exact("messages", DOCUMENTED, FIRST, ATTACHMENTS, of=CREATE, form="message[]", how="up to 100,000"),
                exact(
                    "tool_resources",
                    DOCUMENTED,
                    RESOURCES,
                    EXPIRING,
                    of=CREATE,
                    form="new tool resources",
                    how="a store made on the way expires seven days after its last use",
                ),
                exact("tool_resources", DOCUMENTED, RESOURCES, SDK, of=MODIFY, form="tool resources", how="replaced as a whole"),
                exact("metadata", DOCUMENTED, METADATA, FIRST),
            ),
            of=(CREATE, MODIFY),
        ),
        Table(
            Kind.FIELD,
            "Fields of `thread`",
            (
                exact("id", RECORDED, DEFAULTS, how="`thread_` and 24 characters"),
                exact("object", RECORDED, DEFAULTS, values="thread"),
                exact("created_at", RECORDED, DEFAULTS),
                exact("metadata", RECORDED, DEFAULTS, METADATA),
                exact(
                    "tool_resources",
                    RECORDED,
                    SHOWN,
                    RESOURCES,
                    form="tool resources",
                    how="a GET and a stream always show `code_interpreter.file_ids`, a POST only what was given",
                ),
            ),
            of=("thread",),
        ),
    ),
)
