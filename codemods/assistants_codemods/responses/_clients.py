"""Whether a call is made on an asynchronous client."""

from __future__ import annotations

import libcst as cst

from assistants_codemods.flow.program import CallSite
from assistants_codemods.plan import Plan


def is_async(plan: Plan, site: CallSite) -> bool:
    """Whether `site` gives something to await: it is awaited, its client is said to be one, or others await what they call on it."""
    if site.is_awaited or is_iterated_async(site):
        return True
    if "Async" in plan.program.origins[site.client].how:
        return True
    others = (other for other in plan.program.sites.values() if other.client == site.client)
    return any(other.is_awaited for other in others)


def is_iterated_async(site: CallSite) -> bool:
    """Whether the call stands in `async for … in`."""
    parent = site.module.parents.get(site.node)
    return isinstance(parent, cst.For | cst.CompFor) and parent.iter is site.node and parent.asynchronous is not None
