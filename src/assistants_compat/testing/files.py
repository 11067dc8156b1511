"""/files: uploads in the memory of the process. Every refusal here has a `detail` beside its `error`, as recorded.

Recorded: the object, the refusals of an unknown id and of an unknown purpose. Reported: which purposes cannot be downloaded.
Inferred: the envelope of the list, the refusals of an upload without its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assistants_compat.testing.identifiers import Identifiers
from assistants_compat.testing.paging import page
from assistants_compat.testing.rejection import Rejected, one_of, out_of_range
from assistants_compat.testing.storage_call import Answer, Call, Download

PURPOSES = ("fine-tune", "assistants", "batch", "user_data", "vision", "evals")
DOWNLOADABLE = ("fine-tune", "fine-tune-results", "batch", "batch_output", "assistants_output")
"""Others are refused. That `vision` and `evals` are among those is inferred."""
_BATCH_SECONDS = 30 * 86_400


@dataclass(frozen=True)
class StoredFile:
    id: str
    filename: str
    purpose: str
    content: bytes
    created_at: int
    expires_at: int | None = None

    def shown(self) -> dict[str, Any]:
        return {
            "object": "file",
            "id": self.id,
            "purpose": self.purpose,
            "filename": self.filename,
            "bytes": len(self.content),
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "status": "processed",
            "status_details": None,
        }


@dataclass
class Files:
    clock: Callable[[], float]
    ids: Identifiers
    on_delete: Callable[[str], None]
    stored: dict[str, StoredFile] = field(default_factory=dict)

    def answer(self, call: Call) -> Answer | None:
        match (call.method, *call.path):
            case ("POST", "files"):
                return self._upload(call).shown()
            case ("GET", "files"):
                return self._list(call.query)
            case ("GET", "files", id):
                return self.get(id).shown()
            case ("GET", "files", id, "content"):
                return self._content(id)
            case ("DELETE", "files", id):
                self.get(id)
                del self.stored[id]
                self.on_delete(id)
                return {"object": "file", "deleted": True, "id": id}
        return None

    def find(self, id: str) -> StoredFile | None:
        file = self.stored.get(id)
        gone = file is not None and file.expires_at is not None and file.expires_at <= self.clock()
        return None if gone else file

    def get(self, id: str) -> StoredFile:
        file = self.find(id)
        if file is None:
            raise Rejected(f"No such File object: {id}", code=None, param="id", status=404)
        return file

    def put(self, filename: str, content: bytes, purpose: str, *, seconds: int | None = None, id: str | None = None) -> StoredFile:
        now = int(self.clock())
        seconds = seconds or (_BATCH_SECONDS if purpose == "batch" else None)
        file = StoredFile(id or self.ids.file(), filename, purpose, content, now, None if seconds is None else now + seconds)
        self.stored[file.id] = file
        return file

    def _upload(self, call: Call) -> StoredFile:
        if call.form is None:
            raise Rejected("Invalid request: expected a multipart/form-data body.", code=None, param=None)
        upload, purpose = call.form.uploads.get("file"), call.form.fields.get("purpose")
        if upload is None or purpose is None:
            name = "file" if upload is None else "purpose"
            raise Rejected(f"'{name}' is a required property", code=None, param=name)
        if purpose not in PURPOSES:
            raise Rejected(f"'{purpose}' is not one of {list(PURPOSES)} - 'purpose'", code=None, param="purpose")
        return self.put(upload.filename, upload.content, purpose, seconds=_seconds(call.form.group("expires_after")))

    def _list(self, query: Mapping[str, str]) -> dict[str, Any]:
        files = [file.shown() for id in self.stored if (file := self.find(id)) is not None]
        if query.get("purpose"):
            files = [file for file in files if file["purpose"] == query["purpose"]]
        return page(files, query, default=10_000, most=10_000)

    def _content(self, id: str) -> Download:
        file = self.get(id)
        if file.purpose not in DOWNLOADABLE:
            raise Rejected(f"Not allowed to download files of purpose: {file.purpose}", code=None, param=None)
        return Download(file.content, file.filename)


def _seconds(expires_after: dict[str, str] | None) -> int | None:
    if expires_after is None:
        return None
    one_of("expires_after.anchor", expires_after.get("anchor"), ("created_at",))
    seconds = int(expires_after.get("seconds") or 0)
    if not 3_600 <= seconds <= 2_592_000:
        raise out_of_range("expires_after.seconds", seconds, 3_600 if seconds < 3_600 else 2_592_000, below=seconds < 3_600)
    return seconds
