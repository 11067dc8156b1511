"""Ids of threads that come from outside the program: they are data, and a conversation has another id.

    thread = client.beta.threads.retrieve(database.load())   →  told, once for each place

Guide: docs/codemods.md, "Data stays where it is"
"""

from __future__ import annotations

from assistants_codemods.flow.values import Api, Display, Text
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer

_MESSAGE = (
    "Thread ids from outside are data: 'assistants-compat export --to conversations' makes conversations of threads, and a map of ids"
)


@fixer("responses", "notes")
def fix(plan: Plan) -> None:
    """Look at the ids that calls are given."""
    for site in plan.sites_of("beta.threads.retrieve", "beta.threads.messages.create", "beta.threads.runs.create"):
        thread = site.argument("thread_id")
        if thread is not None and any(not isinstance(atom, Api | Text | Display) for atom in thread.value):
            plan.note(site.module, thread.node, "AC097", _MESSAGE, "note")
