"""Tools and what they may use."""

from __future__ import annotations

from compatibility.entry import DOCUMENTED, RECORDED, Chapter, Kind, Table, approximate, exact

ECHO = "api/test_parameters.py::test_a_tool_is_echoed_with_its_defaults_and_stays_so_when_given_back"
SENT = "end_to_end/test_request_to_the_model.py::test_a_runs_parameter_becomes_a_parameter_of_the_request"
FILES = "end_to_end/test_file_search.py::test_"
SEARCHED = FILES + "a_run_searches_the_assistants_store_and_the_threads"
CODE = FILES + "the_code_interpreter_gets_the_files_of_assistant_and_thread_and_tells_what_it_printed"
MADE = FILES + "the_stores_of_an_assistant_are_made_on_the_way_and_do_not_expire"
STRATEGIES = "api/test_parameters.py::test_vector_stores_can_be_made_on_the_way"
STORE_SENT = FILES + "a_store_made_on_the_way_has_everything_that_was_asked_for"
ONE_PAST = "api/test_parameters.py::test_one_past_a_limit_of_an_assistant_is_refused"
KEPT = "end_to_end/test_threads.py::test_a_threads_resources_are_kept"

RANKER = "shown as it was asked for; the original's ranker no longer exists, and the upstream's own ranks"

CHAPTER = Chapter(
    "Tools",
    (
        Table(
            Kind.PART,
            "Parts of `tools`",
            (
                exact("type", DOCUMENTED, ECHO, SENT, SEARCHED, values="code_interpreter file_search function"),
                exact("function", DOCUMENTED, ECHO, SENT),
                exact("function.name", DOCUMENTED, ECHO, SENT, ONE_PAST, how="up to 64 letters, digits, `_` and `-`"),
                exact("function.description", DOCUMENTED, ECHO, SENT),
                exact("function.parameters", DOCUMENTED, ECHO, SENT),
                exact(
                    "function.strict",
                    RECORDED,
                    ECHO,
                    SENT,
                    how="sent as false unless set, or the Responses API would make the schema strict",
                ),
                exact(
                    "file_search",
                    DOCUMENTED,
                    ECHO,
                    SEARCHED,
                    FILES + "a_search_without_a_store_is_told_once_and_left_out",
                    how="without a store anywhere it is left out, with one warning",
                ),
                exact("file_search.max_num_results", DOCUMENTED, ECHO, SEARCHED, ONE_PAST, how="1 to 50"),
                exact("file_search.ranking_options", DOCUMENTED, ECHO, SEARCHED),
                approximate("file_search.ranking_options.ranker", RECORDED, ECHO, SEARCHED, values="auto default_2024_08_21", how=RANKER),
                approximate(
                    "file_search.ranking_options.score_threshold",
                    RECORDED,
                    ECHO,
                    SEARCHED,
                    ONE_PAST,
                    how="sent on; the scores it cuts are those of the upstream's present ranker",
                ),
                exact(
                    "file_search.ranking_options.hybrid_search",
                    RECORDED,
                    ECHO,
                    FILES + "weights_of_a_hybrid_search_are_sent_on",
                    how="on the wire, though not in the SDK's type",
                ),
            ),
            of=("tool",),
            note="The code interpreter has no options. Its container ends after 20 minutes without use, where the original's "
            "session lasted an hour.",
        ),
        Table(
            Kind.PART,
            "Parts of `tool_resources`",
            (
                exact("code_interpreter", DOCUMENTED, CODE, KEPT),
                exact(
                    "code_interpreter.file_ids",
                    DOCUMENTED,
                    CODE,
                    KEPT,
                    ONE_PAST,
                    how="up to 20; the assistant's and the thread's go into the container together",
                ),
                exact("file_search", DOCUMENTED, SEARCHED, KEPT),
                exact(
                    "file_search.vector_store_ids",
                    DOCUMENTED,
                    SEARCHED,
                    KEPT,
                    ONE_PAST,
                    how="at most one; the assistant's and the thread's are searched together",
                ),
                exact(
                    "file_search.vector_stores",
                    DOCUMENTED,
                    MADE,
                    of="new tool resources",
                    how="at most one; made upstream with the program's key, and its id shown",
                ),
                exact(
                    "file_search.vector_stores[].file_ids",
                    DOCUMENTED,
                    MADE,
                    STORE_SENT,
                    ONE_PAST,
                    of="new tool resources",
                    how="up to 10,000",
                ),
                exact("file_search.vector_stores[].chunking_strategy", DOCUMENTED, STRATEGIES, STORE_SENT, of="new tool resources"),
                exact(
                    "file_search.vector_stores[].chunking_strategy.type",
                    DOCUMENTED,
                    STRATEGIES,
                    STORE_SENT,
                    values="auto static",
                    of="new tool resources",
                ),
                exact("file_search.vector_stores[].chunking_strategy.static", DOCUMENTED, STRATEGIES, STORE_SENT, of="new tool resources"),
                exact(
                    "file_search.vector_stores[].chunking_strategy.static.max_chunk_size_tokens",
                    DOCUMENTED,
                    STORE_SENT,
                    ONE_PAST,
                    of="new tool resources",
                    how="100 to 4,096",
                ),
                exact(
                    "file_search.vector_stores[].chunking_strategy.static.chunk_overlap_tokens",
                    DOCUMENTED,
                    STORE_SENT,
                    ONE_PAST,
                    of="new tool resources",
                    how="at most half of that",
                ),
                exact("file_search.vector_stores[].metadata", DOCUMENTED, STRATEGIES, STORE_SENT, of="new tool resources"),
            ),
            of=("tool resources", "new tool resources"),
        ),
    ),
)
