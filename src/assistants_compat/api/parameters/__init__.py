"""What each endpoint takes: bodies as tables of checks, query strings as tables of parameters.

`TABLE.check(body)` answers with the parameters that were given, each in the form the API echoes it in, or raises an ApiError.
"""

from assistants_compat.api.parameters.assistants import CREATE_ASSISTANT, MODIFY_ASSISTANT
from assistants_compat.api.parameters.ids import ASSISTANT_ID, FILE_ID, MESSAGE_ID, RUN_ID, STEP_ID, THREAD_ID, VECTOR_STORE_ID
from assistants_compat.api.parameters.messages import CREATE_MESSAGE, MODIFY_MESSAGE
from assistants_compat.api.parameters.queries import CREATE_RUN_QUERY, LIST_ASSISTANTS, LIST_MESSAGES, LIST_RUNS, LIST_STEPS, RETRIEVE_STEP
from assistants_compat.api.parameters.runs import CREATE_RUN, CREATE_THREAD_AND_RUN, MODIFY_RUN, SUBMIT_TOOL_OUTPUTS
from assistants_compat.api.parameters.threads import CREATE_THREAD, MODIFY_THREAD

__all__ = [
    "ASSISTANT_ID",
    "CREATE_ASSISTANT",
    "CREATE_MESSAGE",
    "CREATE_RUN",
    "CREATE_RUN_QUERY",
    "CREATE_THREAD",
    "CREATE_THREAD_AND_RUN",
    "FILE_ID",
    "LIST_ASSISTANTS",
    "LIST_MESSAGES",
    "LIST_RUNS",
    "LIST_STEPS",
    "MESSAGE_ID",
    "MODIFY_ASSISTANT",
    "MODIFY_MESSAGE",
    "MODIFY_RUN",
    "MODIFY_THREAD",
    "RETRIEVE_STEP",
    "RUN_ID",
    "STEP_ID",
    "SUBMIT_TOOL_OUTPUTS",
    "THREAD_ID",
    "VECTOR_STORE_ID",
]
