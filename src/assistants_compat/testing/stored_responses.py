"""/responses/{id}: looked at, its input listed, cancelled, deleted.

Recorded: the lists of input, in which is what a previous response had and made. Inferred: that a conversation's items are, too.
"""

from __future__ import annotations

from typing import Any

from assistants_compat.testing import responses
from assistants_compat.testing.answers import HttpError
from assistants_compat.testing.background import Jobs
from assistants_compat.testing.identifiers import Identifiers
from assistants_compat.testing.memory import Memory
from assistants_compat.testing.paging import page
from assistants_compat.testing.rejection import Rejected
from assistants_compat.testing.replies import UpstreamReply, error_reply, json_reply, usual_headers
from assistants_compat.testing.storage_call import Call
from assistants_compat.testing.stored_items import revealed, shown

Json = dict[str, Any]


class StoredResponses:
    def __init__(self, memory: Memory, jobs: Jobs, ids: Identifiers) -> None:
        self._memory = memory
        self._jobs = jobs
        self._ids = ids

    def reply(self, call: Call) -> UpstreamReply | None:
        """None for what is no request about one response."""
        request_id = self._ids.request()
        try:
            match (call.method, *call.path):
                case ("GET", "responses", id):
                    return self._retrieved(id, call, request_id)
                case ("GET", "responses", id, "input_items"):
                    return self._json(self._input_items(id, call), request_id)
                case ("POST", "responses", id, "cancel"):
                    return self._cancelled(id, request_id)
                case ("DELETE", "responses", id):
                    if not any([self._jobs.forget(id), self._memory.forget(id)]):
                        raise _not_found(id)
                    return self._json({"id": id, "object": "response.deleted", "deleted": True}, request_id)
        except Rejected as rejected:
            return error_reply(rejected.error, request_id)
        return None

    def _retrieved(self, id: str, call: Call, request_id: str) -> UpstreamReply:
        include = call.include()
        job = self._jobs.get(id)
        if job is not None and (call.query.get("stream") == "true" or id not in self._memory.responses):
            return self._jobs.retrieved(id, call.query, request_id)
        if id not in self._memory.responses:
            raise _not_found(id)
        response = self._memory.responses[id]
        kept = self._memory.contexts[id][len(self._memory.inputs[id]) :]
        output = [revealed(*pair, include) for pair in zip(response["output"], kept, strict=True)]
        return self._json(responses.billed({**response, "output": output}), request_id)

    def _input_items(self, id: str, call: Call) -> Json:
        if id not in self._memory.inputs:
            raise _not_found(id)
        include = call.include()
        return page([shown(item, include) for item in self._memory.inputs[id]], call.query, last_id_last=True)

    def _cancelled(self, id: str, request_id: str) -> UpstreamReply:
        if self._jobs.get(id) is not None:
            return self._jobs.cancelled(id, request_id)
        if id in self._memory.responses:
            return error_reply(HttpError(400, "Cannot cancel a synchronous response."), request_id)
        raise _not_found(id)

    def _json(self, value: Json, request_id: str) -> UpstreamReply:
        return json_reply(200, value, usual_headers(request_id))


def _not_found(id: str) -> Rejected:
    return Rejected(f"Response with id '{id}' not found.", code=None, param=None, status=404)
