"""Lambdas and inner functions made functions of the module, which Paddle rewrites.

What they have from the function around them, they are given as their first parameter, bound as a method binds `self`: Paddle
rewrites bound methods wherever they are kept.
"""

from __future__ import annotations

import ast
import builtins
import textwrap
from collections.abc import Sequence

from shapetrace.rules.fixes.source import Function, Source, bound, loaded, parameters, top_line
from shapetrace.said import said
from shapetrace.trace import Edit, Said, Site

Rewriting = tuple[Said, tuple[Edit, ...]]


def of_lambda(source: Source, read: Site, changes: Sequence[Edit] = ()) -> Rewriting | None:
    """The lambda that a dim was read in, as a function of the module, with what is to be edited in it."""
    inner = source.node(read, ast.expr)
    node = source.around(inner, ast.Lambda) if inner is not None else None
    if node is None or node.args.defaults or any(node.args.kw_defaults):
        return None
    outer = [enclosing for enclosing in source.outwards(node) if isinstance(enclosing, ast.Lambda)]
    node = outer[-1] if outer else node
    held = _held(source, node)
    if held is None:
        return None
    name = source.free(f"_{_name(source, node)}", node)
    body = source.edited(node.body, changes)
    returned = f"    return {body}\n" if "\n" not in body else f"    return (\n        {body}\n    )\n"
    edits = (
        _above(source, node, name, _signature(node, held), _unpacking(held) + returned),
        source.replace(node, _bound(name, held)),
    )
    return said("Paddle rewrites a function of the module, not a lambda: it is `{}` now", name), edits


def inner_function(source: Source, read: Site) -> Rewriting | None:
    """The function written inside another one that a dim was read in, and that the other one returns."""
    node = source.node(read, ast.expr)
    inner = source.around(node, ast.FunctionDef) if node is not None else None
    outer = source.around(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) if inner is not None else None
    if inner is None or outer is None or inner not in outer.body or not source.alone(inner):
        return None
    uses = [part for part in ast.walk(outer) if isinstance(part, ast.Name) and part.id == inner.name]
    held = _held(source, inner)
    if held is None or len(uses) != 1 or inner.decorator_list or _has_defaults(inner) or inner.name in loaded(inner):
        return None
    name = source.free(f"_{inner.name}", inner)
    assert inner.end_lineno is not None
    lines = "".join(source.lines[inner.body[0].lineno - 1 : inner.end_lineno])
    if inner.body[0].lineno == inner.lineno or '"""' in lines or "'''" in lines or not lines.endswith("\n"):
        return None
    body = textwrap.indent(textwrap.dedent(lines), "    ")
    edits = (
        _above(source, inner, name, _signature(inner, held), _unpacking(held) + body),
        Edit(source.file, inner.lineno, 0, inner.end_lineno + 1, 0, ""),
        source.replace(uses[0], _bound(name, held)),
    )
    says = said("Paddle rewrites a function of the module, not one that another function makes: it is `{}` now", name)
    return says, edits


def _held(source: Source, node: Function) -> list[str] | None:
    """The variables of the function around it that a function reads; None where they cannot be handed over."""
    own = {part.arg for part in parameters(node)}
    if isinstance(node, ast.Lambda):
        names = loaded(node.body) - own
    else:
        if any(isinstance(part, ast.Nonlocal | ast.Global | ast.Yield | ast.YieldFrom) for part in ast.walk(node)):
            return None
        own |= {name for statement in node.body for name in bound(statement)}
        names = {name for statement in node.body for name in loaded(statement)} - own
    outside = names - set(source.module_names()) - set(vars(builtins))
    around = [
        part for part in source.outwards(node) if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    ]
    for outer in around:
        hidden = {part.arg for part in parameters(outer)}
        body = outer.body if isinstance(outer.body, list) else []
        hidden |= {name for statement in body for name in bound(statement)}
        outside |= names & hidden
    if outside and (not around or not all(_is_set_once(around[0], name, node) for name in outside)):
        return None
    return sorted(outside)


def _is_set_once(outer: Function, name: str, node: Function) -> bool:
    """Whether a variable of the function around has one value, and has it before the inner function is made."""
    stored = [
        part.lineno
        for part in ast.walk(outer)
        if isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Store | ast.Del)
    ]
    if any(part.arg == name for part in parameters(outer)):
        return not stored
    return len(stored) == 1 and stored[0] < node.lineno


def _bound(name: str, held: list[str]) -> str:
    if not held:
        return name
    first = held[0] if held == ["self"] else f"({', '.join(held)}{',' if len(held) == 1 else ''})"
    return f"{name}.__get__({first})"


def _unpacking(held: list[str]) -> str:
    if not held or held == ["self"]:
        return ""
    return f"    {', '.join(held)}{',' if len(held) == 1 else ''} = held\n"


def _signature(node: Function, held: list[str]) -> str:
    first = "self" if held == ["self"] else "held"
    arguments = ast.unparse(node.args)
    return ", ".join(text for text in ((first if held else ""), arguments) if text)


def _above(source: Source, node: ast.AST, name: str, signature: str, body: str) -> Edit:
    """The edit that puts the function above the statement of the module that the node stands in."""
    top = [enclosing for enclosing in source.outwards(node) if isinstance(enclosing, ast.stmt)][-1]
    return source.insert_above(top_line(top), f"def {name}({signature}):\n{body}\n\n")


def _name(source: Source, node: ast.Lambda) -> str:
    outer = source.parent(node)
    if isinstance(outer, ast.Assign | ast.AnnAssign):
        target = outer.targets[0] if isinstance(outer, ast.Assign) else outer.target
        text = ast.unparse(target).rpartition(".")[2]
        if text.isidentifier():
            return text
    if isinstance(outer, ast.Dict):
        key = next((key for key, value in zip(outer.keys, outer.values, strict=True) if value is node), None)
        if isinstance(key, ast.Constant) and str(key.value).isidentifier():
            return str(key.value)
    return f"line_{node.lineno}"


def _has_defaults(node: Function) -> bool:
    return bool(node.args.defaults) or any(node.args.kw_defaults)
