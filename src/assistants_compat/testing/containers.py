"""/containers: the places where code runs, with their files, gone twenty minutes after they were last used.

Recorded: the objects, the lists, that looking at a container refreshes it. Reported by users: an expired container is still
shown, with the status "expired", while its files answer `Container is expired.`; an unknown one is `Container with id '…' not
found.`; more than 20 minutes are refused. Inferred: the 404 of a container's file, the defaults of memory and network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from assistants_compat.testing.files import Files, StoredFile
from assistants_compat.testing.identifiers import Identifiers
from assistants_compat.testing.paging import page
from assistants_compat.testing.rejection import Rejected, invalid_type, missing, one_of, only_keys, out_of_range, required, text
from assistants_compat.testing.storage_call import Answer, Call, Download

Json = dict[str, Any]
FOLDER = "/mnt/data"
MOST_MINUTES = 20
MEMORY = ("1g", "4g", "16g", "64g")


@dataclass
class ContainerFile:
    id: str
    container_id: str
    path: str
    content: bytes
    source: str
    created_at: int

    def shown(self) -> Json:
        return {
            "id": self.id,
            "object": "container.file",
            "created_at": self.created_at,
            "bytes": len(self.content),
            "container_id": self.container_id,
            "path": self.path,
            "source": self.source,
        }


@dataclass
class Container:
    id: str
    name: str
    created_at: int
    last_active_at: int
    minutes: int
    memory_limit: str
    network_policy: Json
    expired: bool = False
    files: dict[str, ContainerFile] = field(default_factory=dict)

    def shown(self) -> Json:
        return {
            "id": self.id,
            "object": "container",
            "created_at": self.created_at,
            "status": "expired" if self.expired else "running",
            "expires_after": {"anchor": "last_active_at", "minutes": self.minutes},
            "last_active_at": self.last_active_at,
            "memory_limit": self.memory_limit,
            "name": self.name,
            "network_policy": self.network_policy,
        }

    def at(self, path: str) -> ContainerFile | None:
        return next((file for file in self.files.values() if file.path == path), None)


@dataclass
class Containers:
    clock: Callable[[], float]
    ids: Identifiers
    files: Files
    stored: dict[str, Container] = field(default_factory=dict)

    def answer(self, call: Call) -> Answer | None:
        match (call.method, *call.path):
            case ("POST", "containers"):
                return self.create(call.json).shown()
            case ("GET", "containers"):
                return page([self._looked_at(id).shown() for id in self.stored], call.query, last_id_last=True)
            case ("GET", "containers", id):
                return self._looked_at(id).shown()
            case ("DELETE", "containers", id):
                del self.stored[self.get(id).id]
                return {"id": id, "object": "container.deleted", "deleted": True}
            case (_, "containers", id, "files", *rest):
                return self._files(call, self.usable(id), rest)
        return None

    def expire(self, id: str | None = None) -> None:
        """End one container, or all, as their time would."""
        for container in self.stored.values():
            if id in (None, container.id):
                container.expired = True
                container.files.clear()

    def get(self, id: str) -> Container:
        container = self.stored.get(id)
        if container is None:
            raise Rejected(f"Container with id '{id}' not found.", code=None, param=None, status=404)
        if self.clock() > container.last_active_at + container.minutes * 60:
            self.expire(id)
        return container

    def usable(self, id: str) -> Container:
        """A container that lives; using it keeps it alive."""
        container = self._looked_at(id)
        if container.expired:
            raise Rejected("Container is expired.", code=None, param=None)
        return container

    def lives(self, id: str) -> bool:
        return id in self.stored and not self.get(id).expired

    def create(self, body: Json) -> Container:
        required("", body, "name")
        only_keys("", body, ("name", "expires_after", "file_ids", "memory_limit", "network_policy", "skills"))
        memory = body.get("memory_limit") or "1g"
        one_of("memory_limit", memory, MEMORY)
        now = int(self.clock())
        policy = body.get("network_policy") or {"type": "disabled"}
        minutes = _minutes(body.get("expires_after"))
        found = [self.files.get(file_id) for file_id in body.get("file_ids") or ()]
        container = Container(self.ids.timed("cntr", 48), text("name", body["name"]), now, now, minutes, memory, policy)
        self.stored[container.id] = container
        for file in found:
            self.add_upload(container, file)
        return container

    def add_upload(self, container: Container, file: StoredFile) -> ContainerFile:
        """A file of /files under the name the code sees it by."""
        path = f"{FOLDER}/{file.id}-{file.filename}"
        return container.at(path) or self.add(container, path, file.content, "user")

    def add(self, container: Container, path: str, content: bytes, source: str) -> ContainerFile:
        """A file at that path takes the place of the one that was there."""
        before = container.at(path)
        if before is not None:
            del container.files[before.id]
        file = ContainerFile(self.ids.timed("cfile", 32), container.id, path, content, source, int(self.clock()))
        container.files[file.id] = file
        return file

    def add_image(self, container: Container, content: bytes) -> ContainerFile:
        """A picture that was only shown: its file is named after its id."""
        file = self.add(container, f"{FOLDER}/picture", content, "assistant")
        file.path = f"{FOLDER}/{file.id}.png"
        return file

    def _looked_at(self, id: str) -> Container:
        container = self.get(id)
        if not container.expired:
            container.last_active_at = int(self.clock())
        return container

    def _files(self, call: Call, container: Container, rest: list[str]) -> Answer | None:
        match (call.method, *rest):
            case ("POST",):
                return self._upload(call, container).shown()
            case ("GET",):
                return page([file.shown() for file in container.files.values()], call.query, last_id_last=True)
            case ("GET", file_id):
                return self._file(container, file_id).shown()
            case ("GET", file_id, "content"):
                file = self._file(container, file_id)
                return Download(file.content, PurePosixPath(file.path).name, guess_type=True)
            case ("DELETE", file_id):
                del container.files[self._file(container, file_id).id]
                return {"id": file_id, "object": "container.file.deleted", "deleted": True}
        return None

    def _file(self, container: Container, file_id: str) -> ContainerFile:
        if file_id not in container.files:
            raise Rejected(f"Container file with id '{file_id}' not found.", code=None, param=None, status=404)
        return container.files[file_id]

    def _upload(self, call: Call, container: Container) -> ContainerFile:
        upload = call.form.uploads.get("file") if call.form is not None else None
        if upload is not None:
            mark = hashlib.md5(upload.filename.encode(), usedforsecurity=False).hexdigest()
            return self.add(container, f"{FOLDER}/{mark}-{upload.filename}", upload.content, "user")
        file_id = call.form.fields.get("file_id") if call.form is not None else call.json.get("file_id")
        if file_id is None:
            raise missing("file")
        return self.add_upload(container, self.files.get(file_id))


def _minutes(expires_after: Json | None) -> int:
    if expires_after is None:
        return MOST_MINUTES
    required("expires_after", expires_after, "anchor", "minutes")
    one_of("expires_after.anchor", expires_after["anchor"], ("last_active_at",))
    minutes = expires_after["minutes"]
    if not isinstance(minutes, int):
        raise invalid_type("expires_after.minutes", "an integer", minutes)
    if not 1 <= minutes <= MOST_MINUTES:
        raise out_of_range("expires_after.minutes", minutes, 1 if minutes < 1 else MOST_MINUTES, below=minutes < 1)
    return minutes
