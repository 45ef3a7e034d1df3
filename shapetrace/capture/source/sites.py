"""Places in running code turned into ranges of the user's original source.

`executing` finds the syntax node a place was running. Code that dy2static rewrote runs from a temporary
file: Paddle keeps, per line of it, the line it came from (`paddle/jit/dy2static/origin_info.py`), and the
node is found again on that line by comparing what both say once the rewriting is taken back.
"""

from __future__ import annotations

import ast
import linecache
import sys
from types import CodeType, FrameType, SimpleNamespace
from typing import Any, NamedTuple

from shapetrace.capture.source import frames
from shapetrace.capture.source.frames import Place
from shapetrace.trace import Site


class Sites:
    """The table of sites of one trace."""

    def __init__(self, table: list[Site]) -> None:
        self.table = table
        self._indices: dict[Site, int] = {}
        self._places: dict[tuple[int, int], int] = {}
        self._kept: list[CodeType] = []  # the keys of `_places` are ids: keep what they are ids of
        self._lines: dict[str, int] = {}

    def of(self, place: Place) -> int:
        """Index of the site of a place, with columns where the syntax node is found."""
        key = id(place.code), place.offset
        index = self._places.get(key)
        if index is None:
            self._kept.append(place.code)
            index = self._places[key] = self.add(find(place).site)
        return index

    def of_line(self, file: str, line: int, function: str) -> int:
        """Index of the site of a whole line."""
        if frames.kind(file) is frames.REWRITTEN and (origin := _origin(file, line)) is not None:
            file, line = origin.location.filepath, origin.location.lineno
            function = origin.function_name or function
        return self.add(Site(file=file, line=line, end_line=line, code=_source(file, line).strip(), function=function))

    def of_stack_line(self, text: str) -> int:
        """The same for a line of an op's call stack (`  File "x.py", line 3, in forward`); -1 if not the user's."""
        index = self._lines.get(text)
        if index is None:
            index = self._lines[text] = self._parse(text)
        return index

    def _parse(self, text: str) -> int:
        head, _, function = text.rpartition(", in ")
        head, _, line = head.rpartition(", line ")
        file = head.strip()[len('File "') : -1]
        if not line.isdigit() or not frames.is_users(frames.kind(file)):
            return -1
        return self.of_line(file, int(line), function)

    def add(self, site: Site) -> int:
        """Index of a site, entered if new."""
        index = self._indices.get(site)
        if index is None:
            index = self._indices[site] = len(self.table)
            self.table.append(site)
        return index

    def defined(self, code: CodeType) -> int:
        """Index of the site of a function's definition."""
        return self.of_line(code.co_filename, code.co_firstlineno, code.co_name)


class Found(NamedTuple):
    """A place in the user's original source."""

    file: str
    line: int
    function: str
    node: Any
    """The syntax node that was running, or None where it cannot be told."""

    @property
    def site(self) -> Site:
        """The range of the node, or the whole line."""
        if self.node is not None and hasattr(self.node, "end_lineno"):
            return site_of_node(self.file, self.node, self.function)
        text = _source(self.file, self.line).strip()
        return Site(file=self.file, line=self.line, end_line=self.line, code=text, function=self.function)


def find(place: Place) -> Found:
    """The node a place was running, in the user's original source."""
    executing = _executing(place)
    node = executing.node if executing is not None else None
    file, line, function = place.code.co_filename, place.line, place.code.co_name
    if frames.kind(file) is frames.REWRITTEN:
        origin = _origin(file, line)
        if origin is None:
            return Found(file, line, function, None)
        file, line, function = origin.location.filepath, origin.location.lineno, origin.function_name
        return Found(file, line, function, _original_node(file, line, node))
    if node is None and executing is not None and len(executing.statements) == 1:
        (node,) = executing.statements
    return Found(file, line, function, node)


def executing_node(place: Place) -> ast.AST | None:
    """The syntax node a place is running, in the file it runs from; None where it cannot be told."""
    executing = _executing(place)
    return executing.node if executing is not None else None


def site_of_node(file: str, node: Any, function: str = "") -> Site:
    """The site of a syntax node of a file."""
    lines = linecache.getlines(file)
    start, end = (
        _characters(lines, node.lineno, node.col_offset),
        _characters(lines, node.end_lineno, node.end_col_offset),
    )
    return Site(
        file=file,
        line=node.lineno,
        column=start,
        end_line=node.end_lineno,
        end_column=end,
        code=_between(lines, node.lineno, start, node.end_lineno, end),
        function=function,
    )


def nodes_at(file: str, line: int) -> list[ast.AST]:
    """All syntax nodes of the statements at a line of a source file, outer before inner."""
    from executing import Source

    source = Source.for_filename(file)
    if source.tree is None:
        return []
    return [node for statement in source.statements_at_line(line) for node in ast.walk(statement)]


def returned(frame: FrameType) -> ast.expr | None:
    """The expression whose value a frame returns; None where it cannot be told."""
    code = frame.f_code
    for node in nodes_at(code.co_filename, frame.f_lineno):
        if isinstance(node, ast.Lambda) and code.co_name == "<lambda>":
            return node.body
        if isinstance(node, ast.Return) and code.co_name != "<lambda>":
            return node.value
    return None


def partials(file: str) -> list[ast.Call]:
    """The calls of `functools.partial` in a source file."""
    from executing import Source

    tree = Source.for_filename(file).tree
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)] if tree is not None else []
    return [call for call in calls if call.args and ast.unparse(call.func) in ("partial", "functools.partial")]


def _executing(place: Place) -> Any:
    from executing import Source

    frame: Any = SimpleNamespace(f_code=place.code, f_lasti=place.offset, f_lineno=place.line, f_globals={})
    try:
        return Source.executing(frame)
    except Exception:  # a bytecode it does not know: the caller falls back on the line
        return None


def _origin(file: str, line: int) -> Any:
    module = sys.modules.get("paddle.jit.dy2static.origin_info")
    return module.global_origin_info_map.get((file, line)) if module is not None else None


def _original_node(file: str, line: int, rewritten: ast.AST | None) -> ast.AST | None:
    """The node of the original source that became `rewritten`; the statement on that line where none is like it."""
    candidates = nodes_at(file, line)
    if rewritten is not None:
        wanted = _plain(rewritten)
        for node in candidates:
            if isinstance(node, ast.expr) and _plain(node) == wanted:
                return node
    return candidates[0] if candidates else None


def _plain(node: ast.AST) -> str:
    """Source text of a node with dy2static's rewriting taken back."""
    if isinstance(node, ast.Slice | ast.Starred) or _is_index(node):
        return ast.unparse(node)  # no expression by itself
    return ast.unparse(
        _Restore().visit(ast.parse(ast.unparse(node), mode="eval" if isinstance(node, ast.expr) else "exec"))
    )


def _is_index(node: ast.AST) -> bool:
    """Whether it is what stands between brackets only: `:, 0`."""
    return isinstance(node, ast.Tuple) and any(isinstance(element, ast.Slice) for element in node.elts)


class _Restore(ast.NodeTransformer):
    """Takes back `_jst.Call(f)(x)`, `_jst.Shape(x)`, `_jst.Ld(x)`, `_jst.Attr(x, "name")` and the like.

    Of `x.numpy()` the rewriting leaves the `x`, which cannot be taken back: it is left of the original too.
    """

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr == "numpy" and not node.args:
            return function.value
        if not (
            isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "_jst"
        ):
            return node
        if function.attr in ("Call", "Ld") and len(node.args) == 1:
            return node.args[0]
        if function.attr == "AsDtype" and isinstance(node.args[1], ast.Constant):
            return ast.Call(ast.Name(str(node.args[1].value), ast.Load()), node.args[:1], [])
        if function.attr in ("And", "Or"):
            return _of_operands(function.attr, [each.body for each in node.args if isinstance(each, ast.Lambda)])
        if function.attr == "Shape":
            return ast.Attribute(value=node.args[0], attr="shape", ctx=ast.Load())
        if function.attr == "Attr" and isinstance(node.args[1], ast.Constant):
            return ast.Attribute(value=node.args[0], attr=str(node.args[1].value), ctx=ast.Load())
        return node


def _of_operands(name: str, operands: list[ast.expr]) -> ast.BoolOp:
    """An `and` or `or`, of which the rewriting has nested those of several operands."""
    kind = ast.And if name == "And" else ast.Or
    nested = [
        each.values if isinstance(each, ast.BoolOp) and isinstance(each.op, kind) else [each] for each in operands
    ]
    return ast.BoolOp(kind(), [each for several in nested for each in several])


def _source(file: str, line: int) -> str:
    return linecache.getline(file, line).rstrip("\n")


def _characters(lines: list[str], line: int, offset: int) -> int:
    """A column in characters from one in UTF-8 bytes."""
    if not 0 < line <= len(lines):
        return offset
    return len(lines[line - 1].encode()[:offset].decode(errors="replace"))


def _between(lines: list[str], line: int, column: int, end_line: int, end_column: int) -> str:
    if not 0 < end_line <= len(lines):
        return ""
    if line == end_line:
        return lines[line - 1][column:end_column]
    return "".join([lines[line - 1][column:], *lines[line : end_line - 1], lines[end_line - 1][:end_column]])
