"""What a value in a saved object has to be, so that nothing stumbles over it later. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assistants_compat.transfer.schemas import MOST_ID, is_id

Json = dict[str, Any]
Check = Callable[[Any, str], Any]
"""Takes a value and its place in the object, and gives it back, or raises Refused."""

_MOST_SECONDS = 2**53


class Refused(ValueError):
    """What is wrong with an object, and where in it."""


def a_text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise Refused(f"{path} is no text")
    return value


def an_id(value: Any, path: str) -> str:
    if not is_id(value):
        raise Refused(f"{path} is no id of at most {MOST_ID} letters, digits, '-' and '_'")
    return str(value)


def a_file_id(value: Any, path: str) -> str:
    if not is_id(value) or "_" in value:
        raise Refused(f"{path} is no id that a file can be kept under")
    return str(value)


def a_moment(value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1 or not 0 <= value < _MOST_SECONDS:
        raise Refused(f"{path} is no time in seconds since 1970")
    return int(value)


def a_number(value: Any, path: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refused(f"{path} is no number")
    return value


def whole_number(value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(f"{path} is no whole number")
    return value


def an_object(value: Any, path: str) -> Json:
    if not isinstance(value, dict):
        raise Refused(f"{path} is no object")
    return value


def objects(value: Any, path: str) -> list[Json]:
    if not isinstance(value, list):
        raise Refused(f"{path} is no list")
    return [an_object(each, f"{path}[{index}]") for index, each in enumerate(value)]


def one_of(*values: str) -> Callable[[Any, str], str]:
    def check(value: Any, path: str) -> str:
        if value not in values:
            raise Refused(f"{path} is {str(value)[:40]!r}, none of {', '.join(values)}")
        return str(value)

    return check


def member(value: Json, name: str, path: str, check: Callable[[Any, str], Any]) -> Any:
    if value.get(name) is None:
        raise Refused(f"{path}.{name} is missing")
    return check(value[name], f"{path}.{name}")


def without_nulls(value: Json) -> Json:
    return {name: each for name, each in value.items() if each is not None}


def a_list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise Refused(f"{path} is no list")
    return value
