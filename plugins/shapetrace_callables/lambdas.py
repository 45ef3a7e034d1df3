"""Gives a lambda the form of a `def`, so that Paddle's converter can read it.

The converter asks `inspect` for source. So a text of one `def` is put where `inspect` looks, under a name of its own
and at the line where the lambda stands; afterwards the converter's memory of lines is pointed at the real file.
"""

from __future__ import annotations

import ast
import functools
import linecache
from types import CodeType, FunctionType

_MARK = " (lambda)"


def as_def(function: FunctionType) -> FunctionType | None:
    """A function whose source is the lambda's as a `def`; for converting only, not for calling.

    Returns:
        None where it cannot be told which lambda of its line it is, or there is no source.
    """
    code = function.__code__
    source = "".join(linecache.getlines(code.co_filename, function.__globals__))
    node = _node(source, code) if source else None
    body = ast.get_source_segment(source, node.body) if node is not None else None
    if node is None or body is None:
        return None
    name = f"lambda_{node.lineno}_{node.col_offset}"
    # The defaults are left out: they are values already, and the names in them may be known to nobody any more.
    arguments = ast.arguments(
        node.args.posonlyargs, node.args.args, node.args.vararg, node.args.kwonlyargs, [], node.args.kwarg, []
    )
    arguments.kw_defaults = [None] * len(node.args.kwonlyargs)
    head = "\n" * (node.lineno - 1) + f"def {name}({ast.unparse(arguments)}): return ("
    text = head + "\n" * (node.body.lineno - node.lineno) + body + "\n)\n"  # every line of the body where it was
    path = f"{code.co_filename}:{node.lineno}:{node.col_offset}{_MARK}"
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    return copy(function, code.replace(co_filename=path, co_name=name), name)


def copy(function: FunctionType, code: CodeType, name: str = "") -> FunctionType:
    """The function with another code, its variables, and nothing that was attached to it."""
    twin = FunctionType(code, function.__globals__, name or code.co_name, None, function.__closure__)
    twin.__module__ = function.__module__
    return twin


def point_home(readable: FunctionType, function: FunctionType) -> None:
    """Have Paddle's reports name the file that the lambda is written in."""
    from paddle.jit.dy2static import origin_info

    path = readable.__code__.co_filename
    for origin in origin_info.global_origin_info_map.values():
        if origin.location.filepath == path:
            origin.location.filepath = function.__code__.co_filename
            origin.function_name = "<lambda>"


@functools.lru_cache(maxsize=64)
def _lambdas(source: str) -> dict[int, list[ast.Lambda]]:
    by_line: dict[int, list[ast.Lambda]] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Lambda):
            by_line.setdefault(node.lineno, []).append(node)
    return by_line


def _node(source: str, code: CodeType) -> ast.Lambda | None:
    """The lambda that the code was compiled from: the only one of its line, else the one at its positions."""
    nodes = _lambdas(source).get(code.co_firstlineno, [])
    if len(nodes) > 1:
        places = {place for place in _positions(code) if place is not None}
        nodes = [node for node in nodes if _span(node.body) in places] if places else []
    return nodes[0] if len(nodes) == 1 else None


def _span(node: ast.expr) -> tuple[int, int | None, int, int | None]:
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def _positions(code: CodeType) -> list[tuple[int | None, ...]]:
    """Source ranges of the instructions, as (line, end line, column, end column). Python 3.10 keeps none."""
    return [tuple(place) for place in code.co_positions()] if hasattr(code, "co_positions") else []
