"""Calls: of the API, of the tree's own functions and classes, of everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from assistants_codemods.flow import expressions, externals
from assistants_codemods.flow.kinds import (
    ASSISTANTS_RESOURCES,
    CLIENT,
    CLIENT_CLASSES,
    HANDLER_PARAMETERS,
    HANDLERS,
    POSITIONAL,
    SERIALISERS,
    STREAM_METHODS,
    element_of,
)
from assistants_codemods.flow.program import EXTERNAL, Argument, CallSite
from assistants_codemods.flow.values import (
    NOTHING,
    TEXT,
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
    Unknown,
    Value,
    deeper,
    unknown,
    without_synonyms,
)

if TYPE_CHECKING:
    from assistants_codemods.flow.module import ClassInfo, FunctionInfo
    from assistants_codemods.flow.walker import Walker


def call(walker: Walker, node: cst.Call) -> Value:
    """What the call may return; what its arguments become is noted on the way."""
    callee = walker.evaluate(node.func)
    arguments = [(argument, walker.evaluate(argument.value)) for argument in node.args]
    found: Value = NOTHING
    if not callee:
        _let_go_all(walker, arguments, node)
    for atom in without_synonyms(callee):
        if isinstance(atom, ApiMethod):
            found |= _api_method(walker, node, atom, arguments)
        elif isinstance(atom, Function):
            found |= call_function(walker, node, atom.info, atom.receiver, arguments)
        elif isinstance(atom, Class):
            found |= _construct(walker, node, atom.info, arguments)
        elif isinstance(atom, External):
            found |= _external(walker, node, atom, arguments)
        elif isinstance(atom, DisplayMethod):
            found |= _display_method(walker, node, atom, arguments)
        elif isinstance(atom, Api):
            found |= {atom} if atom.kind == CLIENT else _api_object(walker, node, atom)
        elif isinstance(atom, Foreign):
            _let_go_all(walker, arguments, node, atom.name)
            # What a library's object hands out may be a client all the same (a container, a context variable); a mock's is a mock.
            found |= {atom} if "Mock" in atom.name else {Unknown(deeper(walker.module.code(node.func), "()"))}
        elif isinstance(atom, Unknown | Instance):
            found |= _unknown(walker, node, atom, arguments)
    return found


def _called(walker: Walker, node: cst.Call) -> str:
    return f"{walker.module.code(node.func)}(…)"


def _let_go_all(walker: Walker, arguments: list[tuple[cst.Arg, Value]], node: cst.Call, name: str = "") -> None:
    last = walker.module.code(node.func).rpartition(".")[2]
    if name in externals.ONLY_LOOK or name.startswith("logging.") or last in externals.LOGGING:
        return
    for argument, value in arguments:
        expressions.let_go(walker, value, argument.value, _called(walker, node))


def _api_method(walker: Walker, node: cst.Call, method: ApiMethod, arguments: list[tuple[cst.Arg, Value]]) -> Value:
    resource, _, name = method.path.rpartition(".")
    program = walker.program
    if method.returns == CLIENT:
        return frozenset({Api(CLIENT, method.origin)})
    if method.returns == "helper":
        return _helper(walker, node, method, resource, name)
    if resource == "files":
        for argument, value in arguments:
            program.note(argument.value, value)
        return frozenset({Api(method.returns, method.origin)})
    if resource not in ASSISTANTS_RESOURCES and method.returns != "raw":
        return NOTHING
    site = program.sites.get(node)
    if site is None:
        index = program.origin(node, "call", walker.module, method.path)
        site = CallSite(index, method.path, method.returns, node, walker.module, walker.function, method.origin, method.returns == "raw")
        program.sites[node] = site
    site.clients.add(method.origin)
    site.arguments = _named(method.path, arguments)
    for bound in site.arguments:
        _connect(walker, site, bound)
    return frozenset({Api("run_stream" if _streams(site) else method.returns, site.index)})


def _streams(site: CallSite) -> bool:
    """Whether a call that gives a run gives its events instead."""
    stream = site.argument("stream")
    return site.returns == "run" and stream is not None and isinstance(stream.node.value, cst.Name) and stream.node.value.value == "True"


def _named(path: str, arguments: list[tuple[cst.Arg, Value]]) -> list[Argument]:
    positional = POSITIONAL.get(path, ())
    named = []
    for place, (argument, value) in enumerate(arguments):
        if argument.keyword is not None:
            name: str | None = argument.keyword.value
        else:
            name = positional[place] if not argument.star and place < len(positional) else None
        named.append(Argument(name, argument, value))
    return named


_LINKS = {"thread_id", "run_id", "assistant_id", "message_id", "step_id"}


def _connect(walker: Walker, site: CallSite, bound: Argument) -> None:
    """Join the life of what an argument came from with that of the call."""
    program = walker.program
    for atom in bound.value:
        if isinstance(atom, Api) and not atom.kind.startswith(("client", "file", "vector_store", "beta.")):
            program.groups.join(site.index, atom.origin)
        elif isinstance(atom, Display):
            program.consumers[atom.node].add((site.index, bound.name or bound.node.star))
            for inner in expressions.all_of(walker, atom.node):
                if isinstance(inner, Api) and inner.kind in ("tool_call.id", "thread.id", "run.id", "assistant.id"):
                    program.groups.join(site.index, inner.origin)
        elif isinstance(atom, Instance):
            program.add(atom.info, "handles", frozenset({Api("run_stream", site.index)}))
        elif isinstance(atom, Function):
            program.passed_on.add(atom.info)
    if bound.name in ("thread_id", "run_id") and not any(isinstance(atom, Api) for atom in bound.value):
        program.groups.join(site.index, EXTERNAL)


def _helper(walker: Walker, node: cst.Call, method: ApiMethod, kind: str, name: str) -> Value:
    """A method of a stream, or of a list of the API's objects."""
    if kind.startswith("list["):
        return frozenset({Api(element_of(kind) or "?", method.origin)}) if name == "pop" else NOTHING
    if name in ("__enter__", "__aenter__"):
        return frozenset({Api("run_stream", method.origin)})
    returned = STREAM_METHODS.get(name)
    return frozenset({Api(returned, method.origin)}) if returned is not None else unknown(f"{kind}.{name}()")


def _api_object(walker: Walker, node: cst.Call, atom: Api) -> Value:
    """A method of an object: `message.model_dump()`, `run.status.lower()`, `page.get_next_page()`."""
    name = atom.kind.rpartition(".")[2]
    if name in SERIALISERS:
        shown = Api(atom.kind.rpartition(".")[0] or atom.kind, atom.origin)
        walker.program.escape(shown, walker.module, node, f"{walker.module.code(node.func)}()", shows=True)
        return unknown(deeper(name, "()"))
    if name in ("__aiter__", "__iter__", "iter_pages", "get_next_page"):
        return frozenset({Api(atom.kind.rpartition(".")[0], atom.origin)})
    return TEXT if name in externals.TEXT_METHODS else NOTHING


def call_function(
    walker: Walker, node: cst.Call, info: FunctionInfo, receiver: ClassInfo | None, arguments: list[tuple[cst.Arg, Value]]
) -> Value:
    """Hand `arguments` to a function of the tree, and give what it returns."""
    program = walker.program
    program.callers[info].add(node)
    positional = info.positional()
    if info.is_bound and receiver is not None:
        positional = positional[1:]
    names = {param.name.value for param in info.parameters()}
    place = 0
    for argument, value in arguments:
        if argument.star == "*":
            for param in positional[place:]:
                program.add(info, f"parameter {param.name.value}", expressions.elements(walker, value) or unknown("*arguments"))
        elif argument.star == "**":
            for name in names:
                for atom in value:
                    if isinstance(atom, Display):
                        program.add(info, f"parameter {name}", program.get(atom.node, name))
                    else:
                        program.add(info, f"parameter {name}", unknown("**arguments"))
        elif argument.keyword is not None:
            name = argument.keyword.value
            if name in names:
                program.add(info, f"parameter {name}", value)
            elif isinstance(info.node.params.star_kwarg, cst.Param):
                _keep_in_star(walker, info, value, argument)
        elif place < len(positional):
            program.add(info, f"parameter {positional[place].name.value}", value)
            place += 1
        elif isinstance(info.node.params.star_arg, cst.Param):
            _keep_in_star(walker, info, value, argument)
    returned = program.get(info, "return")
    if program.get(info, "yield"):
        return returned | frozenset({Function(info)}) if not _is_context_manager(info) else program.get(info, "yield")
    return returned


def _keep_in_star(walker: Walker, info: FunctionInfo, value: Value, argument: cst.Arg) -> None:
    expressions.let_go(walker, value, argument.value, f"{info.name}(**…)")


def _is_context_manager(info: FunctionInfo) -> bool:
    return any("contextmanager" in name or "fixture" in name for name in info.decorators)


def _construct(walker: Walker, node: cst.Call, info: ClassInfo, arguments: list[tuple[cst.Arg, Value]]) -> Value:
    program = walker.program
    bases = program.bases(info)
    initialiser = next((base.methods["__init__"] for base in bases if "__init__" in base.methods), None)
    if initialiser is not None:
        call_function(walker, node, initialiser, info, arguments)
    else:
        fields = _fields(info)
        for place, (argument, value) in enumerate(arguments):
            name = argument.keyword.value if argument.keyword else (fields[place] if place < len(fields) else None)
            if name is not None:
                program.add(info, name, value)
    if program.outer_bases(info) & HANDLERS:
        _feed_handler(walker, info)
    return frozenset({Instance(info)})


def _fields(info: ClassInfo) -> list[str]:
    """The annotated names of the class's body, in order: a dataclass's parameters."""
    return [
        small.target.value
        for line in info.node.body.body
        if isinstance(line, cst.SimpleStatementLine)
        for small in line.body
        if isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name)
    ]


def _feed_handler(walker: Walker, info: ClassInfo) -> None:
    """Give a handler's methods what the SDK calls them with."""
    program = walker.program
    origin = program.origin(info.node, "handler", info.module, f"class {info.name}")
    for base in program.bases(info):
        for name, kinds in HANDLER_PARAMETERS.items():
            method = base.methods.get(name)
            if method is not None:
                for param, kind in zip(method.positional()[1:], kinds, strict=False):
                    program.add(method, f"parameter {param.name.value}", frozenset({Api(kind, origin)}))
        program.add(base, "current_run", frozenset({Api("run", origin)}))
        program.add(base, "current_run_step_snapshot", frozenset({Api("step", origin)}))
        program.add(base, "current_message_snapshot", frozenset({Api("message", origin)}))
    for handled in program.get(info, "handles"):
        if isinstance(handled, Api):
            program.groups.join(handled.origin, origin)


def _client(walker: Walker, node: cst.Call, made_by: cst.BaseExpression, client_class: External) -> Value:
    """A client that `node` makes, by calling the expression `made_by`."""
    program = walker.program
    if client_class.source is not None:
        program.suppliers[node].setdefault(client_class, walker.module)
    return frozenset({Api(CLIENT, program.origin(node, "client", walker.module, f"{walker.module.code(made_by)}(…)"))})


def _external(walker: Walker, node: cst.Call, atom: External, arguments: list[tuple[cst.Arg, Value]]) -> Value:
    program, name = walker.program, atom.name
    if name in CLIENT_CLASSES:
        return _client(walker, node, node.func, atom)
    if name.startswith("assistants_compat."):
        return _compat(walker, node, name, arguments)
    first = arguments[0][1] if arguments else NOTHING
    if name == "builtins.super" and walker.function is not None and walker.function.owner is not None:
        bases = program.tree_bases.get(walker.function.owner, set())
        return frozenset(Instance(base) for base in bases) or unknown("super()")
    if name == "builtins.getattr" and len(arguments) >= 2 and isinstance(arguments[1][0].value, cst.SimpleString):
        from assistants_codemods.flow.attributes import attribute

        return attribute(walker, node, first, str(arguments[1][0].value.evaluated_value))
    if name == "builtins.enumerate":
        program.add(node, "1", expressions.elements(walker, first))
        return frozenset({Display(_wrapped(walker, node))})
    if name == "builtins.zip":
        for place, (_, value) in enumerate(arguments):
            program.add(node, str(place), expressions.elements(walker, value))
        return frozenset({Display(_wrapped(walker, node))})
    if name in externals.SAME_ELEMENTS:
        return _same_elements(walker, first if name != "builtins.filter" else arguments[-1][1])
    if name in externals.ONE_ELEMENT:
        return expressions.elements(walker, first) | (arguments[1][1] if len(arguments) > 1 else NOTHING)
    if name in externals.HAND_ON:
        if name == "asyncio.gather":
            for _, value in arguments:
                program.add(node, "*", value)
            return frozenset({Display(node)})
        return arguments[-1][1] if name == "typing.cast" and arguments else first
    if name in externals.CALL_LATER:
        return _later(walker, node, name, arguments)
    if name in externals.LOOK_AT_SHAPE:
        for argument, value in arguments:
            for shown in value:
                if isinstance(shown, Api) and not shown.kind.endswith((".id", ".value")):
                    program.escape(shown, walker.module, argument.value, _called(walker, node), shows=True)
        return TEXT if name in externals.RETURN_TEXT else unknown(deeper(name, "()"))
    if name.startswith("str."):
        return TEXT if name[4:] in externals.TEXT_METHODS else NOTHING
    if name in externals.RETURN_TEXT:
        return TEXT
    clients = frozenset(atom for _, value in arguments for atom in value if isinstance(atom, Api) and atom.kind == CLIENT)
    _let_go_all(walker, arguments, node, name)
    if clients:
        return clients  # instrumentation that hands the client back: wrap_openai(client), patch(client)
    last = name.rpartition(".")[2]
    if last.endswith("Depends") or last == "fixture":
        return expressions.elements(walker, first)
    factories = [pair for pair in arguments if pair[0].keyword is not None and pair[0].keyword.value in ("default_factory", "factory")]
    if factories:
        return _results(walker, node, *factories[0])
    is_class = last[:1].isupper() and not last.isupper()
    return frozenset({Foreign(name)}) if is_class else unknown(deeper(name, "()"))


def _compat(walker: Walker, node: cst.Call, name: str, arguments: list[tuple[cst.Arg, Value]]) -> Value:
    """A function of the shim."""
    program = walker.program
    function = name.rpartition(".")[2]
    if function == "install":
        program.installed[node] = walker.module
    if function != "wrap" or not arguments:
        return unknown(deeper(name, "()"))
    program.wrapped.update(atom.origin for atom in arguments[0][1] if isinstance(atom, Api))
    return arguments[0][1]


def _results(walker: Walker, node: cst.Call, argument: cst.Arg, factory: Value) -> Value:
    """What calling `factory`, an argument of `node`, gives."""
    found: Value = NOTHING
    for atom in factory:
        if isinstance(atom, Function):
            found |= call_function(walker, node, atom.info, atom.receiver, [])
        elif isinstance(atom, Class):
            found |= {Instance(atom.info)}
        elif isinstance(atom, External) and atom.name in CLIENT_CLASSES:
            found |= _client(walker, node, argument.value, atom)
    return found


def _wrapped(walker: Walker, node: cst.Call) -> cst.BaseExpression:
    """A display whose elements are the tuples in the slots of `node`."""
    walker.program.add(node.func, "*", frozenset({Display(node)}))
    walker.program.displays.setdefault(node, walker.module)
    return node.func


def _same_elements(walker: Walker, value: Value) -> Value:
    found: Value = NOTHING
    for atom in value:
        if isinstance(atom, Api):
            kind = element_of(atom.kind)
            found |= {Api(f"list[{kind}]", atom.origin)} if kind else NOTHING
        elif isinstance(atom, Display | Unknown):
            found |= {atom}
    return found


def _later(walker: Walker, node: cst.Call, name: str, arguments: list[tuple[cst.Arg, Value]]) -> Value:
    """`asyncio.to_thread(function, …)`: the function is called with the rest."""
    found: Value = NOTHING
    targets, rest = (arguments[0][1], arguments[1:]) if arguments else (NOTHING, [])
    if name == "threading.Thread":
        targets = next((value for arg, value in arguments if arg.keyword and arg.keyword.value == "target"), NOTHING)
        rest = []
    for atom in targets:
        if isinstance(atom, Function):
            found |= call_function(walker, node, atom.info, atom.receiver, rest)
            if name != "asyncio.to_thread":
                walker.program.passed_on.add(atom.info)
        elif isinstance(atom, ApiMethod):
            found |= _api_method(walker, node, atom, rest)
            if node in walker.program.sites:
                walker.program.sites[node].indirect = True
        elif isinstance(atom, External) and atom.name in CLIENT_CLASSES:
            found |= _client(walker, node, arguments[0][0].value, atom)
        else:
            found |= unknown(_called(walker, node))
    for argument, value in rest:
        if not any(isinstance(atom, Function) for atom in targets):
            expressions.let_go(walker, value, argument.value, _called(walker, node))
    return found


def _display_method(walker: Walker, node: cst.Call, method: DisplayMethod, arguments: list[tuple[cst.Arg, Value]]) -> Value:
    program, display = walker.program, method.display
    first = arguments[0] if arguments else None
    if method.name in ("append", "add", "appendleft"):
        for _, value in arguments:
            program.add(display, "*", value)
    elif method.name == "insert" and len(arguments) == 2:
        program.add(display, "*", arguments[1][1])
    elif method.name == "extend" and first is not None:
        program.add(display, "*", expressions.elements(walker, first[1]))
    elif method.name == "update":
        for argument, value in arguments:
            if argument.keyword is not None:
                program.add(display, argument.keyword.value, value)
            for atom in value:
                if isinstance(atom, Display):
                    program.add(display, "*", expressions.all_of(walker, atom.node))
    elif method.name in ("get", "pop", "setdefault"):
        key = first[0].value.evaluated_value if first is not None and isinstance(first[0].value, cst.SimpleString) else None
        if method.name == "setdefault" and len(arguments) == 2:
            program.add(display, str(key) if key is not None else "*", arguments[1][1])
        held = program.get(display, str(key)) | program.get(display, "*") if key is not None else expressions.all_of(walker, display)
        return held | (arguments[1][1] if len(arguments) > 1 else NOTHING)
    elif method.name in ("values", "copy"):
        return frozenset({Display(display)})
    elif method.name == "items":
        program.add(node, "1", expressions.all_of(walker, display))
        return frozenset({Display(_wrapped(walker, node))})
    return NOTHING


def _unknown(walker: Walker, node: cst.Call, atom: Unknown | Instance, arguments: list[tuple[cst.Arg, Value]]) -> Value:
    _let_go_all(walker, arguments, node)
    last = walker.module.code(node.func).rpartition(".")[2]
    clients = frozenset(inner for _, value in arguments for inner in value if isinstance(inner, Api) and inner.kind == CLIENT)
    if clients:
        return clients
    if last in externals.TEXT_METHODS:
        return TEXT | (unknown("split()") if last == "split" else NOTHING)
    how = atom.how if isinstance(atom, Unknown) else atom.info.name
    return frozenset({Unknown(deeper(how, "()"))})


__all__ = ["EXTERNAL", "Text", "call", "call_function"]
