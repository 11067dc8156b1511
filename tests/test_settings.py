"""Settings from arguments and from the environment."""

from __future__ import annotations

from typing import Any

import pytest

from assistants_compat import Settings


@pytest.mark.parametrize(
    ("text", "models"),
    [
        ("recommended", "recommended"),
        (" recommended ", "recommended"),
        ("gpt-4=gpt-6-sol", {"gpt-4": "gpt-6-sol"}),
        ("gpt-4=gpt-6-sol, o1 = gpt-6.1-sol ,", {"gpt-4": "gpt-6-sol", "o1": "gpt-6.1-sol"}),
        ("ft:gpt-4o-mini:acme::abc=gpt-6-luna", {"ft:gpt-4o-mini:acme::abc": "gpt-6-luna"}),
        ("recommended=gpt-6-luna", {"recommended": "gpt-6-luna"}),
        ("", {}),
    ],
)
def test_models_are_read_from_the_environment(text: str, models: Any) -> None:
    assert Settings.from_environment({"ASSISTANTS_COMPAT_MODELS": text}).models == models


@pytest.mark.parametrize(
    "text", ["gpt-4", "recommend", "Recommended", "gpt-4=", "=gpt-6-sol", "gpt-4:gpt-6-sol", "recommended,o1=gpt-6-sol"]
)
def test_models_that_cannot_be_read_are_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match="ASSISTANTS_COMPAT_MODELS=") as error:
        Settings.from_environment({"ASSISTANTS_COMPAT_MODELS": text})
    assert repr(text) in str(error.value)
    assert "expected 'recommended' or 'old=new,old=new'" in str(error.value)


@pytest.mark.parametrize("models", ["replace", "", None, ["gpt-4"], {"gpt-4": ""}, {"": "gpt-6-sol"}, {"gpt-4": None}])
def test_models_that_are_none_are_refused_as_an_argument(models: Any) -> None:
    with pytest.raises(ValueError, match=r"'models' is \"recommended\" or maps names to names") as error:
        Settings(models=models)
    assert repr(models) in str(error.value)


def test_a_mapping_of_models_is_taken_as_it_is() -> None:
    assert Settings(models={"gpt-4": "gpt-6-sol"}).models == {"gpt-4": "gpt-6-sol"}
    assert Settings().models == {}


def test_what_is_not_given_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANTS_COMPAT_STORE", "/data/threads.db")
    monkeypatch.setenv("ASSISTANTS_COMPAT_LEASE", "5")
    settings = Settings(models="recommended", lease=15.0)
    assert (settings.store, settings.models, settings.lease) == ("/data/threads.db", "recommended", 15.0)
    monkeypatch.delenv("ASSISTANTS_COMPAT_STORE")
    assert settings.store == "/data/threads.db", "it is read once"
    assert Settings().store == ""
    assert Settings.from_environment({}).lease == 15.0, "only what is in the mapping counts"


def test_a_number_in_the_environment_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANTS_COMPAT_HOLD", "long")
    with pytest.raises(ValueError, match="ASSISTANTS_COMPAT_HOLD='long' cannot be read"):
        Settings(store="x.db")
