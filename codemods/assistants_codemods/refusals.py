"""Why code is left as it is: the codes from AC020 on, as rows of id, title, explanation, what to do, severity.

AC020 to AC049: where values come from and go. AC050 to AC089: what has no counterpart in Responses. AC090 on: what a scan tells.
"""

from __future__ import annotations

from assistants_codemods.findings import Severity

REFUSALS: tuple[tuple[str, str, str, str, Severity], ...] = (
    (
        "AC020",
        "No transformation knows this call",
        "The method has no rewriting to the target, or its arguments hide behind a star that cannot be seen through.",
        "Leave it on the shim, or rewrite it by hand.",
        "warning",
    ),
    (
        "AC021",
        "Another line holds the group back",
        "A thread's life is migrated whole or not at all, and a line that the same thread or run reaches cannot be rewritten.",
        "Look at the line named here first. `--partial` rewrites the rest all the same and marks the seams.",
        "warning",
    ),
    (
        "AC022",
        "A value may be one thing or another",
        "Two kinds of objects meet in this name, and what is read here is called differently on each.",
        "Use two names, and run again.",
        "warning",
    ),
    (
        "AC023",
        "An object goes where it is not followed",
        "An object of the API reaches code outside the tree, or shows its shape there (JSON, a template, a queue): that code reads "
        "fields which native objects call otherwise.",
        "Hand on the values instead of the object.",
        "warning",
    ),
    (
        "AC024",
        "A method is handed on without being called",
        "A method of the API is an argument or a value of its own (`partial`, `to_thread`, a table of functions).",
        "Hand on a function of your own that makes the call.",
        "warning",
    ),
    (
        "AC025",
        "The field has no counterpart",
        "The native object has no such field, or one that means something else.",
        "Read what the message names instead, or keep the value in your own data.",
        "warning",
    ),
    (
        "AC026",
        "Arguments are hidden behind a star",
        "The call takes `*args` or `**kwargs` whose contents are not written out in the tree.",
        "Write the arguments out.",
        "warning",
    ),
    (
        "AC027",
        "Raw responses are the wire's own",
        "`with_raw_response` and `with_streaming_response` show the HTTP reply, which is another one in the native API.",
        "Call the method itself, or rewrite by hand.",
        "warning",
    ),
    (
        "AC028",
        "The client is one that is known not to be OpenAI's",
        "What `.beta` is read of is made by a class of another library, or is a mock.",
        "Nothing, if that is so. A mock of the old API has to be rewritten by hand together with the code it is for.",
        "note",
    ),
    (
        "AC029",
        "The file is not part of this run",
        "The group reaches a file that was not given, so the whole group stays.",
        "Run again with the folder that has all of it.",
        "warning",
    ),
)
