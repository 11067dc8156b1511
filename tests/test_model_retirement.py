"""The table of models that are gone or going is sound in itself, and no poorer than the SDK's own list."""

from __future__ import annotations

import inspect
import re
from datetime import date, timedelta

import openai.types.audio_model
import openai.types.shared.chat_model
import pytest

from assistants_compat.model_retirement import _TABLE, RETIREMENTS, is_gone, living_replacement, retirement
from assistants_compat.testing.models import AS_OF, MODELS

DATES = sorted({known.shutdown for known in RETIREMENTS.values()})


def test_rows_come_by_date_and_each_model_once() -> None:
    assert [row[0] for row in _TABLE] == sorted(row[0] for row in _TABLE)
    models = [model for _, _, models in _TABLE for model in models.split()]
    assert sorted(models) == sorted(set(models)) == sorted(RETIREMENTS)


def test_a_snapshot_is_not_missing_where_its_name_is_there() -> None:
    """What the bare name means is gone no later than the name."""
    for id, model in MODELS.items():
        if model.snapshot != id and id in RETIREMENTS:
            assert RETIREMENTS[model.snapshot].shutdown <= RETIREMENTS[id].shutdown, id


def test_the_offline_upstream_goes_by_the_same_dates() -> None:
    assert {id: model.shutdown for id, model in MODELS.items()} == {id: getattr(retirement(id), "shutdown", None) for id in MODELS}


@pytest.mark.parametrize("module", [openai.types.shared.chat_model, openai.types.audio_model], ids=["chat", "audio"])
def test_no_date_that_the_sdk_knows_is_missing_or_another(module: object) -> None:
    source = re.sub(r"\s+", " ", inspect.getsource(module))  # type: ignore[arg-type]
    entries = re.findall(r'- ((?:"[^"]+",? ?)+): Announced shutdown date: (\d{4}-\d\d-\d\d)', source)
    if not entries:
        pytest.skip("this SDK is older than the dates")
    told = {model: day for names, day in entries for model in re.findall(r'"([^"]+)"', names)}
    assert {model: str(RETIREMENTS[model].shutdown) for model in told if model in RETIREMENTS} == told


@pytest.mark.parametrize("today", [AS_OF, *DATES], ids=str)
def test_a_replacement_is_alive_on_the_day_it_is_given(today: date) -> None:
    for model, known in RETIREMENTS.items():
        given = living_replacement(model, today)
        assert (given is None) == (known.replacement is None), model
        assert given is None or not is_gone(given, today), model


def test_every_replacement_is_a_model_the_upstream_serves() -> None:
    given = {living_replacement(model, AS_OF) for model in RETIREMENTS} - {None}
    assert given <= {id for id, model in MODELS.items() if model.alive(AS_OF)}


def test_no_chain_of_replacements_comes_back_to_where_it_was() -> None:
    for model in RETIREMENTS:
        seen = [model]
        while (known := retirement(seen[-1])) is not None and known.replacement is not None:
            assert known.replacement not in seen, seen
            seen.append(known.replacement)


def test_a_replacement_that_is_gone_is_followed_to_what_replaced_it() -> None:
    assert RETIREMENTS["chatgpt-4o-latest"].replacement == "gpt-5.1-chat-latest"
    assert living_replacement("chatgpt-4o-latest", date(2026, 7, 22)) == "gpt-5.1-chat-latest"
    assert living_replacement("chatgpt-4o-latest", date(2026, 7, 23)) == "gpt-5.6-sol"


def test_a_model_is_gone_from_its_day_on() -> None:
    assert not is_gone("gpt-4o", date(2027, 1, 13))
    assert is_gone("gpt-4o", date(2027, 1, 14))
    assert not is_gone("gpt-of-tomorrow", date.max - timedelta(1))


def test_a_fine_tune_goes_with_its_base() -> None:
    assert retirement("ft:gpt-3.5-turbo-0125:acme::abc") == RETIREMENTS["gpt-3.5-turbo-0125"]
    assert living_replacement("ft:gpt-3.5-turbo-0125:acme::abc", AS_OF) == "gpt-5.6-terra"
    assert retirement("ft:gpt-of-tomorrow:acme::abc") is None
