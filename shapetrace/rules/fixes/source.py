"""A user's source file, looked at to change it: its syntax tree with parents, names, and edits of nodes."""

from __future__ import annotations

import ast
import builtins
import io
import linecache
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from shapetrace import edits, source_files
from shapetrace.trace import Edit, Site

Node = TypeVar("Node", bound=ast.AST)
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


class Source:
    """One file. Lines count from 1, columns from 0 in characters, as in `Site`.

    Args:
        file: Its path.
        text: What is in it, with Unix line ends.

    Raises:
        SyntaxError: It is no Python.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.lines = list(io.StringIO(text))
        self.tree = ast.parse(text)
        self._names: dict[ast.AST, str] = {}
        self._parents: dict[ast.AST, ast.AST] = {
            child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)
        }

    @classmethod
    def of(cls, file: str) -> Source | None:
        """The source that runs from a file; None where there is none, or where the file has changed since it was read."""
        try:
            text = "".join(io.StringIO(source_files.read(file).text, newline=None))
            if "".join(linecache.getlines(file)).rstrip("\n") != text.rstrip("\n"):
                return None
            return cls(file, text)
        except (OSError, SyntaxError, ValueError):
            return None

    # Finding nodes.

    def node(self, site: Site | None, kind: type[Node] | tuple[type[Any], ...] = ast.AST) -> Any:  # type: ignore[assignment]
        """The outermost node of a kind that has the range of a site; None where there is none."""
        if site is None or not site.end_column:
            return None
        wanted = (site.line, site.column), (site.end_line, site.end_column)
        return next(
            (node for node in ast.walk(self.tree) if isinstance(node, kind) and self.range(node) == wanted), None
        )

    def range(self, node: ast.AST) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """Where a node begins and ends; None for one that has no place of its own."""
        if not isinstance(node, ast.expr | ast.stmt | ast.arg | ast.keyword | ast.excepthandler | ast.alias):
            return None
        assert node.end_lineno is not None and node.end_col_offset is not None
        return (
            (node.lineno, self._column(node.lineno, node.col_offset)),
            (node.end_lineno, self._column(node.end_lineno, node.end_col_offset)),
        )

    def text(self, node: ast.AST) -> str:
        """The source of a node."""
        place = self.range(node)
        assert place is not None
        (line, column), (end_line, end_column) = place
        if line == end_line:
            return self.lines[line - 1][column:end_column]
        return "".join(
            [self.lines[line - 1][column:], *self.lines[line : end_line - 1], self.lines[end_line - 1][:end_column]]
        )

    def place(self, node: ast.AST, line: Site) -> Site:
        """The site of a node, in the function that a site on its line is of."""
        place = self.range(node)
        assert place is not None
        return Site(line.file, *place[0], *place[1], self.text(node), line.function)

    def edited(self, node: ast.AST, changes: Iterable[Edit]) -> str:
        """The source of a node with those edits applied that lie within it."""
        place = self.range(node)
        assert place is not None
        begin, end = place
        inner = [
            Edit(
                "", *_within(begin, edit.line, edit.column), *_within(begin, edit.end_line, edit.end_column), edit.text
            )
            for edit in changes
            if edit.file == self.file and begin <= (edit.line, edit.column) and (edit.end_line, edit.end_column) <= end
        ]
        return edits.applied(self.text(node), inner)

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node that a node stands in."""
        return self._parents.get(node)

    def around(self, node: ast.AST, kind: type[Node] | tuple[type[Any], ...]) -> Any:
        """The innermost node of a kind that a node stands in; None where there is none."""
        return next((outer for outer in self.outwards(node) if isinstance(outer, kind)), None)

    def outwards(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes that a node stands in, the innermost first."""
        while (outer := self._parents.get(node)) is not None:
            yield outer
            node = outer

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement that a node is part of."""
        innermost = node if isinstance(node, ast.stmt) else self.around(node, ast.stmt)
        assert isinstance(innermost, ast.stmt)
        return innermost

    def definition(self, site: Site | None) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The `def` whose first line, that of its first decorator included, a site is on."""
        if site is None:
            return None
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                if first <= site.line <= node.body[0].lineno and site.line <= node.lineno:
                    return node
        return None

    # Names.

    def module_names(self) -> dict[str, ast.stmt]:
        """The names that the module's own statements bind, each with the last statement that does."""
        names: dict[str, ast.stmt] = {}
        for statement in self.tree.body:
            for name in bound(statement):
                names[name] = statement
        return names

    def module_function(self, name: str) -> ast.FunctionDef | None:
        """The function of the module with a name, where nothing else has it."""
        statement = self.module_names().get(name)
        return statement if isinstance(statement, ast.FunctionDef) else None

    def alias(self, module: str) -> str | None:
        """The name under which the whole file can reach a module; None where it is not imported."""
        for statement in self.tree.body:
            if isinstance(statement, ast.Import):
                for name in statement.names:
                    if name.name == module or (name.asname is None and name.name.partition(".")[0] == module):
                        return name.asname or module
        return None

    def free(self, name: str, node: ast.AST | None = None) -> str:
        """A name like this one that occurs nowhere in the file; given a node, the same for it each time, and for no other node."""
        if node is not None and node in self._names:
            return self._names[node]
        text, number, tried = "".join(self.lines), 1, name
        while tried in text or tried in vars(builtins) or tried in self._names.values():
            number += 1
            tried = f"{name}_{number}"
        if node is not None:
            self._names[node] = tried
        return tried

    # Edits.

    def replace(self, node: ast.AST, text: str) -> Edit:
        """The edit that writes a text in place of a node."""
        place = self.range(node)
        assert place is not None
        return Edit(self.file, *place[0], *place[1], text)

    def insert_above(self, line: int, text: str) -> Edit:
        """The edit that puts whole lines above a line."""
        return Edit(self.file, line, 0, line, 0, text)

    def importing(self, module: str) -> tuple[str, tuple[Edit, ...]]:
        """The name that a module has in this file, and the edits that it takes to have it."""
        if (name := self.alias(module)) is not None:
            return name, ()
        body = self.tree.body
        first = next((statement for statement in body if not _is_header(statement)), body[-1])
        place = next(
            (
                statement
                for statement in body
                if isinstance(statement, ast.Import | ast.ImportFrom) and not _is_header(statement)
            ),
            first,
        )
        return module, (self.insert_above(top_line(place), f"import {module}\n"),)

    def alone(self, statement: ast.stmt) -> bool:
        """Whether no other statement stands on the lines of this one."""
        place = self.range(statement)
        assert place is not None
        (line, column), (end_line, end_column) = place
        behind = self.lines[end_line - 1][end_column:].strip()
        return not self.lines[line - 1][:column].strip() and (not behind or behind.startswith("#"))

    def indent(self, statement: ast.stmt) -> str:
        """What a statement that stands alone is indented with."""
        place = self.range(statement)
        assert place is not None
        return self.lines[place[0][0] - 1][: place[0][1]]

    def _column(self, line: int, offset: int) -> int:
        text = self.lines[line - 1]
        return offset if text.isascii() else len(text.encode()[:offset].decode(errors="replace"))


def top_line(node: ast.stmt) -> int:
    """The first line of a statement, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement binds in the scope that it stands in."""
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
        pending += ast.iter_child_nodes(node)


def parameters(function: Function) -> list[ast.arg]:
    """All parameters of a function, `*args` and `**kwargs` among them."""
    arguments = function.args
    listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [*listed, *(parameter for parameter in (arguments.vararg, arguments.kwarg) if parameter is not None)]


def loaded(node: ast.AST) -> set[str]:
    """The names that are read in a node, those of nested functions' own parameters and variables left out."""
    if isinstance(node, ast.Lambda):
        inner = {name for part in (node.body, *_defaults(node)) for name in loaded(part)}
        return inner - {argument.arg for argument in parameters(node)}
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
        inner = {name for part in ast.iter_child_nodes(node) for name in loaded(part)}
        targets = {
            target.id for part in node.generators for target in ast.walk(part.target) if isinstance(target, ast.Name)
        }
        return inner - targets
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    return {name for part in ast.iter_child_nodes(node) for name in loaded(part)}


def pure(node: ast.expr) -> bool:
    """Whether evaluating a node twice is the same as once: names, attributes, and constant subscripts of them."""
    if isinstance(node, ast.Attribute):
        return pure(node.value)
    if isinstance(node, ast.Subscript):
        return pure(node.value) and isinstance(node.slice, ast.Constant | ast.Name)
    return isinstance(node, ast.Name)


def _defaults(node: Function) -> list[ast.expr]:
    return [*node.args.defaults, *(default for default in node.args.kw_defaults if default is not None)]


def _is_header(statement: ast.stmt) -> bool:
    """Whether it is a docstring, or an import from `__future__`, which must come first."""
    if isinstance(statement, ast.ImportFrom):
        return statement.module == "__future__"
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _within(begin: tuple[int, int], line: int, column: int) -> tuple[int, int]:
    """A place of a file as one of a text that begins there."""
    return line - begin[0] + 1, column - (begin[1] if line == begin[0] else 0)
