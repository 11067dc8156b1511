"""What is done about a refusal: the table of decisions, and what is remembered of a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistants_compat.runs.recovery import (
    SOMETHING_WRONG,
    Decision,
    GiveUp,
    LeaveOut,
    LeaveOutReasoning,
    Wait,
    backoff,
    decide,
    last_error,
)
from assistants_compat.testing import CodeInterpreter, Failed, HttpError, OfflineUpstream, Reasoning, Text, Turn
from runs.helpers import Conversation, Reader

Make = Callable[..., Conversation]


def decided(
    status: int, code: str | None = None, message: str = "No.", *, param: str | None = None, attempt: int = 1, **headers: str
) -> Decision:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return decide(status, named, {"code": code, "message": message, "param": param}, attempt, 4, 0.0)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 520, 522, 524, 529])
def test_passing_troubles_are_waited_for_up_to_the_last_retry(status: int) -> None:
    waits = [decided(status, attempt=attempt) for attempt in (1, 2, 3, 4)]
    assert waits == [Wait(0.5), Wait(1.0), Wait(2.0), Wait(4.0)]
    code = "rate_limit_exceeded" if status == 429 else "server_error"
    assert decided(status, attempt=5) == GiveUp(code, "No.")
    assert decided(status, message="", attempt=5) == GiveUp(code, SOMETHING_WRONG)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "3"}, 3.0),
        ({"retry_after_ms": "250"}, 0.25),
        ({"retry_after_ms": "250", "retry_after": "3"}, 0.25),
        ({"retry_after": "60"}, 60.0),
        ({"retry_after": "61"}, 0.5),
        ({"retry_after": "0"}, 0.5),
        ({"retry_after": "-3"}, 0.5),
        ({"retry_after": "nan"}, 0.5),
        ({"retry_after": "inf"}, 0.5),
        ({"retry_after": "Fri, 20 Nov 2026 12:00:00 GMT"}, 0.5),
        ({"retry_after_ms": "soon", "retry_after": "3"}, 3.0),
    ],
)
def test_the_upstreams_own_time_counts_where_it_is_reasonable(headers: dict[str, str], seconds: float) -> None:
    assert decided(429, **headers) == Wait(seconds)


def test_the_upstream_may_say_that_trying_again_is_no_use() -> None:
    assert decided(500, x_should_retry="false") == GiveUp("server_error", "No.")
    assert decided(429, "rate_limit_exceeded", x_should_retry="false") == GiveUp("rate_limit_exceeded", "No.")


def test_an_exhausted_quota_does_not_come_back() -> None:
    assert decided(429, "insufficient_quota") == GiveUp("rate_limit_exceeded", "No.")


@pytest.mark.parametrize(
    ("param", "left_out"),
    [
        ("temperature", "temperature"),
        ("top_p", "top_p"),
        ("reasoning.effort", "reasoning"),
        ("reasoning", "reasoning"),
        ("include", "reasoning.encrypted_content"),
    ],
)
@pytest.mark.parametrize("code", ["unsupported_value", "unsupported_parameter"])
def test_what_a_model_does_not_take_is_left_out(param: str, left_out: str, code: str) -> None:
    assert decided(400, code, param=param) == LeaveOut(left_out)
    assert decided(400, "invalid_value", param=param) == GiveUp("server_error", "No.")
    assert decided(403, code, param=param) == GiveUp("server_error", "No.")


def test_what_a_model_does_not_take_and_the_program_cannot_do_without_is_not_left_out() -> None:
    assert decided(400, "unsupported_value", param="text.format") == GiveUp("server_error", "No.")


def test_reasoning_that_cannot_be_asked_for_or_read() -> None:
    assert decided(400, None, "Encrypted content is not supported with this model.", param="include") == LeaveOut(
        "reasoning.encrypted_content"
    )
    assert decided(400, "invalid_encrypted_content") == LeaveOutReasoning()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("rate_limit_exceeded", "rate_limit_exceeded"),
        ("insufficient_quota", "rate_limit_exceeded"),
        ("invalid_prompt", "invalid_prompt"),
        ("context_length_exceeded", "invalid_prompt"),
        ("server_error", "server_error"),
        ("bio_policy", "server_error"),
        ("vector_store_timeout", "server_error"),
        (None, "server_error"),
    ],
)
def test_a_run_knows_three_codes(code: str | None, expected: str) -> None:
    assert last_error(code, "No.") == GiveUp(expected, "No.")
    assert last_error(code, "No.").last_error == {"code": expected, "message": "No."}


_JSON = st.none() | st.text(max_size=20) | st.integers()


@given(
    st.integers(100, 599),
    st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "x-should-retry"]), st.text(max_size=10) | st.floats().map(str)),
    st.fixed_dictionaries({}, optional={"code": _JSON, "message": _JSON, "param": _JSON}),
    st.integers(1, 10),
    st.integers(0, 5),
    st.floats(0, 1),
)
def test_whatever_comes_there_is_a_decision(
    status: int, headers: dict[str, str], error: dict[str, Any], attempt: int, most: int, jitter: float
) -> None:
    decision = decide(status, headers, error, attempt, most, jitter)
    if isinstance(decision, Wait):
        assert 0 < decision.seconds <= 60
        assert attempt <= most
    if isinstance(decision, GiveUp):
        assert decision.code in ("server_error", "rate_limit_exceeded", "invalid_prompt")


@given(st.integers(1, 30), st.floats(0, 1))
def test_the_wait_grows_and_is_bounded(attempt: int, jitter: float) -> None:
    assert 0.375 <= backoff(attempt, jitter) <= 8.0
    assert backoff(attempt, 0.0) <= backoff(attempt + 1, 0.0)


# -- what is remembered


TEMPERATURE = "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) value is supported."


def test_a_refused_parameter_is_remembered_for_its_model_and_said_once(conversation: Make, upstream: OfflineUpstream, caplog: Any) -> None:
    talk = conversation(model="gpt-6-sol")
    for _ in range(2):
        assert talk.settled(talk.start(temperature=0.5, top_p=0.9).id).status == "completed"
    sent = [sorted({"temperature", "top_p"} & set(request.body)) for request in upstream.requests]
    assert sent == [["temperature", "top_p"], ["top_p"], [], []]
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warnings == [
        f"assistants-compat: the model 'gpt-6-sol' refuses the parameter '{name}'; it is left out of its requests."
        for name in ("temperature", "top_p")
    ]
    assert talk.settled(talk.start(model="gpt-4o", temperature=0.5).id).status == "completed"
    assert upstream.requests[-1].body["temperature"] == 0.5


def test_the_run_still_shows_what_the_program_asked_for(conversation: Make) -> None:
    talk = conversation(model="gpt-6-sol")
    run = talk.settled(talk.start(temperature=0.5).id)
    assert (run.status, run.temperature, run.model) == ("completed", 0.5, "gpt-6-sol")


def test_a_model_that_does_not_reason_is_not_asked_to(conversation: Make, upstream: OfflineUpstream, caplog: Any) -> None:
    """A deployment's name says nothing of its model; what asking it costs, it costs once, and nobody is bothered with it."""
    upstream._names["my-deployment"] = "gpt-4o"
    talk = conversation(model="my-deployment")
    for _ in range(2):
        assert talk.settled(talk.start().id).status == "completed"
    assert ["include" in request.body for request in upstream.requests] == [True, False, False]
    assert caplog.records == []


def test_a_reasoning_effort_that_is_refused_is_left_out(conversation: Make, upstream: OfflineUpstream) -> None:
    talk = conversation(model="gpt-4o")
    assert talk.settled(talk.start(reasoning_effort="low").id).status == "completed"
    assert ["reasoning" in request.body for request in upstream.requests] == [True, False]


def test_an_effort_that_is_refused_says_nothing_of_another_one(conversation: Make, upstream: OfflineUpstream, caplog: Any) -> None:
    talk = conversation(model="gpt-5.5")
    sentence = "Unsupported value: 'minimal' is not supported with the 'gpt-5.5' model. Supported values are: 'low', and 'high'."
    upstream.script(HttpError(400, sentence, "unsupported_value", param="reasoning.effort"), "One.", "Two.")
    for effort in ("low", "high"):
        assert talk.settled(talk.start(reasoning_effort=effort).id).status == "completed"
    assert [request.body.get("reasoning") for request in upstream.requests] == [{"effort": "low"}, None, {"effort": "high"}]
    (said,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "the model 'gpt-5.5' refuses the value of 'reasoning'" in said


CODE: Any = {"type": "code_interpreter"}
TROUBLE = "An unexpected error occurred while running the `code_interpreter` tool."


def test_a_tool_whose_trouble_passes_is_kept(conversation: Make, upstream: OfflineUpstream, no_waiting: None) -> None:
    talk = conversation(tools=[CODE])
    upstream.script(HttpError(500, TROUBLE, type="server_error"), "One.", "Two.")
    for _ in range(2):
        assert talk.settled(talk.start().id).status == "completed"
    assert [[tool["type"] for tool in request.body["tools"]] for request in upstream.requests] == [["code_interpreter"]] * 3


@pytest.mark.parametrize("message", [TROUBLE, "The server had an error (max_output_tokens).", "unsupported `temperature`"])
def test_an_answer_that_fails_is_asked_for_again_only_so_often(
    conversation: Make, upstream: OfflineUpstream, no_waiting: None, message: str
) -> None:
    upstream.script(*[Failed("server_error", message)] * 9)
    talk = conversation(tools=[CODE])
    run = talk.settled(talk.start(temperature=0.5, max_completion_tokens=500).id)
    assert (run.status, run.last_error.message) == ("failed", message)
    assert len(upstream.requests) == 5
    assert {len(request.body) for request in upstream.requests} == {len(upstream.requests[0].body)}, "nothing was left out"


def test_what_somebody_has_heard_is_not_said_anew(conversation: Make, upstream: OfflineUpstream, no_waiting: None) -> None:
    talk = conversation(tools=[CODE])
    upstream.script(Failed("unsupported_value", TROUBLE, items=(Text("Hello there"),)), "Second time.")
    reader = Reader(talk.start(stream=True))
    assert reader.finish()[-1] == "thread.run.failed"
    assert reader.names.count("thread.message.created") == 1
    assert len(upstream.requests) == 1


def test_a_schema_that_is_refused_leaves_the_thread_as_it_was(conversation: Make, upstream: OfflineUpstream) -> None:
    talk = conversation(tools=[CODE])
    upstream.script(Turn(CodeInterpreter("x = 1", logs="1"), "One."))
    assert talk.settled(talk.start().id).status == "completed"
    sentence = "Invalid schema for function 'run': In context=('properties', 'container'), 'oneOf' is not permitted."
    upstream.script(HttpError(400, sentence, "invalid_function_parameters", param="tools[1].parameters"), "Two.")
    refused, done = talk.settled(talk.start().id), talk.settled(talk.start().id)
    assert (refused.last_error.message, done.status) == (sentence, "completed")
    assert [item["type"] for item in upstream.requests[-1].body["input"]] == ["message", "code_interpreter_call", "message"]


def test_reasoning_nobody_can_read_any_more_is_left_out_of_this_run(conversation: Make, upstream: OfflineUpstream) -> None:
    """The upstream's key has changed: the sealed reasoning in the history is worth nothing."""
    talk = conversation(model="gpt-6-sol")
    upstream.script(Turn(Reasoning(), "First."))
    talk.settled(talk.start().id)
    talk.upstream._memory = type(upstream._memory)()
    before = len(upstream.requests)
    assert talk.settled(talk.start().id).status == "completed"
    kinds = [[item["type"] for item in request.body["input"]] for request in upstream.requests[before:]]
    assert kinds == [["message", "reasoning", "message"], ["message", "message"]]
