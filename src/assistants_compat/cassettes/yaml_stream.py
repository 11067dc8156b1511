"""YAML cassettes, one interaction in memory at a time. Data only: no tag makes anything but text, bytes, numbers, lists and mappings.

A document is read by PyYAML's parser event by event; what is below `interactions` is composed and given out item by item. An anchor may
be referred to from a later item, as PyYAML writes things that occur twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any, Protocol, cast

from assistants_compat.cassettes.errors import CassetteError, NotACassette
from assistants_compat.cassettes.forms import INTERACTIONS


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


_PYTHON = "tag:yaml.org,2002:python/"


def interactions_in(stream: Readable, name: str) -> Iterator[Any]:
    """What a document has below `interactions`, or in its topmost list, in order.

    Raises:
        NotACassette: it has neither.
        CassetteError: it is not YAML, has a tag that would make an object, or PyYAML is not installed.
    """
    yaml = _yaml()
    try:
        loader = _loader_class()(stream)
        try:
            yield from _items(loader, yaml, name)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise CassetteError(f"{name}{where}: not YAML that can be read ({error.problem or error.context}).") from None
    except RecursionError:
        raise CassetteError(f"{name}: nested too deeply.") from None
    # PyYAML lets errors of its constructors through: `!!timestamp no` is an AttributeError, `!!bool no` a KeyError.
    except (yaml.YAMLError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise CassetteError(f"{name}: not YAML that can be read ({' '.join(str(error).split())}).") from None


def _items(loader: Any, yaml: Any, name: str) -> Iterator[Any]:
    loader.get_event()
    if loader.check_event(yaml.StreamEndEvent):
        raise NotACassette(f"{name} is empty.")
    loader.get_event()
    found = False
    if loader.check_event(yaml.SequenceStartEvent):
        found = True
        yield from _sequence(loader, yaml)
    elif loader.check_event(yaml.MappingStartEvent):
        loader.get_event()
        while not loader.check_event(yaml.MappingEndEvent):
            key = _next(loader)
            if key in INTERACTIONS and loader.check_event(yaml.SequenceStartEvent):
                found = True
                yield from _sequence(loader, yaml)
            else:
                loader.compose_node(None, None)
    if not found:
        raise NotACassette(f"{name} has no list of interactions.")


def _sequence(loader: Any, yaml: Any) -> Iterator[Any]:
    loader.get_event()
    while not loader.check_event(yaml.SequenceEndEvent):
        yield _next(loader)
    loader.get_event()


def _next(loader: Any) -> Any:
    return loader.construct_document(loader.compose_node(None, None))


def _yaml() -> Any:
    try:
        return import_module("yaml")
    except ModuleNotFoundError:
        raise CassetteError("PyYAML is not installed. YAML cassettes need: pip install 'assistants-compat[cassettes]'") from None


@cache
def _loader_class() -> type:
    yaml = _yaml()
    composer, constructor, resolver = (import_module(f"yaml.{name}") for name in ("composer", "constructor", "resolver"))
    try:
        parsers: tuple[type, ...] = (import_module("yaml.cyaml").CParser,)
    except ImportError:
        parsers = (yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser)

    others = (composer.Composer, constructor.SafeConstructor, resolver.Resolver)

    def begin(loader: Any, stream: Any) -> None:
        parsers[0].__init__(loader, stream)  # type: ignore[misc]  # as PyYAML's own loaders do
        for part in (*parsers[1:], *others):
            part.__init__(loader)

    def dispose(loader: Any) -> None:
        for part in parsers:
            getattr(part, "dispose", lambda _: None)(loader)

    # PyYAML's safe loader, whose composer can be asked for one node.
    loader: Any = type("Loader", (*parsers, *others), {"__init__": begin, "dispose": dispose})
    for tag, construct in _CONSTRUCTORS.items():
        loader.add_constructor(tag, construct)
    return cast("type", loader)


def _text(loader: Any, node: Any) -> Any:
    return loader.construct_scalar(node)


def _list(loader: Any, node: Any) -> Any:
    return loader.construct_sequence(node, deep=True)


def _mapping(loader: Any, node: Any) -> Any:
    return loader.construct_mapping(node, deep=True)


def _buffer(loader: Any, node: Any) -> Any:
    """A body that was a file: its first piece of state is its content."""
    state = _mapping(loader, node).get("state") or [b""]
    return state[0]


def _pieces(loader: Any, node: Any) -> Any:
    """A body that was an iterator."""
    pieces = (_mapping(loader, node).get("args") or [[]])[0]
    return [piece.encode() if isinstance(piece, str) else piece for piece in pieces]


_CONSTRUCTORS = {
    "!binary": lambda loader, node: loader.construct_yaml_binary(node),  # Ruby's
    f"{_PYTHON}str": _text,
    f"{_PYTHON}unicode": _text,
    f"{_PYTHON}tuple": _list,
    f"{_PYTHON}object/new:_io.BytesIO": _buffer,
    f"{_PYTHON}object/apply:builtins.iter": _pieces,
    f"{_PYTHON}object/apply:__builtin__.frozenset": _list,
    f"{_PYTHON}object/apply:builtins.frozenset": _list,  # of pairs: headers of vcrpy before 1.0
    f"{_PYTHON}object:vcr.request.Request": _mapping,
}
