"""/files, as far as it is answered here: for what the code interpreter made."""

from __future__ import annotations

from compatibility.entry import DOCUMENTED, INFERRED, RECORDED, REPORTED, Chapter, Kind, Table, approximate, exact

MADE = "end_to_end/test_code_interpreter.py::test_"
THERE = MADE + "generated_files_are_there_after_their_container_is_gone"
OTHERS = MADE + "all_other_files_go_through_untouched"
PAGES = MADE + "lists_have_the_generated_files_before_the_others_page_by_page"
FAILED = MADE + "a_failed_copy_is_reported_on_the_run_and_can_be_had_later"
ELSEWHERE = "any other id is passed on to the upstream as it came"

CHAPTER = Chapter(
    "Files that the code interpreter made",
    (
        Table(
            Kind.ENDPOINT,
            "Endpoints",
            (
                approximate(
                    "GET /files",
                    DOCUMENTED,
                    PAGES,
                    OTHERS,
                    how="the upstream's list with the generated files together: before the others, after them in ascending order",
                ),
                exact("GET /files/{file_id}", RECORDED, THERE, OTHERS, how=ELSEWHERE),
                exact("GET /files/{file_id}/content", RECORDED, THERE, FAILED, how=ELSEWHERE),
                exact("DELETE /files/{file_id}", RECORDED, THERE, OTHERS, how=ELSEWHERE),
            ),
        ),
        Table(
            Kind.FIELD,
            "Fields of `file`",
            (
                exact("object", RECORDED, THERE, values="file"),
                exact("id", REPORTED, THERE, how="`file-` and 24 characters"),
                exact("purpose", REPORTED, THERE, values="assistants_output"),
                exact("filename", REPORTED, THERE, how="with its folder, `/mnt/data/…`; that of an image that was only shown is inferred"),
                exact("bytes", RECORDED, THERE),
                exact("created_at", RECORDED, THERE),
                exact("expires_at", RECORDED, THERE, how="always null: they are kept until they are deleted"),
                exact("status", RECORDED, THERE, FAILED, values="processed error", how="`error` where it could not be copied"),
                exact("status_details", RECORDED, THERE, FAILED, how="why it could not be copied"),
                exact("deleted", RECORDED, THERE, how="only in the reply to a DELETE"),
            ),
            of=("file",),
        ),
        Table(
            Kind.BEHAVIOUR,
            "Behaviour",
            (
                exact(
                    "they are kept when their thread or run is gone",
                    INFERRED,
                    MADE + "files_outlive_their_thread",
                    how="in a folder beside the store, `store.db.files`, or where `Settings.files` says",
                ),
                approximate(
                    "they are copied while the run lasts",
                    REPORTED,
                    MADE + "an_event_handler_can_have_a_file_as_soon_as_it_is_told_of_it",
                    MADE + "a_download_that_breaks_off_goes_on_where_it_was",
                    MADE + "a_file_that_is_too_large_is_reported_and_nothing_of_it_stays",
                    FAILED,
                    how="up to `Settings.max_file_bytes`, 512 MiB. One that cannot be copied is told in the `last_error` of its run, "
                    "which completes all the same; asking for its content tries again while the container lives",
                ),
                approximate(
                    "they can be used as any other file",
                    DOCUMENTED,
                    MADE + "a_generated_file_can_be_given_to_the_tools_of_another_thread",
                    MADE + "a_generated_file_can_be_searched",
                    MADE + "what_code_left_in_a_container_that_expired_is_in_the_next_one",
                    how="in messages, attachments and tool resources: the upstream is given a copy then, under an id of its own that "
                    "programs do not see. Its own endpoints, `vector_stores.files` say, do not know them",
                ),
            ),
        ),
    ),
)
