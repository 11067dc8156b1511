"""The checks requests are described with, and the reading of a body: each refusal in full."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistants_compat.api.errors import ApiError
from assistants_compat.api.schema import (
    Array,
    Boolean,
    ByType,
    Check,
    Choice,
    Decimal,
    Id,
    Integer,
    Nullable,
    Object,
    Tagged,
    Text,
    parse_body,
)

NAME = Text(max_length=3, min_length=1, pattern=re.compile("^[a-z]+$"))
SHAPE = Tagged({"circle": Object({"radius": Integer(1)}, required=("radius",)), "point": Object({})})
EITHER = ByType({str: Text(), list: Array(SHAPE)}, "one of an array of objects or string")

REFUSED: list[tuple[Check, Any, str, str, str]] = [
    (Text(), True, "Invalid type for 'x': expected a string, but got a boolean instead.", "x", "invalid_type"),
    (Text(), 1, "Invalid type for 'x': expected a string, but got an integer instead.", "x", "invalid_type"),
    (Text(), 1.5, "Invalid type for 'x': expected a string, but got a decimal number instead.", "x", "invalid_type"),
    (Text(), {}, "Invalid type for 'x': expected a string, but got an object instead.", "x", "invalid_type"),
    (Text(), [], "Invalid type for 'x': expected a string, but got an array instead.", "x", "invalid_type"),
    (Text(), None, "Invalid type for 'x': expected a string, but got null instead.", "x", "invalid_type"),
    (
        NAME,
        "",
        "Invalid 'x': string too short. Expected a string with minimum length 1, but got an empty string instead.",
        "x",
        "empty_string",
    ),
    (
        NAME,
        "abcd",
        "Invalid 'x': string too long. Expected a string with maximum length 3, but got a string with length 4 instead.",
        "x",
        "string_above_max_length",
    ),
    (
        NAME,
        "a\n",
        "Invalid 'x': string does not match pattern. Expected a string that matches the pattern '^[a-z]+$'.",
        "x",
        "invalid_value",
    ),
    (Id("asst"), "wf_x", "Invalid 'x': 'wf_x'. Expected an ID that begins with 'asst'.", "x", "invalid_value"),
    (Id("asst"), None, "Invalid type for 'x': expected a string, but got null instead.", "x", "invalid_type"),
    (Choice(("a",)), "z", "Invalid value: 'z'. Supported values are: 'a'.", "x", "invalid_value"),
    (Choice(("a", "b")), "z", "Invalid value: 'z'. Supported values are: 'a' and 'b'.", "x", "invalid_value"),
    (Choice(("a", "b", "c")), "z", "Invalid value: 'z'. Supported values are: 'a', 'b', and 'c'.", "x", "invalid_value"),
    (
        Choice(("a", "b", "c")),
        [],
        "Invalid type for 'x': expected one of 'a', 'b', or 'c', but got an array instead.",
        "x",
        "invalid_type",
    ),
    (Boolean(), 1, "Invalid type for 'x': expected a boolean, but got an integer instead.", "x", "invalid_type"),
    (Integer(0), 3.0, "Invalid type for 'x': expected an integer, but got a decimal number instead.", "x", "invalid_type"),
    (Integer(0), True, "Invalid type for 'x': expected an integer, but got a boolean instead.", "x", "invalid_type"),
    (
        Integer(1, 100),
        101,
        "Invalid 'x': integer above maximum value. Expected a value <= 100, but got 101 instead.",
        "x",
        "integer_above_max_value",
    ),
    (
        Integer(1, 100),
        0,
        "Invalid 'x': integer below minimum value. Expected a value >= 1, but got 0 instead.",
        "x",
        "integer_below_min_value",
    ),
    (
        Integer(1),
        2**63,
        "Invalid 'x': integer above maximum value. Expected a value <= 9223372036854775807, but got 9223372036854775808 instead.",
        "x",
        "integer_above_max_value",
    ),
    (Decimal(0, 2), "1", "Invalid type for 'x': expected a decimal, but got a string instead.", "x", "invalid_type"),
    (Decimal(0, 2), False, "Invalid type for 'x': expected a decimal, but got a boolean instead.", "x", "invalid_type"),
    (
        Decimal(0, 2),
        3,
        "Invalid 'x': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
        "x",
        "decimal_above_max_value",
    ),
    (
        Decimal(0, 2),
        10**400,
        f"Invalid 'x': decimal above maximum value. Expected a value <= 2, but got {10**400} instead.",
        "x",
        "decimal_above_max_value",
    ),
    (
        Decimal(0, 2),
        -1,
        "Invalid 'x': decimal below minimum value. Expected a value >= 0, but got -1 instead.",
        "x",
        "decimal_below_min_value",
    ),
    (
        Decimal(0, 2),
        float("nan"),
        "Invalid 'x': decimal below minimum value. Expected a value >= 0, but got nan instead.",
        "x",
        "decimal_below_min_value",
    ),
    (Array(Text()), {}, "Invalid type for 'x': expected an array of objects, but got an object instead.", "x", "invalid_type"),
    (
        Array(Text(), min_length=1),
        [],
        "Invalid 'x': array too short. Expected an array with minimum length 1, but got an empty array instead.",
        "x",
        "empty_array",
    ),
    (
        Array(Text(), max_length=1),
        ["a", "b"],
        "Invalid 'x': array too long. Expected an array with maximum length 1, but got an array with length 2 instead.",
        "x",
        "array_above_max_length",
    ),
    (Array(Text()), ["a", 1], "Invalid type for 'x[1]': expected a string, but got an integer instead.", "x[1]", "invalid_type"),
    (
        Object({"a": Text()}, required=("a",)),
        {},
        "Missing required parameter: 'x.a'.",
        "x.a",
        "missing_required_parameter",
    ),
    (Object({"a": Text()}), {"b": 1}, "Unknown parameter: 'x.b'.", "x.b", "unknown_parameter"),
    (Object({"a": Text()}), {"a": 1}, "Invalid type for 'x.a': expected a string, but got an integer instead.", "x.a", "invalid_type"),
    (Object({}), [], "Invalid type for 'x': expected an object, but got an array instead.", "x", "invalid_type"),
    (SHAPE, "circle", "Invalid type for 'x': expected an object, but got a string instead.", "x", "invalid_type"),
    (SHAPE, {}, "Missing required parameter: 'x.type'.", "x.type", "missing_required_parameter"),
    (
        SHAPE,
        {"type": None},
        "Invalid type for 'x.type': expected one of 'circle' or 'point', but got null instead.",
        "x.type",
        "invalid_type",
    ),
    (
        SHAPE,
        {"type": "square"},
        "Invalid value: 'square'. Supported values are: 'circle' and 'point'.",
        "x.type",
        "invalid_value",
    ),
    (SHAPE, {"type": "circle"}, "Missing required parameter: 'x.radius'.", "x.radius", "missing_required_parameter"),
    (SHAPE, {"type": "point", "radius": 1}, "Unknown parameter: 'x.radius'.", "x.radius", "unknown_parameter"),
    (EITHER, 1, "Invalid type for 'x': expected one of an array of objects or string, but got an integer instead.", "x", "invalid_type"),
    (EITHER, [{}], "Missing required parameter: 'x[0].type'.", "x[0].type", "missing_required_parameter"),
]


@pytest.mark.parametrize(("check", "value", "message", "param", "code"), REFUSED)
def test_a_refusal_says_what_was_expected_and_what_came(check: Check, value: Any, message: str, param: str, code: str) -> None:
    with pytest.raises(ApiError) as refusal:
        check.check(value, "x")
    assert refusal.value.status == 400
    assert refusal.value.body() == {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


@pytest.mark.parametrize(
    ("check", "value", "echo"),
    [
        (NAME, "abc", "abc"),
        (Integer(1, 100), 100, 100),
        (Integer(1, 100), 1, 1),
        (Integer(1), 2**63 - 1, 2**63 - 1),
        (Decimal(0, 2), 2, 2.0),
        (Decimal(0, 2), 0, 0.0),
        (Array(Text(), max_length=1, min_length=1), ["a"], ["a"]),
        (Nullable(Text()), None, None),
        (Nullable(Text(), instead=list), None, []),
        (Nullable(Text()), "a", "a"),
        (SHAPE, {"radius": 1, "type": "circle"}, {"type": "circle", "radius": 1}),
        (EITHER, "a", "a"),
        (Object({"a": Text(), "b": Text()}), {"b": "2", "a": "1"}, {"a": "1", "b": "2"}),
    ],
)
def test_a_value_at_its_limit_is_answered_in_its_echo_form(check: Check, value: Any, echo: Any) -> None:
    assert json.dumps(check.check(value, "x")) == json.dumps(echo)


def test_the_top_of_a_body_has_no_path_before_its_parameters() -> None:
    with pytest.raises(ApiError, match=r"^Missing required parameter: 'a'\.$") as refusal:
        Object({"a": Text()}, required=("a",)).check({})
    assert refusal.value.param == "a"


def test_a_null_instead_is_made_anew_each_time() -> None:
    check = Nullable(Text(), instead=list)
    assert check.check(None, "x") is not check.check(None, "x")


def test_an_empty_body_is_an_empty_object() -> None:
    assert parse_body(b"") == {}


def test_the_last_of_two_equal_keys_counts() -> None:
    assert parse_body(b'{"a": 1, "a": 2}') == {"a": 2}


UNREADABLE = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The "
    "OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix this, "
    "please contact us through our help center at help.openai.com.)"
)


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"{'a': 1}",
        b" ",
        b"\xff{}",
        b'{"a": "\xed\xa0\x80"}',
        b'\xef\xbb\xbf{"a": 1}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": "\n"}',
        b'{"a": 1' + b"0" * 5000 + b"}",
    ],
)
def test_a_body_that_is_not_json_gets_the_hint(raw: bytes) -> None:
    with pytest.raises(ApiError) as refusal:
        parse_body(raw)
    assert refusal.value.body() == {"error": {"message": UNREADABLE, "type": "invalid_request_error", "param": None, "code": None}}


@pytest.mark.parametrize(
    ("raw", "got"),
    [
        (b"[]", "an array"),
        (b"null", "null"),
        (b'"a"', "a string"),
        (b"1", "an integer"),
        (b"1.5", "a decimal number"),
        (b"true", "a boolean"),
    ],
)
def test_a_body_that_is_no_object_is_told_so(raw: bytes, got: str) -> None:
    with pytest.raises(ApiError) as refusal:
        parse_body(raw)
    assert refusal.value.message == f"Invalid type for 'body': expected an object, but got {got} instead."
    assert (refusal.value.param, refusal.value.code) == (None, "invalid_type")


@pytest.mark.parametrize(
    ("raw", "message", "param"),
    [
        (
            rb'{"a": [{"b": "x\u0000"}]}',
            "Invalid 'a[0].b': string contains a NUL character. Expected a string of valid Unicode text.",
            "a[0].b",
        ),
        (rb'{"a": "\ud800"}', "Invalid 'a': string contains an unpaired surrogate. Expected a string of valid Unicode text.", "a"),
        (rb'{"a": "\uDE00\uD83D"}', "Invalid 'a': string contains an unpaired surrogate. Expected a string of valid Unicode text.", "a"),
        (rb'{"\u0000": 1}', "string contains a NUL character. Expected a string of valid Unicode text.", None),
        (
            rb'{"m": {"\udfff": 1}}',
            "Invalid 'm': string contains an unpaired surrogate. Expected a string of valid Unicode text.",
            "m",
        ),
    ],
)
def test_text_no_store_can_keep_is_refused(raw: bytes, message: str, param: str | None) -> None:
    with pytest.raises(ApiError) as refusal:
        parse_body(raw)
    assert (refusal.value.message, refusal.value.param, refusal.value.code) == (message, param, "invalid_value")


def test_escaped_and_plain_characters_outside_the_basic_plane_are_the_same() -> None:
    assert parse_body(rb'{"a": "\ud83d\ude00"}') == parse_body('{"a": "😀"}'.encode()) == {"a": "😀"}


def test_nesting_of_64_levels_is_taken_and_of_65_refused() -> None:
    assert parse_body(b'{"a":' + b"[" * 63 + b"]" * 63 + b"}")
    with pytest.raises(ApiError, match=r"nested too deeply\. Expected at most 64 levels"):
        parse_body(b'{"a":' + b"[" * 64 + b"]" * 64 + b"}")


def test_many_brackets_side_by_side_are_not_nesting() -> None:
    assert len(parse_body(json.dumps({"a": [{"b": [1]}] * 500}).encode())["a"]) == 500


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_bottomless_nesting_is_refused_without_a_recursion_error(opening: bytes, depth: int) -> None:
    with pytest.raises(ApiError):
        parse_body(b'{"a":' + opening * depth)


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_bottomless_nesting_that_closes_is_refused_too(depth: int) -> None:
    with pytest.raises(ApiError, match="Invalid body: nested too deeply"):
        parse_body(b'{"a":' * depth + b"1" + b"}" * depth)


@given(st.binary() | st.text().map(lambda text: ('{"a": "' + text + '"}').encode("utf-8", "surrogatepass")))
def test_whatever_bytes_come_the_answer_is_an_object_or_a_refusal(raw: bytes) -> None:
    try:
        body = parse_body(raw)
    except ApiError as refusal:
        json.dumps(refusal.body(), ensure_ascii=False).encode()
    else:
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=5), inner, max_size=3),
)


@given(st.dictionaries(st.text(), JSON, max_size=4), st.booleans())
def test_whatever_json_comes_leaves_fit_to_be_written_again(body: dict[str, Any], ascii_only: bool) -> None:
    raw = json.dumps(body, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    try:
        parsed = parse_body(raw)
    except ApiError as refusal:
        json.dumps(refusal.body(), ensure_ascii=False).encode()
    else:
        written = json.dumps(parsed, ensure_ascii=False, allow_nan=False).encode()
        assert b"\\u0000" not in written
