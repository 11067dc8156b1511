"""The scenarios of `cassettes/`, by name. Each is recorded and replayed from the same program."""

from __future__ import annotations

from .endings import cancelled, expired, failed, incomplete, truncation
from .files import code_interpreter_with_image_and_file, file_search_with_citations
from .functions import function_tool, parallel_function_tools, reasoning_model_with_tools, two_rounds_of_function_tools
from .scenario import Scenario
from .texts import async_program, create_thread_and_run, images_in, json_schema, text_by_polling, text_by_streaming

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        text_by_polling,
        text_by_streaming,
        create_thread_and_run,
        json_schema,
        images_in,
        function_tool,
        parallel_function_tools,
        two_rounds_of_function_tools,
        reasoning_model_with_tools,
        file_search_with_citations,
        code_interpreter_with_image_and_file,
        incomplete,
        failed,
        cancelled,
        expired,
        truncation,
        async_program,
    )
}

__all__ = ["SCENARIOS", "Scenario"]
