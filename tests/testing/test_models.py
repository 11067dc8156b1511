"""The model table."""

from __future__ import annotations

from datetime import date

import openai
import pytest

from assistants_compat.testing import OfflineUpstream
from assistants_compat.testing.models import find_model


@pytest.mark.parametrize(
    ("name", "snapshot"),
    [("gpt-4o", "gpt-4o-2024-08-06"), ("gpt-4o-2024-11-20", "gpt-4o-2024-11-20"), ("gpt-5.6", "gpt-5.6-sol"), ("gpt-6-luna", "gpt-6-luna")],
)
def test_an_id_resolves_to_its_snapshot(name: str, snapshot: str) -> None:
    model = find_model(name)
    assert model is not None
    assert model.snapshot == snapshot


def test_a_model_lives_until_its_last_day() -> None:
    assert find_model("gpt-4o", date(2027, 1, 13)) is not None
    assert find_model("gpt-4o", date(2027, 1, 14)) is None


def test_a_fine_tuned_model_follows_its_base() -> None:
    model = find_model("ft:gpt-4o-mini-2024-07-18:acme::abc")
    assert model is not None
    assert (model.snapshot, model.context_window) == ("ft:gpt-4o-mini-2024-07-18:acme::abc", 128_000)
    assert find_model("ft:gpt-3.5-turbo-0125:acme::abc") is None


def test_the_day_of_an_upstream_can_be_set(client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    assert client.responses.create(model="gpt-4o", input="Hi").model == "gpt-4o-2024-08-06"
    upstream.today = date(2027, 1, 14)
    with pytest.raises(openai.BadRequestError, match="The requested model 'gpt-4o' does not exist"):
        client.responses.create(model="gpt-4o", input="Hi")


def test_a_deployment_can_be_named_after_anything() -> None:
    upstream = OfflineUpstream(models={"my-deployment": "gpt-4o"})
    reply = upstream.handle("POST", "/openai/v1/responses", {"api-key": "abc"}, b'{"model": "my-deployment", "input": "Hi"}')
    assert reply.json["model"] == "gpt-4o-2024-08-06"
