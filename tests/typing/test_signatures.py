"""The constructors that type checkers see, beside those of the SDK that is installed."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import openai
import pytest

from assistants_compat import clients

NEWEST = (3, 52)
"""The SDK the signatures were written from."""


def _seen_by_type_checkers(name: str) -> list[str]:
    tree = ast.parse(Path(clients.__file__).read_text())
    definition = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    for node in definition.body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            constructor = node.body[0]
            assert isinstance(constructor, ast.FunctionDef)
            assert constructor.name == "__init__"
            assert (constructor.args.vararg, constructor.args.kwarg) == (None, None)
            return [argument.arg for argument in (*constructor.args.args, *constructor.args.kwonlyargs)]
    raise AssertionError(f"{name} shows type checkers no constructor")


@pytest.mark.skipif(tuple(map(int, openai.__version__.split(".")[:2])) < NEWEST, reason="an older SDK has fewer parameters than the newest")
@pytest.mark.parametrize("name", ["OpenAI", "AsyncOpenAI", "AzureOpenAI", "AsyncAzureOpenAI"])
def test_type_checkers_see_the_sdks_parameters_and_compat(name: str) -> None:
    theirs = list(inspect.signature(getattr(openai, name).__init__).parameters)
    assert _seen_by_type_checkers(name) == [*theirs, "compat"]


@pytest.mark.parametrize("name", ["OpenAI", "AsyncOpenAI", "AzureOpenAI", "AsyncAzureOpenAI"])
def test_no_parameter_of_an_older_sdk_is_hidden_from_type_checkers(name: str) -> None:
    theirs = set(inspect.signature(getattr(openai, name).__init__).parameters)
    assert theirs <= set(_seen_by_type_checkers(name))
