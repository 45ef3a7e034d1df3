"""ST802: the sides of an `if` that became part of the program do not agree, or a loop's first turn and the next do not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shapetrace.plugin import Rule
from shapetrace.rules import left_inside, loop_dtypes, raising_sides, sides
from shapetrace.rules.left_inside import Left
from shapetrace.rules.loop_dtypes import Changed
from shapetrace.rules.raising_sides import Raising
from shapetrace.rules.registry import register
from shapetrace.rules.sides import Clash
from shapetrace.said import said
from shapetrace.trace import (
    ControlFlow,
    Failure,
    Finding,
    Fix,
    Placeholder,
    Said,
    Sentence,
    Sink,
    State,
    Step,
    Trace,
    Variable,
)

_NAMED = (re.compile(r"returned `(.+?)` by"), re.compile(r"Incompatible return values of `(.+?)` in"))
"""Where Paddle names the variable."""
_FLAGS = re.compile(r"__(return|break|continue)_\d+$")
"""Variables of Paddle's that say that a function or loop is to be left. A number on one side and a tensor on the other is right."""
_LEAVES = ("__break", "__return")


def disagreements(trace: Trace) -> Iterator[Finding]:
    """ST802: statements of a conversion that failed over them."""
    for index, conversion in enumerate(trace.conversions):
        failure = conversion.failure
        if failure is None:
            yield from (_other_dtype(trace, problem) for problem in loop_dtypes.changed(trace, index, conversion))
            yield from (
                _left_inside(trace, problem) for problem in left_inside.left(trace, index) if problem.grows is None
            )
            continue
        finding = _ended_by(trace, index, failure)
        if finding is not None:
            yield finding


def _ended_by(trace: Trace, index: int, failure: Failure) -> Finding | None:
    """The statement that a conversion failed over."""
    raising = raising_sides.at(trace, index, failure)
    if raising is not None:
        return _always_raised(trace, raising)
    flows = [(place, flow) for place, flow in enumerate(trace.control_flow) if flow.conversion == index]
    if failure.placeholder is not None:
        return _placeholder(trace, [flow for _, flow in flows], failure, failure.placeholder)
    return next(filter(None, (_ended(trace, place, flow, failure) for place, flow in flows)), None)


def _ended(trace: Trace, place: int, flow: ControlFlow, failure: Failure) -> Finding | None:
    """A statement whose sides Paddle could not put together."""
    if flow.ended != "here" or flow.site < 0:
        return None
    if flow.counted:
        return _counted(trace, place, flow)
    return _sides(trace, flow, failure) if flow.kind == "if" else _other_keys(trace, flow)


# The sides of an `if`


def _sides(trace: Trace, flow: ControlFlow, failure: Failure) -> Finding | None:
    refused = _clashing(flow, failure)
    if refused is None:
        return None
    variable, clash = refused
    one, other = map(sides.described, variable.after)
    name, head = sides.called(trace, flow, variable), sides.head(trace, flow)
    if not variable.name:
        told = said("{} is {} on one side and {} on the other", name, one, other)
    elif str(one) == str(other):
        told = said("{} is {} on both sides of `{}`, and not the same one", name, one, head)
    else:
        told = said("{} is {} on one side of `{}`, and {} on the other", name, one, head, other)
    steps = [sides.step(trace.sites[variable.assigned], variable.after[0])] if variable.assigned >= 0 else []
    return _finding(trace, flow, variable, told, steps, [clash.wanted], _together(name, clash))


def _clashing(flow: ControlFlow, failure: Failure) -> tuple[Variable, Clash] | None:
    """The variable that Paddle refuses: the one it names, else the first that does not go together."""
    named = next((told[1] for pattern in _NAMED if (told := pattern.search(failure.message))), "")
    wanted = "rank" if "rank inconsistency" in failure.message else ""
    clashing = []
    for variable in flow.variables:
        if len(variable.after) == 2 and not _FLAGS.match(variable.name):
            clash = sides.clash(*variable.after)
            if clash is not None and (clash.kind == "missing") <= (variable.name in ("", named)):
                clashing.append((variable, clash))
    clashing.sort(key=lambda pair: (pair[0].name != named, pair[1].kind != wanted))
    return clashing[0] if clashing else None


def _together(name: Sentence, clash: Clash) -> Said:
    if clash.kind == "missing":
        if not isinstance(name, str):  # what a function returns
            return said(
                "give a tensor back on both sides: where there is nothing to give, one that changes nothing or is empty; out of a loop, keep the result in a variable, and return it at the end"
            )
        return said(
            "have {} a tensor on both sides: where there is nothing to give, one that changes nothing or is empty", name
        )
    if clash.kind == "rank":
        return said(
            "have {} the same rank on both sides (unsqueeze, reshape), or do without the `if` and compute for every size alike",
            name,
        )
    if clash.kind in ("dtype", "numbers"):
        return said("have {} the same dtype on both sides: cast, or write 1.0 for 1", name)
    if clash.kind == "structure":
        return said("have {} as many elements on both sides, or do without the `if`", name)
    return said("choose what is computed: call each on its side of the `if`, and keep the tensor that comes of it")


# A dict that gets keys in a loop


def _other_keys(trace: Trace, flow: ControlFlow) -> Finding | None:
    for variable in flow.variables:
        states = (variable.before, *variable.after)
        if len(states) != 2 or {state.type for state in states} != {"dict"} or states[0].keys == states[1].keys:
            continue
        name, head = sides.called(trace, flow, variable), sides.head(trace, flow)
        before, after = map(sides.described, states)
        told = said("{} is {} before `{}`, and {} after a turn", name, before, head, after)
        steps = [sides.step(trace.sites[variable.assigned], variable.after[0])] if variable.assigned >= 0 else []
        fix = said(
            "append to a list in place of {}: in `{}` what it counts is a tensor, and no key; paddle.stack makes one tensor of the list"
            if sides.TENSOR in states[1].keys
            else "give {} each of its keys before `{}`, with a tensor of the rank and dtype that it has inside",
            name,
            head,
        )
        notes = [said("Paddle wants one structure before the loop and after a turn")]
        return _finding(trace, flow, variable, told, steps, notes, fix)
    return None


# A side that raises


def _always_raised(trace: Trace, raising: Raising) -> Finding:
    flow, statement = raising
    code, head = " ".join(statement.code.split()), sides.head(trace, flow)
    told = said("`{}` runs in each conversion: `{}` is converted, and so are both of its sides", code, head)
    fix = said("check it before the model is called, or with an `assert`: Paddle converts one, and saves none")
    return _finding(trace, flow, None, told, [Step(code, "", "", statement)], [], fix)


# A value that one side does not give


def _placeholder(trace: Trace, flows: list[ControlFlow], failure: Failure, met: Placeholder) -> Finding | None:
    """Somebody wanted the value of a variable for which Paddle has a placeholder."""
    flow, variable = _without_value(flows, met)
    if flow is None or variable is None or flow.site < 0:
        return None
    head, name = sides.head(trace, flow), sides.called(trace, flow, variable)
    use = trace.sites[failure.stack[-1]] if failure.stack else None
    code = " ".join(use.code.split()) if use is not None else met.code
    steps = [sides.step(trace.sites[variable.assigned], _given(flows, variable))] if variable.assigned >= 0 else []
    if use is not None:
        steps.append(Step(code, "UndefinedVar", "", use))
    if flow.kind == "loop":
        told = said("{} has no value before `{}`, and `{}` in it needs one", name, head, code)
        notes = [
            said(
                "each line of the loop is part of the program, and so are both sides of an `if` in it that asks a tensor"
            )
        ]
        fix = said("give {} a tensor before `{}`, of the rank and dtype that it has inside", name, head)
        return _finding(trace, flow, variable, told, steps, notes, fix)
    other = next(state for state in (*variable.after, variable.before) if state.type in sides.MISSING)
    told = said("{} is {} on one side of `{}`, and `{}` uses it as a tensor", name, sides.described(other), head, code)
    notes = [said("rewritten code has a placeholder in its place after the `if`, which is not None for Python either")]
    fix = said(
        "give {} a tensor on both sides: one that changes nothing, such as zeros to add or ones to multiply by", name
    )
    return _finding(trace, flow, variable, told, steps, notes, fix)


def _without_value(flows: list[ControlFlow], met: Placeholder) -> tuple[ControlFlow | None, Variable | None]:
    """The statement that leaves a variable without a value: the outermost loop that is running, else the last `if`."""
    for names in ({met.name}, {met.code}):
        pairs = [
            (flow, variable)
            for flow in flows
            for variable in flow.variables
            if variable.name in names and variable.name
        ]
        loops = [pair for pair in pairs if pair[0].kind == "loop" and pair[0].ended and _is_missing(pair[1].before)]
        if loops:
            return loops[0]
        partial = [pair for pair in pairs if pair[0].kind == "if" and _on_one_side(pair[1])]
        if partial:
            return partial[-1]
    return None, None


def _is_missing(state: State) -> bool:
    return state.type in sides.MISSING


def _on_one_side(variable: Variable) -> bool:
    missing = [_is_missing(state) for state in variable.after]
    return any(missing) and not all(missing)


def _given(flows: list[ControlFlow], variable: Variable) -> State:
    """What the variable is where it has a value."""
    alike = [variable, *(other for flow in flows for other in flow.variables if other.name == variable.name)]
    return next((state for other in alike for state in other.after if not _is_missing(state)), variable.before)


# A variable that changes its dtype in a loop


def _other_dtype(trace: Trace, changed: Changed) -> Finding:
    flow, variable = changed.flow, changed.variable
    name, head = sides.called(trace, flow, variable), sides.head(trace, flow)
    told = said(
        "{} is {} before `{}` and {} after a turn: every run of the export that gets there fails",
        name,
        changed.before,
        head,
        changed.after,
    )
    steps = [sides.step(trace.sites[variable.assigned], variable.after[-1])] if variable.assigned >= 0 else []
    notes = [said("Paddle goes by the dtype that a variable has before the loop")]
    return _finding(
        trace, flow, variable, told, steps, notes, said("have it {} before the loop as well", changed.after)
    )


# A tensor that stays in a statement


def _left_inside(trace: Trace, left: Left) -> Finding:
    flow, variable, head = left.flow, left.variable, sides.head(trace, left.flow)
    steps = [Step(" ".join(site.code.split()), "", "", site) for site in (left.made, left.used) if site is not None]
    notes = [left_inside.why_it_fails()]
    if variable is None:
        code = " ".join(left.made.code.split()) if left.made is not None else ""
        what = f"`{code}`" if code else said("a tensor")
        told = said("{} is made in `{}`, and used after it", what, head)
        fix = said("give it to a variable that is a tensor before `{}`, of the same rank and dtype", head)
        return _finding(trace, flow, None, told, steps, notes, fix)
    told = said("`{}` is None before `{}`, and a tensor in it that is used after it", variable.name, head)
    steps = (
        [sides.step(trace.sites[variable.assigned], variable.after[-1]), *steps[-1:]]
        if left.used
        else [sides.step(trace.sites[variable.assigned], variable.after[-1])]
    )
    fix = said("give {} a tensor before `{}`, of the rank and dtype that it has inside", f"`{variable.name}`", head)
    return _finding(trace, flow, variable, told, steps, notes, fix)


# A loop that Python counts


def _counted(trace: Trace, place: int, flow: ControlFlow) -> Finding | None:
    """Python counts the loop, and on the way its condition became a tensor."""
    for inner in reversed(
        [statement for statement in trace.control_flow if statement.parent == place and statement.site >= 0]
    ):
        leaving = next((variable for variable in inner.variables if variable.name.startswith(_LEAVES)), None)
        if leaving is None:
            continue
        word = "break" if leaving.name.startswith("__break") else "return"
        told = said("`{}` under `{}` cannot end `{}`", word, sides.head(trace, inner), sides.head(trace, flow))
        notes = [said("Python counts this loop while it converts, and whether to leave it is a tensor")]
        steps = [Step(word, word, "", trace.sites[leaving.assigned])] if leaving.assigned >= 0 else []
        return _finding(trace, inner, leaving, told, steps, notes, _leaving(flow))
    told = said("the condition of `{}` begins as a number, and becomes a tensor in the loop", sides.head(trace, flow))
    fix = said("have it a tensor before the loop, too: paddle.full([], ...)")
    return _finding(trace, flow, None, told, [], [], fix)


def _leaving(flow: ControlFlow) -> Said:
    if flow.condition.startswith("range("):
        counted = flow.condition.removeprefix("range(").removesuffix(")")
        return said(
            "have Paddle count as well, `range(paddle.full([], {}, 'int64'))`, or put the test into the condition of a `while`",
            counted,
        )
    return said("put the test into the condition of a `while`, or compute every turn and choose with paddle.where")


def _finding(
    trace: Trace,
    flow: ControlFlow,
    variable: Variable | None,
    told: Said,
    steps: list[Step],
    notes: list[Said],
    fix: Said,
) -> Finding:
    site = trace.sites[flow.site]
    return Finding(
        rule="ST802",
        severity="error",
        said=told,
        expression=variable.name if variable is not None else flow.condition,
        source=trace.sites[flow.reads[0]] if flow.reads else None,
        sink=Sink.at(site, site.code.split()[0] if site.code.startswith(("if", "elif", "for", "while")) else "if"),
        roots=sides.roots(trace, flow),
        chain=tuple(steps),
        fix=Fix(fix),
        conversion=flow.conversion,
        layers=(_layer(trace, flow),),
        remarks=(*notes, sides.why(trace, flow)),
    )


def _layer(trace: Trace, flow: ControlFlow) -> str:
    failure = trace.conversions[flow.conversion].failure
    return failure.layer if failure is not None else ""


register(Rule("ST802", "the sides of a converted `if` or loop do not agree", "error", disagreements))
