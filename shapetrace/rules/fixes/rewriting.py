"""How to have Paddle rewrite code that it runs as it stands: the edits for each cause.

What Paddle rewrites was measured on 2.6.2, 3.0.0 and 3.3.1: functions that their module's globals hold, bound methods, and
whatever is written inside code that it rewrites.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from shapetrace.rules.fixes import hoisting
from shapetrace.rules.fixes.source import Source, parameters, pure
from shapetrace.said import said
from shapetrace.trace import Edit, Said, Site, Skip, Trace

Sources = Callable[[str], Source | None]
Rewriting = tuple[Said, tuple[Edit, ...]]
"""What the edits do, and the edits."""


def of_skip(
    trace: Trace, skip: Skip, read: Site | None, sources: Sources, inner: Sequence[Edit] = ()
) -> Rewriting | None:
    """The edits that have Paddle rewrite a callable; None where there are none.

    Args:
        trace: The trace.
        skip: The callable that Paddle ran as it stands.
        read: Where a dim was read in it.
        sources: Finds the source of a file.
        inner: What else is to be edited, for text that is moved.
    """
    find = _BY_KIND.get(skip.kind)
    return find(_Case(trace, skip, read, sources, inner)) if find is not None else None


class _Case:
    """One callable that was skipped, with the sources of the places that matter."""

    def __init__(self, trace: Trace, skip: Skip, read: Site | None, sources: Sources, inner: Sequence[Edit]) -> None:
        self.name = skip.callable.rpartition(".")[2]
        self.qualified = skip.callable
        self.called = trace.sites[skip.called] if skip.called >= 0 else None
        self.defined = trace.sites[skip.defined] if skip.defined >= 0 else None
        self.wrapped = trace.sites[skip.wrapped] if skip.wrapped >= 0 else None
        self.read = read
        self.inner = inner
        self._sources = sources

    def source(self, site: Site | None) -> Source | None:
        return self._sources(site.file) if site is not None else None

    def call(self) -> tuple[Source, ast.Call] | None:
        """The call in rewritten code."""
        source = self.source(self.called)
        node = source.node(self.called, ast.Call) if source is not None else None
        return (source, node) if source is not None and node is not None else None


def _partial(case: _Case) -> Rewriting | None:
    """The function that a partial holds is called itself: by its name where that is known, else out of the partial."""
    place = case.call()
    if place is None:
        return None
    source, call = place
    if not pure(call.func):
        return None
    return _direct(case, source, call) or _unpacked(case, source, call)


def _direct(case: _Case, source: Source, call: ast.Call) -> Rewriting | None:
    """`merge(x, heads=8)` for `self.merge(x)`, where the partial is made in the same class of what is known there too."""
    wrapped = source.node(case.wrapped, ast.Call) if case.wrapped and case.wrapped.file == source.file else None
    if wrapped is None or not wrapped.args or not _is_only_one(source, wrapped, call.func):
        return None
    held = [*wrapped.args[1:], *(keyword.value for keyword in wrapped.keywords)]
    if not isinstance(wrapped.args[0], ast.Name) or not all(map(_stays, held)):
        return None
    if source.module_names().get(wrapped.args[0].id) is None or any(
        argument.arg is None for argument in wrapped.keywords
    ):
        return None
    names = {keyword.arg for keyword in call.keywords}
    texts = [source.text(argument) for argument in (*wrapped.args[1:], *call.args)]
    texts += [source.text(argument) for argument in call.keywords]
    texts += [source.text(argument) for argument in wrapped.keywords if argument.arg not in names]
    edit = source.replace(call, f"{source.text(wrapped.args[0])}({', '.join(texts)})")
    says = said("Paddle rewrites `{}` where it is called by its name, not out of a functools.partial", case.name)
    return says, (edit,)


def _is_only_one(source: Source, wrapped: ast.Call, held: ast.expr) -> bool:
    """Whether what is called is the attribute that the partial is assigned to, once in its class."""
    statement = source.parent(wrapped)
    if not isinstance(held, ast.Attribute) or not isinstance(statement, ast.Assign):
        return False
    owner = source.around(wrapped, ast.ClassDef)
    if owner is None or [ast.unparse(target) for target in statement.targets] != [ast.unparse(held)]:
        return False
    stored = [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr == held.attr
    ]
    return len(stored) == 1 and source.around(held, ast.ClassDef) is owner


def _stays(node: ast.expr) -> bool:
    """Whether an expression means the same where the partial is made and where it is called."""
    return isinstance(node, ast.Constant) or (
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    )


def _unpacked(case: _Case, source: Source, call: ast.Call) -> Rewriting | None:
    """`self.merge.func(*self.merge.args, x, **self.merge.keywords)`, which is what a partial does."""
    held = source.text(call.func)
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    positional = [source.text(argument) for argument in call.args]
    keywords = f"{held}.keywords"
    if call.keywords:
        named = ", ".join(f'"{keyword.arg}": {source.text(keyword.value)}' for keyword in call.keywords)
        keywords = f"{{**{keywords}, {named}}}"
    text = f"{held}.func({', '.join([f'*{held}.args', *positional, f'**{keywords}'])})"
    says = said("Paddle rewrites `{}` where it is called itself, not a functools.partial of it", case.name)
    return says, (source.replace(call, text),)


def _unmarked(case: _Case) -> Rewriting | None:
    """Without its decorator `not_to_static`."""
    return _undecorated(case, ("not_to_static",), said("Paddle rewrites `{}` where it is not marked", case.name))


def _uncached(case: _Case) -> Rewriting | None:
    """Without a decorator of `functools` that puts C code in between."""
    says = said("Paddle rewrites `{}`, but not what functools puts around it", case.name)
    return _undecorated(case, ("lru_cache", "cache"), says)


def _undecorated(case: _Case, names: tuple[str, ...], says: Said) -> Rewriting | None:
    source = case.source(case.defined)
    function = source.definition(case.defined) if source is not None else None
    if source is None or function is None:
        return None
    for decorator in function.decorator_list:
        bare = decorator.func if isinstance(decorator, ast.Call) else decorator
        if ast.unparse(bare).rpartition(".")[2] in names:
            assert decorator.end_lineno is not None
            edit = Edit(source.file, decorator.lineno, 0, decorator.end_lineno + 1, 0, "")
            return says, (edit,)
    return None


def _named(case: _Case) -> Rewriting | None:
    """For a function that Paddle does not find among its module's globals."""
    return _through_object(case) or _disguised(case) or _hoisted(case)


def _through_object(case: _Case) -> Rewriting | None:
    """`merging.apply(x)` for `Merging.apply(merging, x)`."""
    place = case.call()
    if place is None:
        return None
    source, call = place
    if not (isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.args):
        return None
    owner = source.module_names().get(call.func.value.id)
    if not isinstance(owner, ast.ClassDef) or isinstance(call.args[0], ast.Starred) or not pure(call.args[0]):
        return None
    if ast.unparse(call.args[0]) == "self" or case.qualified != f"{owner.name}.{call.func.attr}":
        return None
    rest = ", ".join(source.text(argument) for argument in (*call.args[1:], *call.keywords))
    text = f"{source.text(call.args[0])}.{call.func.attr}({rest})"
    return said("Paddle rewrites a method that is called through its object"), (source.replace(call, text),)


def _disguised(case: _Case) -> Rewriting | None:
    """`@functools.wraps(function)` on the inner function of a decorator."""
    source = case.source(case.defined)
    inner = source.definition(case.defined) if source is not None else None
    outer = source.around(inner, ast.FunctionDef) if source is not None and inner is not None else None
    if source is None or inner is None or outer is None or not source.alone(inner):
        return None
    wrapped = [parameter.arg for parameter in parameters(outer) if _is_called(inner, parameter.arg)]
    decorates = any(
        ast.unparse(decorator).split("(")[0] == outer.name
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        for decorator in node.decorator_list
    )
    if len(wrapped) != 1 or inner.decorator_list or not decorates:
        return None
    functools, needed = source.importing("functools")
    line = f"{source.indent(inner)}@{functools}.wraps({wrapped[0]})\n"
    says = said("Paddle looks through `{}` where it says what it wraps", inner.name)
    return says, (source.insert_above(inner.lineno, line), *needed)


def _is_called(function: ast.AST, name: str) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for node in ast.walk(function)
    )


def _hoisted(case: _Case) -> Rewriting | None:
    source = case.source(case.read)
    return hoisting.inner_function(source, case.read) if source is not None and case.read is not None else None


def _lambda(case: _Case) -> Rewriting | None:
    source = case.source(case.defined)
    if source is None or case.read is None or case.read.file != source.file:
        return None
    return hoisting.of_lambda(source, case.read, case.inner)


def _attribute(case: _Case) -> Rewriting | None:
    """`x.shape` for `getattr(x, "shape")`."""
    source = case.source(case.read)
    node = source.node(case.read, ast.Call) if source is not None else None
    if source is None or node is None or ast.unparse(node.func) != "getattr" or len(node.args) < 2:
        return None
    if not (isinstance(node.args[1], ast.Constant) and node.args[1].value == "shape"):
        return None
    base = source.text(node.args[0])
    text = f"{base}.shape" if pure(node.args[0]) or isinstance(node.args[0], ast.Call) else f"({base}).shape"
    return said("Paddle sees a shape that is read as `.shape`"), (source.replace(node, text),)


def _by_python(case: _Case) -> Rewriting | None:
    """For what Python itself calls, where rewritten code can call it instead."""
    source = case.source(case.called)
    if source is None:
        return None
    return _mapped(case, source) or _operator(case, source)


def _mapped(case: _Case, source: Source) -> Rewriting | None:
    """A comprehension for `map`."""
    site = source.node(case.called, ast.expr)
    calls = [node for node in ast.walk(site) if isinstance(node, ast.Call)] if site is not None else []
    for call in calls:
        if ast.unparse(call.func) != "map" or len(call.args) != 2 or call.keywords:
            continue
        outer, function = source.parent(call), call.args[0]
        if not (isinstance(function, ast.Name) and source.module_function(function.id) is not None):
            continue
        name = source.free("item")
        text = f"[{function.id}({name}) for {name} in {source.text(call.args[1])}]"
        takes = ast.unparse(outer.func) if isinstance(outer, ast.Call) else ""
        if takes == "next":
            text = f"iter({text})"
        elif takes not in ("list", "tuple", "sum", "zip", "enumerate", "sorted") and not isinstance(outer, ast.For):
            continue
        says = said("Paddle rewrites `{}` where the model calls it, not `map`", function.id)
        return says, (source.replace(call, text),)
    return None


_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "__add__",
    ast.Sub: "__sub__",
    ast.Mult: "__mul__",
    ast.MatMult: "__matmul__",
    ast.Div: "__truediv__",
    ast.FloorDiv: "__floordiv__",
    ast.Mod: "__mod__",
    ast.Pow: "__pow__",
}


def _operator(case: _Case, source: Source) -> Rewriting | None:
    """The method by its name, where an operator or an index calls it."""
    node = source.node(case.called, ast.expr)
    says = said("Paddle rewrites a method that the model calls, not what Python calls for `{}`", case.name)
    for part in ast.walk(node) if node is not None else ():
        if isinstance(part, ast.BinOp) and _OPERATORS.get(type(part.op)) == case.name:
            if not isinstance(part.left, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
                return None
            text = f"{source.text(part.left)}.{case.name}({source.text(part.right)})"
            return says, (source.replace(part, text),)
        if isinstance(part, ast.Subscript) and case.name == "__getitem__" and not _sliced(part):
            text = f"{source.text(part.value)}.__getitem__({source.text(part.slice)})"
            return says, (source.replace(part, text),)
    return None


def _sliced(node: ast.Subscript) -> bool:
    return any(isinstance(part, ast.Slice | ast.Starred) for part in ast.walk(node.slice))


_BY_KIND: dict[str, Callable[[_Case], Rewriting | None]] = {
    "partial": _partial,
    "lambda": _lambda,
    "not_to_static": _unmarked,
    "c-callable": _uncached,
    "not-global": _named,
    "getattr": _attribute,
    "python": _by_python,
}
