"""Query strings. Parameters nobody knows are ignored, as the original did; an empty one counts as not given (inferred)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assistants_compat.api.body import check_text
from assistants_compat.api.parameters.ids import RUN_ID
from assistants_compat.api.refusals import invalid_type
from assistants_compat.api.schema import Check, Choice, Integer

FILE_SEARCH_CONTENT = "step_details.tool_calls[*].file_search.results[*].content"


@dataclass(frozen=True, slots=True)
class Number:
    """An integer written out. Other text is told as a string where an integer was expected (inferred)."""

    inner: Integer

    def check(self, value: str, path: str) -> int:
        if _INTEGER.fullmatch(value) is None:
            raise invalid_type(path, "an integer", value)
        return self.inner.check(int(value), path)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The id of the object to start after or before."""

    def check(self, value: str, path: str) -> str:
        return value


@dataclass(frozen=True, slots=True)
class Query:
    """Parameters of a query string, with what each is when it is not given.

    Of a parameter given twice the last one counts, except for `include`, also spelled `include[]`, which collects.
    """

    fields: Mapping[str, tuple[Check, Any]]
    include: tuple[str, ...] = ()

    def check(self, given: Iterable[tuple[str, str]] | Mapping[str, str]) -> dict[str, Any]:
        """Every known parameter, given or not, checked."""
        checked = {name: default for name, (_, default) in self.fields.items()}
        included: list[str] = []
        for name, value in given.items() if isinstance(given, Mapping) else given:
            if not value:
                continue
            if name in self.fields:
                checked[name] = self.fields[name][0].check(check_text(value, name), name)
            elif self.include and name in ("include", "include[]"):
                path = f"include[{len(included)}]"
                included.append(Choice(self.include).check(check_text(value, path), path))
        if self.include:
            checked["include"] = included
        return checked


_INTEGER = re.compile("-?[0-9]{1,300}")
_PAGE: dict[str, tuple[Check, Any]] = {
    "limit": (Number(Integer(1, 100)), 20),
    "order": (Choice(("asc", "desc")), "desc"),
    "after": (Cursor(), None),
    "before": (Cursor(), None),
}

LIST_ASSISTANTS = Query(_PAGE)
LIST_MESSAGES = Query({**_PAGE, "run_id": (RUN_ID, None)})
LIST_RUNS = Query(_PAGE)
LIST_STEPS = Query(_PAGE, include=(FILE_SEARCH_CONTENT,))
RETRIEVE_STEP = Query({}, include=(FILE_SEARCH_CONTENT,))
CREATE_RUN_QUERY = Query({}, include=(FILE_SEARCH_CONTENT,))
