"""What `value.name` may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from assistants_codemods.flow.kinds import ASSISTANTS_RESOURCES, CLIENT, CLIENT_CLASSES, METHODS, RAW, RESOURCES, STREAM_METHODS, field_of
from assistants_codemods.flow.values import (
    NOTHING,
    Api,
    ApiMethod,
    Class,
    Display,
    DisplayMethod,
    External,
    Foreign,
    Function,
    Instance,
    Text,
    TreeModule,
    Unknown,
    Value,
    deeper,
    without_synonyms,
)

if TYPE_CHECKING:
    from assistants_codemods.flow.module import ClassInfo
    from assistants_codemods.flow.walker import Walker

_CLIENT_COPIES = frozenset({"with_options", "copy"})


def attribute(walker: Walker, node: cst.BaseExpression, value: Value, name: str) -> Value:
    """What the attribute `name` of `value`, read at `node`, may be."""
    found: Value = NOTHING
    for atom in without_synonyms(value):
        if isinstance(atom, Api):
            found |= _of_api(atom, name)
        elif isinstance(atom, Instance):
            found |= _of_instance(walker, node, atom.info, name)
        elif isinstance(atom, Class):
            found |= _of_class(walker, atom.info, name)
        elif isinstance(atom, TreeModule):
            found |= _of_module(walker, atom, name)
        elif isinstance(atom, External):
            if atom.name == "openai" and name == "beta":
                origin = walker.program.origin(node, "module", walker.module, "the module-level client, openai.beta")
                found |= {Api("client.beta", origin)}
            else:
                dotted = deeper(atom.name, f".{name}")
                found |= {External(dotted, node if dotted in CLIENT_CLASSES else None)}
        elif isinstance(atom, Display):
            found |= {DisplayMethod(atom.node, name)}
        elif isinstance(atom, Foreign):
            found |= {atom}
        elif isinstance(atom, Unknown):
            found |= _of_unknown(walker, node, atom, name)
        elif isinstance(atom, Text):
            found |= {External(f"str.{name}")}
    return found


def _of_api(atom: Api, name: str) -> Value:
    kind = atom.kind
    for raw in RAW:
        if kind.endswith(f".{raw}"):
            resource = kind[: -len(raw) - 1]
            if name in METHODS.get(resource, {}):
                return frozenset({ApiMethod(f"{kind}.{name}", "raw", atom.origin)})
            return NOTHING
    if kind in RESOURCES:
        below = RESOURCES[kind].get(name)
        if below is not None:
            return frozenset({Api(below, atom.origin)})
        if name in RAW and kind in ASSISTANTS_RESOURCES:
            return frozenset({Api(f"{kind}.{name}", atom.origin)})
        method = METHODS.get(kind, {}).get(name)
        if method is not None:
            return frozenset({ApiMethod(f"{kind}.{name}", method, atom.origin)})
        if kind == CLIENT and name in _CLIENT_COPIES:
            return frozenset({ApiMethod(f"client.{name}", CLIENT, atom.origin)})
        if kind in ASSISTANTS_RESOURCES and name == "del":
            return frozenset({ApiMethod(f"{kind}.delete", "deleted", atom.origin)})
        if kind in METHODS and kind in ASSISTANTS_RESOURCES:
            # Something that the resource never had, or that this table does not know: refused by name later.
            return frozenset({ApiMethod(f"{kind}.{name}", "unknown", atom.origin)}) if name.islower() and name[0] != "_" else NOTHING
        return frozenset({Unknown(f"{kind}.{name}")})
    if kind == "run_stream" and name in STREAM_METHODS:
        return frozenset({ApiMethod(f"{kind}.{name}", "helper", atom.origin)})
    field = field_of(kind, name)
    if field is not None:
        return frozenset({Api(field, atom.origin)})
    if kind.startswith(("run_stream", "list[")):
        return frozenset({ApiMethod(f"{kind}.{name}", "helper", atom.origin)})
    return NOTHING


def _of_instance(walker: Walker, node: cst.BaseExpression, info: ClassInfo, name: str) -> Value:
    program = walker.program
    found: Value = NOTHING
    bases = program.bases(info)
    for base in bases:
        found |= program.get(base, name)
        if name in base.methods and not found:
            method = base.methods[name]
            if method.is_property:
                program.callers[method].add(node)
                return program.get(method, "return")
            return frozenset({Function(method, info)})
    if found:
        return found
    outer = program.outer_bases(info)
    if outer & CLIENT_CLASSES:
        below = RESOURCES[CLIENT].get(name)
        if below is not None:
            return frozenset({Api(below, program.origin(info.node, "class", info.module, f"class {info.name}, a client of its own"))})
    if name == "beta" and not outer and not program.final:
        return NOTHING  # perhaps assigned later
    if any(name in base.declared for base in bases):
        return frozenset({Unknown(f"attribute {info.name}.{name}")}) if program.final else NOTHING
    return frozenset({Unknown(f"attribute {info.name}.{name}")}) if program.final or outer else NOTHING


def _of_class(walker: Walker, info: ClassInfo, name: str) -> Value:
    for base in walker.program.bases(info):
        found = walker.program.get(base, name)
        if found:
            return found
        if name in base.methods:
            method = base.methods[name]
            return frozenset({Function(method, info if "classmethod" in method.decorators else None)})
    return NOTHING


def _of_module(walker: Walker, atom: TreeModule, name: str) -> Value:
    found = walker.program.get(atom.module, name)
    if not found:
        for dotted in atom.module.names[:1]:
            below = walker.program.imported(atom.module, f"{dotted}.{name}", 0)
            if below is not None:
                return frozenset({TreeModule(below)})
    return found


def _of_unknown(walker: Walker, node: cst.BaseExpression, atom: Unknown, name: str) -> Value:
    if name == "beta":
        origin = walker.program.origin(node, "presumed", walker.module, atom.how)
        return frozenset({Api("client.beta", origin)})
    return frozenset({Unknown(deeper(atom.how, f".{name}"))})
