"""/containers in front of the real SDK: their files, and the twenty minutes they have."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from assistants_compat.testing import OfflineUpstream


def test_a_container_has_the_files_it_was_made_with_and_those_it_was_sent(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    given = upstream.put_file("data.csv", "x,y")
    made = client.containers.create(name="mine", file_ids=[given])
    assert (made.status, made.memory_limit, made.expires_after.minutes) == ("running", "1g", 20)  # type: ignore[union-attr]
    sent = client.containers.files.create(made.id, file=("a.txt", b"hello"))
    assert sent.path.endswith("-a.txt")
    copied = client.containers.files.create(made.id, file_id=upstream.put_file("b.txt", "b"))
    listed = client.containers.files.list(made.id, order="asc").data
    assert [file.id for file in listed[1:]] == [sent.id, copied.id]
    assert listed[0].path == f"/mnt/data/{given}-data.csv"
    content = client.containers.files.content.retrieve(sent.id, container_id=made.id)
    assert content.read() == b"hello"
    assert content.response.headers["content-type"] == "text/plain; charset=utf-8"
    client.containers.files.delete(sent.id, container_id=made.id)
    with pytest.raises(openai.NotFoundError):
        client.containers.files.retrieve(sent.id, container_id=made.id)


def test_a_container_expires_when_nobody_looks_at_it_for_twenty_minutes() -> None:
    now = [1_000_000.0]
    upstream = OfflineUpstream(clock=lambda: now[0])
    client = openai.OpenAI(api_key="sk-test", max_retries=0, http_client=upstream.http_client())
    container = client.containers.create(name="mine")
    file = client.containers.files.create(container.id, file=("a.txt", b"hello"))
    for _ in range(3):
        now[0] += 1100
        assert client.containers.retrieve(container.id).status == "running"
    now[0] += 1201
    for refused in (
        lambda: client.containers.files.list(container.id),
        lambda: client.containers.files.content.retrieve(file.id, container_id=container.id),
        lambda: client.containers.files.create(container.id, file=b"x"),
    ):
        with pytest.raises(openai.BadRequestError, match=r"Container is expired\."):
            refused()
    assert client.containers.retrieve(container.id).status == "expired"
    assert [each.status for each in client.containers.list()] == ["expired"]


def test_a_test_can_end_a_container(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    ids = [client.containers.create(name=name).id for name in "ab"]
    upstream.expire_containers(ids[0])
    assert [client.containers.retrieve(id).status for id in ids] == ["expired", "running"]


def test_a_deleted_container_is_not_found(client: openai.OpenAI) -> None:
    container = client.containers.create(name="mine")
    client.containers.delete(container.id)
    with pytest.raises(openai.NotFoundError, match=f"Container with id '{container.id}' not found."):
        client.containers.retrieve(container.id)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"expires_after": {"anchor": "last_active_at", "minutes": 60}}, "Expected a value <= 20, but got 60 instead."),
        ({"memory_limit": "2g"}, "Supported values are: '1g', '4g', '16g', and '64g'."),
        ({"file_ids": ["file-x"]}, "No such File object: file-x"),
    ],
)
def test_what_a_container_cannot_be_is_refused(client: openai.OpenAI, wrong: Any, sentence: str) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        client.containers.create(name="mine", **wrong)
    assert sentence in caught.value.message
