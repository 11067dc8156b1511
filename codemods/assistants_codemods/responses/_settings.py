"""The settings of a run: what its assistant says, and what the call says otherwise, as arguments of responses.create."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import libcst as cst

from assistants_codemods.building import Given, expression
from assistants_codemods.flow.program import CallSite
from assistants_codemods.plan import Plan

Arguments: TypeAlias = "list[tuple[str | None, cst.BaseExpression]]"


def settings(plan: Plan, site: CallSite, group: int) -> Callable[[Given], Arguments]:
    """What makes the arguments for responses.create from the settings given to `site`, which starts a run.

    The group is refused where a setting has no counterpart.
    """
    plan.want_part(site.module, "ASSISTANTS", group)

    def build(given: Given) -> Arguments:
        assistant = given.value("assistant_id")
        assert assistant is not None
        return [("**", expression("ASSISTANTS[{assistant}]", assistant=assistant))]

    return build
