"""Messages as items: `[{"role": "user", "content": "Hi"}]`, written out or computed."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from assistants_codemods.flow.program import Argument, CallSite
from assistants_codemods.plan import Plan


def items_of(plan: Plan, site: CallSite, messages: Argument, group: int) -> Callable[[cst.BaseExpression], cst.BaseExpression]:
    """What makes items of the `messages` given to `site`. The group is refused where that is impossible."""
    plan.refuse(site.module, messages.node, "AC050", "Messages of a new thread are not rewritten yet", group, site=site)
    return lambda new: new
