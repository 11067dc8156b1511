"""Models that no longer exist: how a run fails that names one, what the settings send instead, and who is warned of what, how often."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import openai
import pytest

from assistants_compat.runs.runtime import runtime_for
from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.testing import Failed, HttpError, OfflineUpstream
from runs.helpers import Conversation, Reader

Make = Callable[..., Conversation]
Warnings = Callable[[], list[str]]

GONE = "The requested model 'gpt-4' does not exist."
"""What the offline upstream says, and OpenAI (reported)."""
ADVICE = (
    "OpenAI shut down 'gpt-4' on 2026-10-23 and recommends 'gpt-5.6-sol'. To have it used, set ASSISTANTS_COMPAT_MODELS=gpt-4=gpt-5.6-sol, "
    "or ASSISTANTS_COMPAT_MODELS=recommended for every model that is gone."
)
NO_DEPLOYMENT = (
    "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment "
    "and try again."
)


@pytest.fixture
def settings(store: str, request: pytest.FixtureRequest) -> Settings:
    models, upstream = getattr(request, "param", ({}, "auto"))
    return Settings(store=store, models=models, upstream=upstream)


def setting(*models: Any, upstream: str = "auto") -> pytest.MarkDecorator:
    return pytest.mark.parametrize("settings", [(each, upstream) for each in models], indirect=True, ids=str)


@pytest.fixture
def day(clock: Any, upstream: OfflineUpstream) -> Callable[[str], None]:
    """Sets the date, here and at the upstream."""

    def it_is(text: str) -> None:
        now = datetime.fromisoformat(text).replace(hour=12, tzinfo=timezone.utc)
        clock.now = now.timestamp()
        upstream.today = now.date()

    return it_is


@pytest.fixture(autouse=True)
def _today(day: Callable[[str], None]) -> None:
    day("2026-11-20")


@pytest.fixture
def warned(caplog: pytest.LogCaptureFixture) -> Warnings:
    return lambda: [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


def sent(upstream: OfflineUpstream) -> list[str]:
    return [request.body["model"] for request in upstream.requests]


# -- a run whose model is gone


def test_a_run_fails_in_the_upstreams_words_with_what_to_do_after_them(conversation: Make, upstream: OfflineUpstream) -> None:
    talk = conversation(model="gpt-4")
    run = talk.settled(talk.start().id)
    assert (run.status, run.model) == ("failed", "gpt-4")
    assert run.last_error.to_dict() == {"code": "server_error", "message": f"{GONE} (assistants-compat: {ADVICE})"}
    assert sent(upstream) == ["gpt-4"]
    again = talk.settled(talk.start(model="gpt-5.6-sol").id)
    assert (again.status, again.model) == ("completed", "gpt-5.6-sol")


def test_a_stream_ends_with_the_same_failure(conversation: Make) -> None:
    talk = conversation(model="gpt-4")
    reader = Reader(talk.start(stream=True))
    assert reader.finish() == ["thread.run.created", "thread.run.queued", "thread.run.in_progress", "thread.run.failed"]
    failed = reader.last("thread.run.failed")
    assert (failed.last_error.code, failed.model) == ("server_error", "gpt-4")
    assert failed.last_error.message == f"{GONE} (assistants-compat: {ADVICE})"
    assert talk.get(reader.run_id).last_error == failed.last_error


async def fails_async(client: openai.AsyncOpenAI) -> Any:
    assistant = await client.beta.assistants.create(model="gpt-4")
    thread = {"messages": [{"role": "user", "content": "Hi"}]}
    return await client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=thread)  # type: ignore[arg-type]


@pytest.mark.anyio
async def test_a_run_of_an_async_client_fails_alike(async_client: openai.AsyncOpenAI) -> None:
    run = await fails_async(async_client)
    assert (run.status, run.last_error.message) == ("failed", f"{GONE} (assistants-compat: {ADVICE})")


@pytest.mark.parametrize(
    "refusal",
    [
        HttpError(
            404, "The model `gpt-4` has been deprecated, learn more here: https://platform.openai.com/docs/deprecations", "model_not_found"
        ),
        HttpError(404, "The model `gpt-4` does not exist or you do not have access to it.", "model_not_found"),
        HttpError(403, "Project `proj_1` does not have access to model `gpt-4`", "model_not_found"),
        HttpError(404, "model 'gpt-4' not found", None),
        HttpError(404, "The model `gpt-4` does not exist.", "404"),
        HttpError(400, "openai/gpt-4 is not a valid model ID", "400"),
        Failed("server_error", "The model `gpt-4` does not exist."),
    ],
    ids=lambda refusal: str(getattr(refusal, "message", "")),
)
def test_however_an_upstream_says_it_the_run_fails_at_once_and_with_advice(
    conversation: Make, upstream: OfflineUpstream, warned: Warnings, refusal: Any
) -> None:
    upstream._names["gpt-4"] = "gpt-6-luna"  # or it would refuse before it looks at its script
    talk = conversation(model="gpt-4")
    upstream.script(refusal)
    run = talk.settled(talk.start().id)
    assert run.last_error.to_dict() == {"code": "server_error", "message": f"{refusal.message} (assistants-compat: {ADVICE})"}
    assert len(upstream.requests) == 1
    assert warned() == [f"assistants-compat: run {run.id}: the upstream has no model 'gpt-4'. {ADVICE}"]


@pytest.mark.parametrize(
    "refusal",
    [
        HttpError(404, "Vector store with id ['vs_1'] not found."),
        HttpError(400, "The file file-1 does not exist.", "invalid_value", param="input"),
        HttpError(401, "The model `gpt-4` does not exist for this key.", "invalid_api_key"),
        HttpError(400, "The model 'gpt-4' cannot read this.", "invalid_value"),
        HttpError(404, "Vector store with id ['vs_gpt-4a'] not found."),
        HttpError(404, "The file 'my-gpt-4.1-notes' was not found."),
    ],
    ids=lambda refusal: str(refusal.message),
)
def test_what_is_refused_for_another_reason_is_left_as_the_upstream_said_it(
    conversation: Make, upstream: OfflineUpstream, warned: Warnings, refusal: HttpError
) -> None:
    upstream._names["gpt-4"] = "gpt-6-luna"  # or it would refuse before it looks at its script
    talk = conversation(model="gpt-4")
    upstream.script(refusal)
    assert talk.settled(talk.start().id).last_error.message == refusal.message
    assert warned() == []


def test_an_upstream_that_still_has_the_model_is_believed(conversation: Make, upstream: OfflineUpstream, warned: Warnings) -> None:
    upstream._names["gpt-4"] = "gpt-6-luna"
    talk = conversation(model="gpt-4")
    assert talk.settled(talk.start().id).status == "completed"
    assert (sent(upstream), warned()) == (["gpt-4"], [])


def test_a_model_that_nobody_knows_fails_the_run_in_the_upstreams_words_alone(conversation: Make, warned: Warnings) -> None:
    talk = conversation(model="gpt-of-tomorrow")
    assert talk.settled(talk.start().id).last_error.message == "The requested model 'gpt-of-tomorrow' does not exist."
    assert warned() == []


def test_a_model_that_goes_before_its_day_is_explained_with_its_day(conversation: Make, upstream: OfflineUpstream) -> None:
    talk = conversation(model="gpt-4o")
    upstream.script(HttpError(404, "The model `gpt-4o` does not exist.", "model_not_found"))
    assert talk.settled(talk.start().id).last_error.message == (
        "The model `gpt-4o` does not exist. (assistants-compat: OpenAI shuts down 'gpt-4o' on 2027-01-14 and recommends 'gpt-6-luna'. "
        "To have it used, set ASSISTANTS_COMPAT_MODELS=gpt-4o=gpt-6-luna.)"
    )


def test_a_fine_tune_fails_with_what_is_known_of_its_base(conversation: Make) -> None:
    talk = conversation(model="ft:gpt-3.5-turbo-0125:acme::abc")
    message = talk.settled(talk.start().id).last_error.message
    assert "OpenAI shut down 'ft:gpt-3.5-turbo-0125:acme::abc' on 2026-10-23 and recommends 'gpt-5.6-terra'." in message
    assert "set ASSISTANTS_COMPAT_MODELS=ft:gpt-3.5-turbo-0125:acme::abc=gpt-5.6-terra," in message


def test_the_failure_is_logged_once_a_model(conversation: Make, warned: Warnings) -> None:
    talk = conversation(model="gpt-4")
    for model in ("gpt-4", "gpt-4", "o1", "gpt-4"):
        assert talk.settled(talk.start(model=model).id).status == "failed"
    assert [text.partition("no model ")[2].partition(".")[0] for text in warned()] == ["'gpt-4'", "'o1'"]


# -- models="recommended"


@setting("recommended")
def test_a_model_that_is_gone_is_sent_as_what_openai_recommends_with_one_warning(
    conversation: Make, upstream: OfflineUpstream, warned: Warnings
) -> None:
    talk = conversation(model="gpt-4")
    for _ in range(2):
        run = talk.settled(talk.start().id)
        assert (run.status, run.model) == ("completed", "gpt-4")
    assert talk.client.beta.assistants.retrieve(talk.assistant.id).model == "gpt-4"
    assert sent(upstream) == ["gpt-5.6-sol"] * 2
    assert warned() == [
        "assistants-compat: OpenAI shut down the model 'gpt-4' on 2026-10-23; its runs are sent to 'gpt-5.6-sol', as OpenAI recommends. "
        "To choose another, set ASSISTANTS_COMPAT_MODELS=gpt-4=<model>."
    ]


@setting("recommended")
@pytest.mark.parametrize(
    ("asked", "instead"),
    [
        ("gpt-3.5-turbo-1106", "gpt-5.6-terra"),
        ("gpt-4.1-nano", "gpt-5.6-luna"),
        ("chatgpt-4o-latest", "gpt-5.6-sol"),  # by way of gpt-5.1-chat-latest, which is gone as well
        ("o1-pro", "gpt-5.6-sol"),
        ("ft:gpt-3.5-turbo-0125:acme::abc", "gpt-5.6-terra"),
        ("gpt-4o", "gpt-4o"),
        ("gpt-6-sol", "gpt-6-sol"),
    ],
)
def test_what_is_recommended_is_a_model_that_lives(conversation: Make, upstream: OfflineUpstream, asked: str, instead: str) -> None:
    talk = conversation(model=asked)
    run = talk.settled(talk.start().id)
    assert (run.status, run.model, sent(upstream)) == ("completed", asked, [instead])


@setting("recommended")
def test_a_model_is_replaced_from_the_day_on_which_it_is_gone(conversation: Make, upstream: OfflineUpstream, day: Any) -> None:
    talk = conversation(model="gpt-4o")
    for text in ("2027-01-13", "2027-01-14"):
        day(text)
        assert talk.settled(talk.start().id).status == "completed"
    assert sent(upstream) == ["gpt-4o", "gpt-6-luna"]


@setting("recommended")
def test_a_model_for_which_nothing_is_recommended_is_sent_and_fails(conversation: Make, upstream: OfflineUpstream) -> None:
    talk = conversation(model="codex-mini-latest")
    run = talk.settled(talk.start().id)
    assert sent(upstream) == ["codex-mini-latest"]
    assert run.last_error.message == (
        "The requested model 'codex-mini-latest' does not exist. (assistants-compat: OpenAI shut down 'codex-mini-latest' on 2026-02-12 "
        "(what replaces it: https://developers.openai.com/api/docs/deprecations). To have another used, set "
        "ASSISTANTS_COMPAT_MODELS=codex-mini-latest=<model>.)"
    )


@setting("recommended")
def test_a_mode_that_openai_recommends_along_with_a_model_is_told(conversation: Make, warned: Warnings) -> None:
    talk = conversation(model="o1-pro")
    assert talk.settled(talk.start().id).status == "completed"
    (warning,) = warned()
    assert "(with reasoning.mode 'pro', which is not sent)" in warning


# -- a mapping


@setting({"gpt-4": "gpt-6-sol", "my-alias": "gpt-6-luna", "gpt-6-luna": "gpt-6-astra"})
def test_a_mapping_sends_what_it_says_once_over_and_without_a_warning(
    conversation: Make, upstream: OfflineUpstream, warned: Warnings
) -> None:
    talk = conversation(model="gpt-4")
    for model in ("gpt-4", "my-alias", "gpt-5.5"):
        run = talk.settled(talk.start(model=model).id)
        assert (run.status, run.model) == ("completed", model)
    assert sent(upstream) == ["gpt-6-sol", "gpt-6-luna", "gpt-5.5"]
    assert warned() == []


@setting({"gpt-4": "gpt-6-sol"})
def test_a_mapping_replaces_no_other_model_and_says_what_to_put_into_it(conversation: Make, upstream: OfflineUpstream) -> None:
    talk = conversation(model="o1")
    message = talk.settled(talk.start().id).last_error.message
    assert sent(upstream) == ["o1"]
    assert message.endswith("To have it used, put o1=gpt-5.6-sol into ASSISTANTS_COMPAT_MODELS.)")


@setting({"gpt-4": "gpt-5-chat-latest", "o1": "gpt-6-soll"})
def test_a_model_that_was_sent_for_another_and_is_not_there_is_told_with_both_names(conversation: Make) -> None:
    talk = conversation(model="gpt-4")
    run = talk.settled(talk.start().id)
    assert run.model == "gpt-4"
    assert run.last_error.message == (
        "The requested model 'gpt-5-chat-latest' does not exist. (assistants-compat: 'gpt-5-chat-latest' was sent for 'gpt-4', as the "
        "setting 'models' says. OpenAI shut down 'gpt-5-chat-latest' on 2026-07-23 and recommends 'gpt-5.6-sol'. To have it used, put "
        "gpt-4=gpt-5.6-sol into ASSISTANTS_COMPAT_MODELS.)"
    )
    mistyped = talk.settled(talk.start(model="o1").id)
    assert mistyped.last_error.message == (
        "The requested model 'gpt-6-soll' does not exist. (assistants-compat: 'gpt-6-soll' was sent for 'o1', as the setting 'models' "
        "says.)"
    )


# -- a model that dies soon


@pytest.mark.parametrize(
    ("today", "is_told"), [("2026-10-15", False), ("2026-10-16", True), ("2026-11-20", True), ("2027-01-13", True), ("2027-01-14", False)]
)
def test_a_model_is_warned_about_in_its_last_ninety_days(
    conversation: Make, upstream: OfflineUpstream, day: Any, warned: Warnings, today: str, is_told: bool
) -> None:
    upstream._names["gpt-4o"] = "gpt-6-luna"  # goes on answering, whatever the day
    talk = conversation(model="gpt-4o")
    day(today)
    for _ in range(2):
        assert talk.settled(talk.start().id).status == "completed"
    warning = (
        "assistants-compat: OpenAI shuts down the model 'gpt-4o' on 2027-01-14 and recommends 'gpt-6-luna': "
        "set ASSISTANTS_COMPAT_MODELS=gpt-4o=gpt-6-luna."
    )
    assert warned() == [warning] * is_told


def test_each_model_that_is_sent_is_warned_about_once(conversation: Make, warned: Warnings) -> None:
    talk = conversation(model="gpt-4o")
    for model in ("gpt-4o", "gpt-5", "ft:gpt-4o-mini-2024-07-18:acme::abc", "gpt-6-sol", "gpt-4o", "gpt-5"):
        assert talk.settled(talk.start(model=model).id).status == "completed"
    dates = [text.partition("the model ")[2].partition(" and recommends ")[0] for text in warned()]
    assert dates == ["'gpt-4o' on 2027-01-14", "'gpt-5' on 2026-12-11", "'ft:gpt-4o-mini-2024-07-18:acme::abc' on 2027-01-14"]


@setting("recommended")
def test_what_is_recommended_is_announced_beforehand(conversation: Make, warned: Warnings) -> None:
    talk = conversation(model="gpt-5")
    assert talk.settled(talk.start().id).status == "completed"
    assert warned() == [
        "assistants-compat: OpenAI shuts down the model 'gpt-5' on 2026-12-11 and recommends 'gpt-5.6-sol', to which its runs are sent "
        "from then on."
    ]


@setting({"my-alias": "gpt-4o", "gpt-4o": "gpt-6-sol"})
def test_it_is_the_model_that_is_sent_which_is_warned_about(conversation: Make, warned: Warnings) -> None:
    talk = conversation(model="gpt-4o")
    assert talk.settled(talk.start().id).status == "completed"
    assert warned() == []
    assert talk.settled(talk.start(model="my-alias").id).status == "completed"
    assert warned() == [
        "assistants-compat: OpenAI shuts down the model 'gpt-4o' on 2027-01-14 and recommends 'gpt-6-luna': "
        "put my-alias=gpt-6-luna into ASSISTANTS_COMPAT_MODELS."
    ]


@setting({"a": "gpt-5", "b": "gpt-5"})
def test_a_model_with_two_names_is_warned_about_once(conversation: Make, warned: Warnings) -> None:
    talk = conversation(model="a")
    for model in ("a", "b"):
        assert talk.settled(talk.start(model=model).id).status == "completed"
    (warning,) = warned()
    assert "OpenAI shuts down the model 'gpt-5' on 2026-12-11" in warning


# -- servers with models of their own


@setting({}, "recommended", upstream="vllm,without=store")
def test_where_openais_names_are_others_models_openais_dates_mean_nothing(
    conversation: Make, upstream: OfflineUpstream, warned: Warnings
) -> None:
    upstream._names |= {"gpt-4": "gpt-6-sol", "gpt-4o": "gpt-6-luna"}
    talk = conversation(model="gpt-4")
    for model in ("gpt-4", "gpt-4o"):
        assert talk.settled(talk.start(model=model).id).status == "completed"
    assert sent(upstream) == ["gpt-4", "gpt-4o"]
    assert not [warning for warning in warned() if "OpenAI" in warning]


@setting("recommended", upstream="litellm")
def test_a_gateway_may_lead_to_openai(conversation: Make, upstream: OfflineUpstream) -> None:
    talk = conversation(model="gpt-4")
    assert talk.settled(talk.start().id).status == "completed"
    assert sent(upstream) == ["gpt-5.6-sol"]


# -- Azure


@pytest.fixture
def azure(upstream: OfflineUpstream, settings: Settings) -> openai.AzureOpenAI:
    client = openai.AzureOpenAI(
        azure_endpoint="https://unit.openai.azure.com", api_version="2024-05-01-preview", api_key="k", http_client=upstream.http_client()
    )
    attach(client, settings)
    return client


@setting({}, "recommended")
def test_a_deployment_is_sent_as_it_is_called(
    azure: openai.AzureOpenAI, upstream: OfflineUpstream, settings: Settings, warned: Warnings
) -> None:
    upstream._names |= {"gpt-4": "gpt-6-sol", "gpt-4o": "gpt-6-luna"}
    talk = Conversation(azure, upstream, runtime_for(settings), model="gpt-4")
    for model in ("gpt-4", "gpt-4o"):
        assert talk.settled(talk.start(model=model).id).status == "completed"
    assert (sent(upstream), warned()) == (["gpt-4", "gpt-4o"], [])


def test_a_deployment_that_is_not_there_fails_the_run_with_its_name(
    azure: openai.AzureOpenAI, upstream: OfflineUpstream, settings: Settings
) -> None:
    upstream._names["gpt-4"] = "gpt-6-luna"
    talk = Conversation(azure, upstream, runtime_for(settings), model="gpt-4")
    upstream.script(HttpError(404, NO_DEPLOYMENT, "DeploymentNotFound"))
    run = talk.settled(talk.start().id)
    assert run.last_error.to_dict() == {
        "code": "server_error",
        "message": f"{NO_DEPLOYMENT} (assistants-compat: On Azure a model's name is that of a deployment: "
        "set ASSISTANTS_COMPAT_MODELS=gpt-4=<deployment>.)",
    }


@setting({"gpt-4": "our-sol"})
def test_a_mapping_holds_for_deployments_too(azure: openai.AzureOpenAI, upstream: OfflineUpstream, settings: Settings) -> None:
    upstream._names["our-sol"] = "gpt-6-sol"
    talk = Conversation(azure, upstream, runtime_for(settings), model="gpt-4")
    assert talk.settled(talk.start().id).status == "completed"
    assert sent(upstream) == ["our-sol"]
