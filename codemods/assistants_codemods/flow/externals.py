"""What functions from outside the tree do with values: which return texts, which hand on what they get, which only look. Pure data."""

from __future__ import annotations

RETURN_TEXT = frozenset(
    {
        "builtins.str",
        "builtins.input",
        "builtins.repr",
        "builtins.format",
        "builtins.chr",
        "json.dumps",
        "os.getenv",
        "os.environ.get",
        "getpass.getpass",
        "uuid.uuid4",
        "time.strftime",
        "textwrap.dedent",
        "os.path.join",
        "os.path.basename",
    }
)

TEXT_METHODS = frozenset(
    [
        "capitalize",
        "casefold",
        "center",
        "format",
        "join",
        "ljust",
        "lower",
        "lstrip",
        "replace",
        "rjust",
        "rstrip",
        "strip",
        "title",
        "upper",
        "zfill",
        "removeprefix",
        "removesuffix",
        "strftime",
        "isoformat",
        "decode",
        "read",
        "read_text",
        "getvalue",
        "splitlines",
        "split",
    ]
)
"""Methods that return texts (or lists of them) whoever has them."""

ONLY_LOOK = frozenset(
    {
        "builtins.print",
        "builtins.len",
        "builtins.isinstance",
        "builtins.issubclass",
        "builtins.hasattr",
        "builtins.type",
        "builtins.id",
        "builtins.bool",
        "builtins.int",
        "builtins.float",
        "builtins.callable",
        "builtins.any",
        "builtins.all",
        "builtins.hash",
        "warnings.warn",
        "pprint.pprint",
        "pprint.pp",
        "time.sleep",
        "asyncio.sleep",
        "anyio.sleep",
        "trio.sleep",
        "IPython.display.display",
        "IPython.display.clear_output",
        "rich.print",
    }
)
"""Functions that keep nothing of what they are given."""

LOOK_AT_SHAPE = frozenset(
    {"builtins.vars", "builtins.dict", "builtins.dir", "json.dumps", "pprint.pprint", "pprint.pp", "builtins.setattr"}
)
"""Functions to which an object shows how it is made."""

LOGGING = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "write", "secho", "echo"})
"""Methods, of whatever object, that print."""

SAME_ELEMENTS = frozenset(
    {
        "builtins.list",
        "builtins.tuple",
        "builtins.reversed",
        "builtins.sorted",
        "builtins.set",
        "builtins.iter",
        "builtins.filter",
        "itertools.islice",
        "itertools.chain",
    }
)
"""Functions that give what iterating over their arguments gives."""

ONE_ELEMENT = frozenset({"builtins.next", "builtins.anext", "builtins.min", "builtins.max"})

HAND_ON = frozenset(
    {
        "asyncio.run",
        "asyncio.create_task",
        "asyncio.ensure_future",
        "asyncio.wait_for",
        "asyncio.shield",
        "asyncio.gather",
        "copy.copy",
        "copy.deepcopy",
        "typing.cast",
        "contextlib.nullcontext",
        "contextlib.closing",
        "builtins.aiter",
    }
)
"""Functions that return what they are given (their last argument for `cast`)."""

CALL_LATER = frozenset(
    {
        "asyncio.to_thread",
        "functools.partial",
        "anyio.to_thread.run_sync",
        "anyio.run",
        "trio.to_thread.run_sync",
        "threading.Thread",
        "builtins.map",
    }
)
"""Functions that call what they are given with the rest of their arguments."""
