"""Requests that are nearly right, made of the tables in `api/parameters`: the description of the API that checks them as well.

Every check has a strategy for what it takes; at each place something else may stand instead: junk, an edge, a value too many or too few.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from assistants_compat.api import parameters, schema
from assistants_compat.api.parameters import messages, metadata, queries

Json = dict[str, Any]
Strategy = st.SearchStrategy[Any]

SUPPOSED = ["{assistant}", "{thread}", "{message}", "{run}", "{waiting_run}", "{step}", "{locked_thread}"]
"""Ids of what there is in the store that is asked: filled in when the request is sent."""


@dataclass(frozen=True)
class Sent:
    method: str
    path: str
    """Encoded, with its query, below `/v1`."""
    headers: Mapping[str, str]
    body: bytes | None

    def filled(self, ids: Mapping[str, str]) -> Sent:
        path, body = self.path, self.body
        for name, id in ids.items():
            path = path.replace(f"{{{name}}}", id)
            body = None if body is None else body.replace(f"{{{name}}}".encode(), id.encode())
        return Sent(self.method, path, self.headers, body)


# -- values

WORDS = st.sampled_from(["", "x", "auto", "☃", "\0", "\ud800", "a" * 70, "b" * 600, "{thread}", "undefined", "../..", "'; DROP TABLE runs"])
NUMBERS = st.sampled_from([0, -1, 1, 2**31, 2**63, 10**40, 0.5, 1e308, -0.0, 3.0])
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, WORDS, st.text(max_size=8))
JUNK = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=5)

_STRATEGIES: dict[type, Callable[[Any], Strategy]] = {
    schema.AnyObject: lambda _: st.dictionaries(st.text(max_size=5), JUNK, max_size=3),
    schema.Text: lambda check: _text(check),
    schema.Id: lambda check: st.sampled_from([f"{check.prefix}_x", *SUPPOSED]),
    schema.Choice: lambda check: st.sampled_from(check.values),
    schema.Boolean: lambda _: st.booleans(),
    schema.Integer: lambda check: st.sampled_from([check.minimum, min(check.maximum, check.minimum + 5), check.maximum, check.minimum - 1]),
    schema.Decimal: lambda check: st.sampled_from([check.minimum, check.maximum, (check.minimum + check.maximum) / 2, check.maximum + 0.1]),
    schema.Nullable: lambda check: st.none() | near(check.inner),
    schema.Array: lambda check: st.lists(near(check.item), min_size=check.min_length, max_size=3),
    schema.Object: lambda check: _object(check.fields, check.required),
    schema.Tagged: lambda check: st.sampled_from(sorted(check.variants)).flatmap(lambda tag: _tagged(tag, check.variants[tag])),
    schema.ByType: lambda check: st.one_of([near(each) for each in check.checks.values()]),
    metadata.Metadata: lambda _: st.dictionaries(st.text(max_size=5) | WORDS, WORDS, max_size=3),
    messages.MessageText: lambda _: st.sampled_from(["Hello", "How is the weather?", " ", "y" * 256_001]),
    messages.PlainContent: lambda _: st.sampled_from(["Hello", "Tell me of code", ""]),
}


def near(check: Any) -> Strategy:
    """Mostly what the check takes."""
    right = _STRATEGIES[type(check)](check)
    return st.integers(0, 11).flatmap(lambda chance: JUNK if chance == 0 else right)


def _text(check: schema.Text) -> Strategy:
    edges = [] if check.max_length is None or check.max_length > 2000 else ["t" * check.max_length, "t" * (check.max_length + 1)]
    return st.sampled_from(["gpt-6-sol", "name", "Be brief.", *edges]) | st.text(max_size=8)


def _object(fields: Mapping[str, Any], required: tuple[str, ...]) -> Strategy:
    must = {name: near(fields[name]) for name in required}
    may = {name: near(check) for name, check in fields.items() if name not in required}
    whole = st.fixed_dictionaries(must, optional=may)
    return st.tuples(whole, st.integers(0, 15), WORDS, JUNK).map(_with_a_mistake)


def _with_a_mistake(drawn: tuple[Json, int, str, Any]) -> Json:
    given, chance, name, junk = drawn
    if chance == 0 and given:
        return dict(list(given.items())[1:])
    return {**given, name: junk} if chance == 1 else given


def _tagged(tag: str, variant: schema.Object) -> Strategy:
    return _object(variant.fields, variant.required).map(lambda rest: {"type": tag, **rest})


# -- bodies

BODIES: dict[str, schema.Object] = {
    "/assistants": parameters.CREATE_ASSISTANT,
    "/assistants/{assistant}": parameters.MODIFY_ASSISTANT,
    "/threads": parameters.CREATE_THREAD,
    "/threads/runs": parameters.CREATE_THREAD_AND_RUN,
    "/threads/{thread}": parameters.MODIFY_THREAD,
    "/threads/{thread}/messages": parameters.CREATE_MESSAGE,
    "/threads/{locked_thread}/messages": parameters.CREATE_MESSAGE,
    "/threads/{thread}/messages/{message}": parameters.MODIFY_MESSAGE,
    "/threads/{thread}/runs": parameters.CREATE_RUN,
    "/threads/{locked_thread}/runs": parameters.CREATE_RUN,
    "/threads/{thread}/runs/{run}": parameters.MODIFY_RUN,
    "/threads/{thread}/runs/{run}/cancel": schema.Object({}),
    "/threads/{thread}/runs/{run}/submit_tool_outputs": parameters.SUBMIT_TOOL_OUTPUTS,
    "/threads/{locked_thread}/runs/{waiting_run}/submit_tool_outputs": parameters.SUBMIT_TOOL_OUTPUTS,
}
QUERIES: dict[str, queries.Query] = {
    "/assistants": parameters.LIST_ASSISTANTS,
    "/threads/{thread}/messages": parameters.LIST_MESSAGES,
    "/threads/{thread}/runs": parameters.LIST_RUNS,
    "/threads/{thread}/runs/{run}/steps": parameters.LIST_STEPS,
    "/threads/{thread}/runs/{run}/steps/{step}": parameters.RETRIEVE_STEP,
}
SPOILT: list[Callable[[bytes], bytes]] = [
    lambda raw: raw[: len(raw) // 2],
    lambda raw: raw + b"}",
    lambda raw: b"\xef\xbb\xbf" + raw,
    lambda raw: raw.decode("utf-8", "replace").encode("utf-16"),
    lambda raw: raw.replace(b'"', b"'"),
    lambda raw: raw.replace(b":", b":NaN,", 1),
    lambda raw: b"[" * 3000 + raw,
    lambda raw: b'{"metadata":' * 200 + raw + b"}" * 200,
    lambda raw: b'{"a":1,' + raw[1:] if raw[:1] == b"{" else raw,
    lambda raw: bytes(byte ^ 0x80 if place % 7 == 3 else byte for place, byte in enumerate(raw)),
    lambda _: b"",
    lambda _: b"null",
    lambda _: b"1e999",
]


def _encoded(body: Any) -> bytes:
    return json.dumps(body).encode("utf-8", "surrogatepass")


def _spoilt(drawn: tuple[Any, int]) -> bytes:
    body, chance = drawn
    raw = _encoded(body)
    return SPOILT[chance](raw) if chance < len(SPOILT) else raw


def bodies(table: schema.Object) -> Strategy:
    return st.tuples(near(table), st.integers(0, 4 * len(SPOILT))).map(_spoilt)


# -- whole requests

ODD_IDS = [
    "",
    "undefined",
    "x" * 5000,
    "%00",
    "%2e%2e",
    "☃",
    "thread_x",
    "asst_",
    "run_%F0%28",
    "msg_'--",
    "{thread}",
    "{run}",
    "{message}",
    ".",
]


def _with_odd_ids(drawn: tuple[str, list[tuple[int, str]]]) -> str:
    parts = drawn[0].split("/")
    for chance, odd in drawn[1]:
        if chance < len(parts):
            parts[chance] = odd
    return quote("/".join(parts), safe="/%{}")


def paths(known: list[str]) -> Strategy:
    odd = st.tuples(st.integers(2, 30), st.sampled_from(ODD_IDS))
    return st.tuples(st.sampled_from(known), st.lists(odd, max_size=2)).map(_with_odd_ids)


def _queries(table: queries.Query) -> Strategy:
    names = st.sampled_from([*table.fields, "include[]", "include", "x", ""])
    values = st.sampled_from(
        ["1", "100", "0", "101", "-5", "1e2", "asc", "sideways", "{message}", "{run}", "msg_x", "", "\0", "☃", "9" * 400]
    )
    return st.lists(st.tuples(names, values), max_size=3).map(
        lambda pairs: "&".join(f"{name}={quote(value, safe='{}')}" for name, value in pairs)
    )


HEADERS = st.integers(0, 30).map(
    lambda chance: {
        0: {},
        1: {"OpenAI-Beta": "assistants=v1"},
        2: {"OpenAI-Beta": "x" * 3000},
        3: {"OpenAI-Beta": "assistants=v2", "Content-Type": "text/plain"},
        4: {"OpenAI-Beta": "assistants=v2", "Content-Encoding": "gzip"},
        5: {"OpenAI-Beta": "assistants=v2", "X-Stainless-Poll-Helper": "true", "X-Stainless-Read-Timeout": "NaN"},
        6: {"OpenAI-Beta": "assistants=v2", "X-Stainless-Timeout": "-1"},
    }.get(chance, {"OpenAI-Beta": "assistants=v2", "Content-Type": "application/json"})
)


def posts() -> Strategy:
    def of(path: str) -> Strategy:
        return st.builds(Sent, st.just("POST"), paths([path]), HEADERS, bodies(BODIES[path]))

    return st.sampled_from(sorted(BODIES)).flatmap(of)


def gets() -> Strategy:
    def of(path: str) -> Strategy:
        asked = st.tuples(paths([path]), _queries(QUERIES[path])).map(lambda drawn: f"{drawn[0]}?{drawn[1]}")
        return st.builds(Sent, st.just("GET"), asked, HEADERS, st.none())

    return st.sampled_from(sorted(QUERIES)).flatmap(of)


def others() -> Strategy:
    """Any method on any path."""
    known = sorted({*BODIES, *QUERIES, "/threads/{thread}/runs/{run}/steps/{step}"})
    methods = st.sampled_from(["GET", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "POST", "BREW"])
    return st.builds(Sent, methods, paths(known), HEADERS, st.none() | st.binary(max_size=30))


REQUESTS: Strategy = st.one_of(posts(), posts(), posts(), gets(), others())
