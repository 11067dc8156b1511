"""The analysis of one application: modules are gone through until nothing new is learnt."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from assistants_codemods.findings import Finding, Place
from assistants_codemods.flow import expressions
from assistants_codemods.flow.imports import ModuleFinder
from assistants_codemods.flow.module import FunctionInfo, Module
from assistants_codemods.flow.program import Program, Tree
from assistants_codemods.flow.values import Api, Class, Display, Function, Instance
from assistants_codemods.flow.walker import Walker
from assistants_codemods.source import Source

_NEVER_OF_THE_TREE = frozenset({"openai", "assistants_compat"})
"""The SDK and the shim, even where the tree is the SDK's own: it is what programs use, not one of them."""


_RELATED = re.compile(r"openai|assistant|client|thread", re.IGNORECASE)
"""Words without which a module that is imported hands nothing of the API on."""


class Analysis:
    """What is known of an application after `run`."""

    def __init__(self, sources: Sequence[Source], tree: Tree) -> None:
        self.tree = tree
        self.failures: list[Finding] = []
        self._given = {source.path: source for source in sources}
        self._finder = ModuleFinder(tree.files)
        self._failed: set[str] = set()
        self._worth: dict[str, bool] = {}
        self._imported: dict[str, set[str]] = {}
        self._users_of: dict[Module, frozenset[str]] = {}
        self.program = Program(self._read, self._find)
        for source in sources:
            self.program.load(source.path)

    def run(self) -> Program:
        """Go through all modules until nothing changes; then through those that use what these hand out, likewise."""
        self._to_the_end()
        while self._pull_in_users():
            self._to_the_end()
        self.program.final = True
        expressions.let_go_of_displays(self.program)
        self.program.wait_for_all()
        self._to_the_end()
        while expressions.let_go_of_displays(self.program):
            self.program.wait_for_all()
            self._to_the_end()
        self._let_go_of_returns()
        expressions.let_go_of_displays(self.program)
        return self.program

    def _to_the_end(self) -> None:
        program = self.program
        while (unit := program.next_unit()) is not None:
            module, info = unit
            program.current = unit
            if info is None:
                Walker(program, module, None).suite(cst.IndentedBlock(module.tree.body))
            else:
                Walker(program, module, info).run_function(info)
        program.current = None

    def _read(self, path: str) -> Module | None:
        if path in self._failed:
            return None
        source = self._given.get(path) or self.tree.source(path)
        if source is None:
            return None
        try:
            return Module(source)
        except cst.ParserSyntaxError as error:
            self._fail(path, error.raw_line, f"This file is not Python that can be parsed: {error.message}")
        except RecursionError:
            self._fail(path, 1, "This file has expressions that nest too deep to be parsed")
        return None

    def _fail(self, path: str, line: int, message: str) -> None:
        self._failed.add(path)
        self.failures.append(Finding("AC002", Place(path, line, 1), message, "error"))

    def _find(self, importer: Module, dotted: str, level: int) -> Module | None:
        if not level and dotted.partition(".")[0] in _NEVER_OF_THE_TREE:
            return None
        path = self._finder.find(importer.path, dotted, level)
        if path is None or path == importer.path:
            return None
        is_far = path not in self.program.modules and path not in self._given and importer.path not in self._given
        if is_far and not self._is_worth_reading(path):
            return None
        return self.program.load(path)

    def _is_worth_reading(self, path: str) -> bool:
        """Whether a module that none of the files given imports itself may have to do with clients, threads or assistants."""
        if path not in self._worth:
            source = None if path in self._failed else self.tree.source(path)
            self._worth[path] = source is not None and _RELATED.search(source.text) is not None
        return self._worth[path]

    def _pull_in_users(self) -> bool:
        """Add the modules of the tree that use what modules of the program hand out. Whether there were any."""
        found = False
        for module in list(self.program.modules.values()):
            users = {path for path in self._users(module) if path not in self.program.modules and path not in self._failed}
            if users:
                mentioning = {path for name in self._handed_out(module) for path in self.tree.containing(name)}
                for path in sorted(users & mentioning):
                    found = self.program.load(path) is not None or found
        return found

    def _users(self, module: Module) -> frozenset[str]:
        """The files of the tree that import `module`."""
        if module not in self._users_of:
            folder, _, name = module.path.removesuffix(".py").removesuffix(".ipynb").rpartition("/")
            if name == "__init__":  # whoever is in the folder need not call it by its name
                near = {path for path in self.tree.files if path.startswith(f"{folder}/" if folder else "")}
                name = folder.rpartition("/")[2]
            else:
                near = set()
            candidates = near | set(self.tree.containing(name)) if name else near
            self._users_of[module] = frozenset(path for path in candidates if self._imports(path, module))
        return self._users_of[module]

    def _handed_out(self, module: Module) -> set[str]:
        names = set()
        for name, value in self.program.held(module).items():
            if not name.startswith("_"):
                for atom in value:
                    if (
                        (isinstance(atom, Api) and atom.kind != "files")
                        or (isinstance(atom, Function) and atom.info.module is module and self._carries(atom.info))
                        or (isinstance(atom, Class) and atom.info.module is module and any(map(self._carries, atom.info.methods.values())))
                    ):
                        names.add(name)
        return names

    def _carries(self, info: FunctionInfo) -> bool:
        """Whether calls of the function give or take anything of the API."""
        returned = self.program.get(info, "return") | self.program.get(info, "yield")
        if any(isinstance(atom, Api) for atom in returned):
            return True
        if any(isinstance(atom, Display) and any(isinstance(inner, Api) for inner in self._inside(atom)) for atom in returned):
            return True
        return any(site.function is info for site in self.program.sites.values())

    def _inside(self, display: Display) -> frozenset[object]:
        return frozenset(value for values in self.program.held(display.node).values() for value in values)

    def _imports(self, path: str, module: Module) -> bool:
        if path not in self._imported:
            source = self.tree.source(path)
            self._imported[path] = set() if source is None else self._finder.imported_by(path, source.text)
        return module.path in self._imported[path]

    def _let_go_of_returns(self) -> None:
        """What functions that nobody in the tree calls return goes to whoever calls them."""
        for module in self.program.modules.values():
            for info in module.functions.values():
                if not self.program.callers.get(info) or info in self.program.passed_on:
                    walker = Walker(self.program, module, info)
                    value = self.program.get(info, "return") | self.program.get(info, "yield")
                    expressions.let_go(walker, value, info.node, f"the callers of {info.name}")


__all__ = ["Analysis", "Instance"]
