"""The sixteen pairs of strings every object carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assistants_compat.api.refusals import invalid_type, property_name_too_long, string_too_long, too_many_properties

MAX_PAIRS = 16
MAX_KEY = 64
MAX_VALUE = 512


@dataclass(frozen=True, slots=True)
class Metadata:
    """Null empties it. A value that is no string is told before there being too many (reported)."""

    def check(self, value: Any, path: str) -> dict[str, str]:
        if value is None:
            return {}
        if type(value) is not dict:
            raise invalid_type(path, "an object", value)
        for key, item in value.items():
            if type(item) is not str:
                raise invalid_type(f"{path}.{key}", "a string", item)
        if len(value) > MAX_PAIRS:
            raise too_many_properties(path, MAX_PAIRS, len(value))
        for key, item in value.items():
            if len(key) > MAX_KEY:
                raise property_name_too_long(path, key, MAX_KEY)
            if len(item) > MAX_VALUE:
                raise string_too_long(f"{path}.{key}", MAX_VALUE, len(item))
        return dict(value)


METADATA = Metadata()
