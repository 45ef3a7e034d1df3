"""ST807: source that Paddle cannot read or write again, and ops that are built in the way of before PIR."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from shapetrace.capture.source.sites import site_of_node
from shapetrace.facts import unconvertible, wanted
from shapetrace.facts.unconvertible import Unconvertible
from shapetrace.plugin import Rule
from shapetrace.rules import fixes, paddle_words
from shapetrace.rules.fixes.source import Source
from shapetrace.rules.other_failures import users_line
from shapetrace.rules.registry import register
from shapetrace.said import said
from shapetrace.trace import Failure, Finding, Fix, Said, Sink, Site, Trace


def unconverted(trace: Trace) -> Iterator[Finding]:
    """ST807: a conversion ended because of the source itself."""
    for index, conversion in enumerate(trace.conversions):
        failure = conversion.failure
        why = unconvertible.why(failure.type, failure.message) if failure is not None else None
        if failure is not None and why is not None and _is_paddles(failure, why):
            yield _finding(trace, index, failure, why)
        elif failure is not None and (ran := _without_source(trace, failure)) is not None:
            yield _as_it_stands(trace, index, failure, ran)


def _is_paddles(failure: Failure, why: Unconvertible) -> bool:
    """Whether Paddle raised it: a line of the user's that reads source or a name of its own is another matter."""
    called = failure.call is not None and failure.call.by == "paddle"
    if why.kind in ("no source", "no Python function"):
        return not failure.stack or called
    return True


def _without_source(trace: Trace, failure: Failure) -> Site | None:
    """The place that a conversion ended at over a tensor's value, where it is in source that no file has."""
    innermost = trace.sites[failure.stack[-1]] if failure.stack else None
    want = wanted.wanted(failure.type, failure.message)
    if innermost is None or want in (None, "key") or not innermost.file.startswith("<"):
        return None
    return innermost


def _as_it_stands(trace: Trace, index: int, failure: Failure, ran: Site) -> Finding:
    """Of a function that Paddle has run as it stands, because it could not read it."""
    site = users_line(trace, index, failure)
    words = paddle_words.sentence(failure.message).replace("`", "'")
    why = Unconvertible("no source")
    return Finding(
        rule="ST807",
        severity="error",
        said=_said(ran.function, why),
        expression=" ".join(site.code.split()) if site is not None else ran.function,
        sink=None if site is None else Sink.at(site, ""),
        fix=Fix(unconvertible.advice(why.kind)),
        conversion=index,
        layers=(failure.layer,) if failure.layer else (),
        remarks=(
            *_remarks(why),
            said("so it runs as it stands, where Python needs the value of a tensor: `{}`", f"{failure.type}: {words}"),
        ),
    )


def _finding(trace: Trace, index: int, failure: Failure, why: Unconvertible) -> Finding:
    conversion, site = trace.conversions[index], users_line(trace, index, failure)
    function, declared = conversion.function, None
    for file in dict.fromkeys(place.file for place in (site, conversion.site_of_function) if place is not None):
        source = fixes.plan(trace).source(file)
        node = _definition(source, conversion.site_of_function, why.function) if source is not None else None
        if source is not None and node is not None:
            function = _qualified(source, node) if why.function else function
            declared = _declared(source, node, why.name)
            break
    place = declared or site
    return Finding(
        rule="ST807",
        severity="error",
        said=_said(function, why),
        expression=" ".join(place.code.split()) if place is not None else function,
        sink=None if place is None else Sink.at(place, why.op),
        fix=Fix(unconvertible.advice(why.kind)),
        conversion=index,
        layers=(failure.layer,) if failure.layer else (),
        remarks=tuple(_remarks(why)),
    )


def _definition(source: Source, converted: Site | None, written: str) -> ast.FunctionDef | None:
    """The function that was being written again: by the name of Paddle's file (`Net_inner`), else the one that was converted."""
    functions = [node for node in ast.walk(source.tree) if isinstance(node, ast.FunctionDef)]
    if written:
        named = [node for node in functions if _qualified(source, node).replace(".", "_") == written]
        return named[0] if len(named) == 1 else None
    line = converted.line if converted is not None and converted.file == source.file else -1
    return next((node for node in functions if node.lineno <= line <= (node.end_lineno or 0)), None)


def _qualified(source: Source, node: ast.FunctionDef) -> str:
    owner = source.parent(node)
    return f"{owner.name}.{node.name}" if isinstance(owner, ast.ClassDef) else node.name


def _declared(source: Source, function: ast.FunctionDef, name: str) -> Site | None:
    """The `global` or `nonlocal` statement of a name in a function."""
    nodes = (node for node in ast.walk(function) if isinstance(node, ast.Global | ast.Nonlocal) and name in node.names)
    node = next(nodes, None)
    return None if node is None else site_of_node(source.file, node, function.name)


def _said(function: str, why: Unconvertible) -> Said:
    if why.kind == "no source":
        return said("Paddle cannot read the source of {}: it stands in no file", function)
    if why.kind == "no Python function":
        return said("Paddle cannot convert {}: it is no function of Python, but a {}", function, why.name)
    if why.kind == "binding":
        return said(
            "Paddle cannot convert {}: a converted `if` or loop in it assigns `{}`, which is no local variable",
            function,
            why.name,
        )
    if why.kind == "syntax":
        return said("Paddle cannot take {} apart: it has syntax that this version does not know", function)
    if why.kind == "super":
        return said("super() without arguments does not work in the code that Paddle makes of {}", function)
    if why.kind == "before PIR" and why.op:
        return said("{} builds {} in the way of before Paddle 3: a program of PIR does not take it", function, why.op)
    if why.kind == "before PIR":
        return said("{} builds an op in the way of before Paddle 3: a program of PIR does not take it", function)
    return said("what Paddle makes of {} is no valid Python", function)


def _remarks(why: Unconvertible) -> Iterator[Said]:
    if why.kind == "no source":
        yield said(
            "made by exec, in a notebook or at a prompt, or its file has gone; in such code x.shape gives -1 for an unknown dim"
        )
    if why.kind == "binding":
        yield said(
            "it is declared global or nonlocal; Paddle makes functions of the `if` and the loop, and binds the name in those"
        )


register(Rule("ST807", "source that Paddle cannot convert", "error", unconverted))
