"""`ASSISTANTS_COMPAT_UPSTREAM`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assistants_compat.settings import Settings
from assistants_compat.upstream_profiles import NAMES, PROFILES, left_out_in_advance


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", set()),
        ("auto", set()),
        ("openai", set()),
        ("lmstudio", {"file_search", "code_interpreter"}),
        ("without=store", {"store"}),
        ("without=include, prompt_cache_key", {"include", "prompt_cache_key"}),
        ("vllm,without=store", {"file_search", "store"}),
        ("vllm without=store", {"file_search", "store"}),
    ],
)
def test_a_profile_and_what_else_to_leave_out(text: str, expected: set[str]) -> None:
    assert left_out_in_advance(text) == expected
    assert Settings(upstream=text).upstream == text
    assert Settings.from_environment({"ASSISTANTS_COMPAT_UPSTREAM": text} if text else {}).upstream == (text or "auto")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("vlm", "assistants-compat: 'upstream' is 'vlm', but there is no profile 'vlm'; there are auto, openai, azure, vllm, ollama, "),
        (
            "without=storage",
            "'upstream' is 'without=storage', but 'storage' is nothing that can be left out; there are ",
        ),
        ("without=", "assistants-compat: 'upstream' is 'without=', but after 'without=' comes what is to be left out."),
    ],
)
def test_what_it_does_not_know_it_refuses(text: str, message: str) -> None:
    for make in (lambda: Settings(upstream=text), lambda: Settings.from_environment({"ASSISTANTS_COMPAT_UPSTREAM": text})):
        with pytest.raises(ValueError, match=re.escape(message)):
            make()


def test_the_page_names_every_profile_and_everything_that_can_be_left_out() -> None:
    page = (Path(__file__).parents[2] / "docs" / "upstreams.md").read_text()
    assert [name for name in (*PROFILES, *NAMES) if f"`{name}`" not in page] == []


def test_profiles_leave_out_only_what_can_be_left_out() -> None:
    assert frozenset().union(*PROFILES.values()) <= NAMES
