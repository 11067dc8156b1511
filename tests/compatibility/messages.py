"""/threads/{thread_id}/messages."""

from __future__ import annotations

from compatibility.entry import DOCUMENTED, RECORDED, REPORTED, Chapter, Kind, Table, approximate, exact

FILE = "end_to_end/test_threads.py::test_"
FIRST = FILE + "the_first_messages_of_a_thread_are_in_it_in_their_order"
MESSAGE = "end_to_end/test_messages.py::test_"
CONTENT = MESSAGE + "a_messages_content_is_shown_as_a_list_of_parts"
OWN = MESSAGE + "a_message_of_the_programs_has_the_recorded_keys_and_defaults"
MODELS = MESSAGE + "a_models_message_names_its_assistant_and_run_and_hides_its_status"
CHANGED = MESSAGE + "a_modified_message_is_answered_with_file_ids_and_only_there"
GONE = MESSAGE + "a_deleted_message_leaves_a_stub_and_the_list"
REFUSAL = MESSAGE + "a_refusal_is_a_part_of_its_own_and_is_said_again_to_the_model"
IN_ORDER = "end_to_end/test_streaming.py::test_a_text_comes_in_the_recorded_order"
IMAGES = "end_to_end/test_request_to_the_model.py::test_images_pass_to_the_model"
SPEAKING_IMAGES = "end_to_end/test_request_to_the_model.py::test_an_image_in_an_assistants_mouth_is_told_to_the_model_in_words"
ATTACHED = "end_to_end/test_file_search.py::test_an_attachment_goes_into_a_store_made_on_the_first_need_and_the_next_one_joins_it"
ATTACHMENTS = "end_to_end/test_file_search.py::test_attachments_come_with_new_threads_and_with_runs"
CITED = "end_to_end/test_file_search.py::test_a_citation_has_its_marker_in_the_text_and_an_annotation_that_spans_it"
ECHO = "api/test_parameters.py::test_message_content_is_echoed_as_a_list_of_parts"
WRONG_BODY = "end_to_end/test_invalid_bodies.py::test_a_body_that_breaks_a_rule_is_refused_in_the_apis_words"
BROKEN_OFF = "runs/test_lifecycle.py::test_a_message_broken_off_says_why"
OUT_OF_TOKENS = "end_to_end/test_runs.py::test_a_run_that_runs_out_of_tokens_is_incomplete"
AT = "/threads/{thread_id}/messages"
SAY, LIST = f"POST {AT}", f"GET {AT}"
SHOWN_CONTENT, DELTA = "content part shown", "content part in a delta"

MADE = "end_to_end/test_code_interpreter.py::test_an_image_comes_before_the_text_and_files_are_linked_and_attached"
MADE_STREAMED = "end_to_end/test_code_interpreter.py::test_a_stream_brings_the_image_first_and_the_links_when_the_text_is_there"

CHAPTER = Chapter(
    "Messages",
    (
        Table(
            Kind.ENDPOINT,
            "Endpoints",
            (
                exact(
                    SAY,
                    RECORDED,
                    CONTENT,
                    "end_to_end/test_errors.py::test_a_thread_is_locked_while_its_run_works_and_while_it_waits_for_outputs",
                ),
                exact(LIST, RECORDED, CONTENT, "end_to_end/test_lists_and_cursors.py::test_the_sdk_reads_all_pages"),
                exact(f"GET {AT}/{{message_id}}", RECORDED, CONTENT),
                exact(
                    f"POST {AT}/{{message_id}}",
                    RECORDED,
                    CHANGED,
                    how="the reply has `file_ids` in the place of `attachments`, as recorded",
                ),
                exact(f"DELETE {AT}/{{message_id}}", RECORDED, GONE, MESSAGE + "a_deleted_message_leaves_the_models_sight"),
            ),
        ),
        Table(
            Kind.PARAMETER,
            "Parameters",
            (
                exact("run_id", DOCUMENTED, MESSAGE + "messages_can_be_listed_by_run", of=LIST, how="besides those of every list"),
                exact(
                    "metadata",
                    RECORDED,
                    MESSAGE + "metadata_stay_unless_they_are_given",
                    of=f"POST {AT}/{{message_id}}",
                    how="all there is to modify",
                ),
            ),
        ),
        Table(
            Kind.PART,
            "Parameters of a new message: on its own, in `messages`, in `additional_messages`",
            (
                exact("role", DOCUMENTED, CONTENT, WRONG_BODY, values="user assistant"),
                exact(
                    "content",
                    DOCUMENTED,
                    CONTENT,
                    WRONG_BODY,
                    form="content part[]",
                    how="a string or a list of parts; text up to 256,000 characters; text without a word is refused (inferred)",
                ),
                exact("attachments", DOCUMENTED, ATTACHED, ATTACHMENTS, form="attachment[]"),
                exact("metadata", DOCUMENTED, OWN, FIRST, "end_to_end/test_runs.py::test_additional_messages_stay_in_the_thread"),
            ),
            of=("message", SAY),
        ),
        Table(
            Kind.PART,
            "Parts of a new message's `content`",
            (
                exact("type", DOCUMENTED, CONTENT, IMAGES, values="text image_file image_url"),
                exact("text", DOCUMENTED, CONTENT),
                exact("image_file", DOCUMENTED, CONTENT),
                approximate(
                    "image_file.file_id",
                    DOCUMENTED,
                    IMAGES,
                    SPEAKING_IMAGES,
                    how="in a user's message sent as an image; the Responses API has no image in an assistant's message, so "
                    "words keep its place",
                ),
                exact(
                    "image_file.detail",
                    RECORDED,
                    ECHO,
                    IMAGES,
                    "api/test_parameters.py::test_every_detail_of_an_image_is_known",
                    values="auto low high",
                ),
                exact("image_url", DOCUMENTED, CONTENT),
                approximate(
                    "image_url.url",
                    DOCUMENTED,
                    IMAGES,
                    SPEAKING_IMAGES,
                    how="in a user's message sent as an image; the Responses API has no image in an assistant's message, so "
                    "words keep its place",
                ),
                exact(
                    "image_url.detail",
                    RECORDED,
                    ECHO,
                    IMAGES,
                    "api/test_parameters.py::test_every_detail_of_an_image_is_known",
                    values="auto low high",
                ),
            ),
            of=("content part",),
        ),
        Table(
            Kind.PART,
            "Parts of `attachments`",
            (
                exact("file_id", DOCUMENTED, ATTACHED),
                exact("tools", REPORTED, ATTACHED, WRONG_BODY),
                exact(
                    "tools[].type",
                    DOCUMENTED,
                    ATTACHED,
                    ATTACHMENTS,
                    values="code_interpreter file_search",
                    how="a file goes into the thread's store, made on the first need, or among its code interpreter files, "
                    "before the message is written",
                ),
            ),
            of=("attachment",),
        ),
        Table(
            Kind.FIELD,
            "Fields of `thread.message`",
            (
                exact("id", RECORDED, OWN, how="`msg_` and 24 characters"),
                exact("object", RECORDED, OWN, values="thread.message"),
                exact("created_at", RECORDED, OWN),
                exact("assistant_id", RECORDED, OWN, MODELS),
                exact("thread_id", RECORDED, OWN),
                exact("run_id", RECORDED, OWN, MODELS),
                exact("status", RECORDED, IN_ORDER, MODELS, how="in streams only, as recorded"),
                exact("incomplete_details", RECORDED, OUT_OF_TOKENS, how="in streams only"),
                exact("incomplete_details.reason", RECORDED, OUT_OF_TOKENS, BROKEN_OFF, how="in streams only"),
                exact("incomplete_at", RECORDED, OUT_OF_TOKENS, how="in streams only"),
                exact("completed_at", RECORDED, OUT_OF_TOKENS, how="in streams only"),
                exact("role", RECORDED, OWN, CONTENT, values="user assistant"),
                exact("content", RECORDED, CONTENT, form=f"{SHOWN_CONTENT}[]"),
                approximate(
                    "attachments",
                    REPORTED,
                    ATTACHED,
                    MADE,
                    form="attachment[]",
                    how="the program's own are shown as given; files that the code interpreter made and the text links to are listed with "
                    "ids of this store",
                ),
                exact("metadata", RECORDED, OWN),
                exact("file_ids", RECORDED, CHANGED, how="only in the reply to a modification; recorded empty, with attachments inferred"),
            ),
            of=("thread.message",),
        ),
        Table(
            Kind.PART,
            "Parts of a message's `content`, in objects and in deltas",
            (
                exact("index", RECORDED, IN_ORDER, of=DELTA),
                exact("type", RECORDED, CONTENT, REFUSAL, values="text image_file image_url refusal"),
                exact("text", RECORDED, CONTENT, IN_ORDER),
                exact("text.value", RECORDED, CONTENT, IN_ORDER),
                exact("text.annotations", RECORDED, CONTENT, IN_ORDER, CITED, form="annotation[]", of=SHOWN_CONTENT),
                exact(
                    "text.annotations",
                    RECORDED,
                    IN_ORDER,
                    form="annotation in a delta[]",
                    of=DELTA,
                    how="empty in the first delta, later only with a citation",
                ),
                exact("image_file", RECORDED, CONTENT),
                approximate(
                    "image_file.file_id",
                    REPORTED,
                    CONTENT,
                    MADE,
                    MADE_STREAMED,
                    how="an image that the code interpreter drew comes before the text; its id is this store's, and "
                    "`files.content` answers for it",
                ),
                exact(
                    "image_file.detail",
                    RECORDED,
                    CONTENT,
                    "api/test_parameters.py::test_every_detail_of_an_image_is_known",
                    values="auto low high",
                ),
                exact("image_url", RECORDED, CONTENT),
                exact("image_url.url", RECORDED, CONTENT),
                exact(
                    "image_url.detail",
                    RECORDED,
                    CONTENT,
                    "api/test_parameters.py::test_every_detail_of_an_image_is_known",
                    values="auto low high",
                ),
                exact("refusal", DOCUMENTED, REFUSAL, "end_to_end/test_streaming.py::test_a_refusal_is_told_as_one"),
            ),
            of=(SHOWN_CONTENT, DELTA),
            note="The model makes no `image_url`, so none is ever in a delta.",
        ),
        Table(
            Kind.PART,
            "Annotations",
            (
                exact(
                    "index",
                    RECORDED,
                    "end_to_end/test_file_search.py::test_a_stream_brings_the_marker_as_a_delta_of_its_own_and_the_search_as_one",
                    of="annotation in a delta",
                ),
                approximate(
                    "type",
                    RECORDED,
                    CITED,
                    MADE,
                    values="file_citation file_path",
                    how="`file_citation` as it was; `file_path` for a file that the code interpreter made",
                ),
                approximate(
                    "text",
                    RECORDED,
                    CITED,
                    how="the Responses API has no markers: `【4:0†name】` is put where it says a citation belongs. The first "
                    "number is 4 for a run's "
                    "first search and 4 more for each later one (inferred), the second the place of the file's first result",
                ),
                exact("start_index", RECORDED, CITED, how="with `end_index` spans the marker"),
                exact("end_index", RECORDED, CITED),
                exact("file_citation", RECORDED, CITED),
                exact("file_citation.file_id", RECORDED, CITED),
                exact(
                    "file_citation.quote",
                    RECORDED,
                    "end_to_end/test_file_search.py::test_a_stream_brings_the_marker_as_a_delta_of_its_own_and_the_search_as_one",
                    of="annotation in a delta",
                    how="empty, as recorded",
                ),
                approximate(
                    "file_path",
                    REPORTED,
                    MADE,
                    MADE_STREAMED,
                    how="over `sandbox:/mnt/data/…` in the text; in a stream a delta of its own when the text is there (inferred)",
                ),
                approximate("file_path.file_id", REPORTED, MADE, how="an id of this store, for which `files.content` answers"),
            ),
            of=("annotation", "annotation in a delta"),
        ),
        Table(
            Kind.VALUE,
            "`status` of a message",
            (
                exact(
                    "in_progress",
                    RECORDED,
                    IN_ORDER,
                    how="such a message can be retrieved, but is not listed until its model call is complete (inferred)",
                ),
                exact("completed", RECORDED, IN_ORDER),
                exact("incomplete", RECORDED, OUT_OF_TOKENS, how="kept with the text so far; without a word it is not listed (inferred)"),
            ),
            of=("thread.message.status",),
        ),
        Table(
            Kind.VALUE,
            "`incomplete_details.reason` of a message",
            (
                exact("max_tokens", RECORDED, OUT_OF_TOKENS),
                exact("content_filter", DOCUMENTED, "runs/test_failures.py::test_a_content_filter_leaves_message_and_run_incomplete"),
                exact("run_cancelled", DOCUMENTED, BROKEN_OFF, "runs/test_cancel.py::test_a_streams_reader_sees_it_to_the_end"),
                exact("run_expired", DOCUMENTED, BROKEN_OFF, "runs/test_expiry.py::test_a_streams_reader_is_told"),
                exact(
                    "run_failed",
                    DOCUMENTED,
                    BROKEN_OFF,
                    "runs/test_failures.py::test_a_stream_that_has_told_of_a_message_cannot_begin_it_again",
                ),
            ),
            of=("thread.message.incomplete_details.reason",),
        ),
    ),
)
