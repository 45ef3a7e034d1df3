"""Pictures: the way of a finding, the way of a dim, and the layers of a model, as SVG, PNG, PDF or DOT."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from shapetrace import graph as provenance
from shapetrace.errors import UsageError
from shapetrace.facts import operators, ops
from shapetrace.reports import canvas, wording
from shapetrace.reports.canvas import Canvas, Line
from shapetrace.reports.palette import Theme
from shapetrace.reports.translations import current, worded
from shapetrace.said import said
from shapetrace.trace import Finding, Tensor, Trace

if TYPE_CHECKING:
    import networkx

Format = Literal["svg", "png", "pdf", "dot"]

_MOST_LAYERS = 36
_MOST_FINDINGS = 8
_MOST_STEPS = 14
_MOST_NAMES = 6
_MOST_DRAWN = 24
"""Steps of one way: half of them from its start, half up to its end. Graphviz takes minutes for thousands."""


def render(trace: Trace, format: Format = "svg", theme: Theme = "light") -> str | bytes:
    """Draw what there is to see in a trace: the way of each finding, or without findings the layers.

    Args:
        trace: The trace.
        format: `svg` and `dot` give text, `png` and `pdf` bytes.
        theme: `light` or `dark`.

    Raises:
        UsageError: There is no such format or theme, nothing on this machine can make it, or there is nothing to draw.
    """
    found = [finding for finding in trace.findings if has_way(finding)]
    if not found:
        return overview(trace, format=format, theme=theme)
    drawn = found[:_MOST_FINDINGS]
    title = [] if len(drawn) == 1 else [Line(wording.counted(len(found), "finding"), "bold")]
    if len(drawn) < len(found):
        left = len(found) - len(drawn)
        title.append(Line(worded("the first {} are drawn; {} more are in the other reports", len(drawn), left)))
    picture = Canvas(theme, title or _headline(drawn[0]))
    for number, item in enumerate(drawn):
        group = "" if len(drawn) == 1 else picture.group(f"finding{number}", _headline(item))
        _draw_finding(picture, item, _way(trace, item), group)
    return picture.rendered(format)


def has_way(finding: Finding) -> bool:
    """Whether there is anything to draw of a finding: something that was used, an op, or what Python computed."""
    return bool(finding.uses or finding.ops or finding.chain)


def finding(trace: Trace, finding: Finding, format: Format = "svg", theme: Theme = "light") -> str | bytes:
    """Draw the way of one finding: from the input axis, through the program and Python, to the op that took it.

    Args:
        trace: The trace.
        finding: One of its findings.
        format: `svg` and `dot` give text, `png` and `pdf` bytes.
        theme: `light` or `dark`.

    Raises:
        UsageError: There is no such format or theme, or nothing on this machine can make it.
    """
    return _drawn(finding, _way(trace, finding), format, theme)


def in_both_themes(trace: Trace, finding: Finding) -> dict[Theme, str | bytes]:
    """Draw the way of one finding as SVG, in light and in dark.

    Args:
        trace: The trace.
        finding: One of its findings.

    Raises:
        UsageError: Nothing on this machine can make it.
    """
    way = _way(trace, finding)
    themes: tuple[Theme, ...] = ("light", "dark")
    return {theme: _drawn(finding, way, "svg", theme) for theme in themes}


def why(
    trace: Trace, tensor: Tensor | str | int, axis: int, format: Format = "svg", theme: Theme = "light"
) -> str | bytes:
    """Draw the way of one dim, from where it began. See `shapetrace.graph.why`.

    Raises:
        UsageError: There is no such tensor, axis, format or theme, or nothing on this machine can make it.
    """
    steps = provenance.why(trace, tensor, axis)
    asked = steps[0]
    picture = Canvas(
        theme, [Line(worded("Axis {} of {} is {}", asked.axis, asked.tensor.name, asked.symbolic), "bold")]
    )
    into: dict[int, list[int]] = {}
    for index, step in enumerate(steps):
        for source in step.via:
            into.setdefault(source, []).append(index)

    def passes_on(index: int) -> bool:
        step = steps[index]
        if step.note or len(step.via) != 1 or len(into.get(index, ())) != 1:
            return False
        return step.symbolic == steps[step.via[0]].symbolic and not step.held

    nodes: dict[int, str] = {}
    runs: dict[int, list[int]] = {}
    if len(steps) > _MOST_STEPS:
        for index in range(1, len(steps)):
            if passes_on(index):
                run = runs.get(into[index][0], [])
                run.append(index)
                runs[index] = run
    groups = [runs.get(index, [index]) for index in range(len(steps)) if runs.get(index, [index])[0] == index]
    if len(groups) > _MOST_DRAWN:
        left = [index for group in groups[_MOST_DRAWN // 2 : -_MOST_DRAWN // 2] for index in group]
        nodes = dict.fromkeys(left, picture.node("plain", [Line(worded("{} more steps", f"{len(left):,}"), "bold")]))
        groups = groups[: _MOST_DRAWN // 2] + groups[-_MOST_DRAWN // 2 :]
    for group in groups:
        if len(group) > 1:
            names = [_op(steps[place].op) for place in reversed(group)]
            nodes |= dict.fromkeys(group, picture.node("plain", _run_lines(names)))
            continue
        index = group[0]
        step = steps[index]
        place = "" if step.site is None else f"  {canvas.place(step.site.file, step.site.line)}"
        style = "turned" if step.turned == "constant" else "input" if step.origin == "input" else "tensor"
        lines = [Line(_op(step.op) + place, "small"), Line(step.tensor.name, "bold")]
        dims = step.tensor.data if step.held else step.tensor.symbolic
        shape = dims if dims is not None else tuple(map(str, step.tensor.shape))
        held = f"[{', '.join(shape)}]"
        lines.append(Line(worded("holds {}", held) if step.held else held, "code"))
        if step.note:
            lines.append(Line(current().say(step.remark), "bold" if step.turned else "plain"))
        nodes[index] = picture.node(style, lines)
    edges = [
        (nodes[source], nodes[index], steps[source].symbolic)
        for index in range(len(steps))
        for source in steps[index].via
    ]
    for before, after, text in dict.fromkeys(edges):
        if before != after:
            picture.edge(before, after, text, "healthy")
    return picture.rendered(format)


def overview(
    trace: Trace, conversion: int = -1, format: Format = "svg", theme: Theme = "light", depth: int | None = None
) -> str | bytes:
    """Draw the layers of one conversion, and what flows between them. Layers with a finding stand out.

    Args:
        trace: The trace.
        conversion: Index of the conversion; the last one by default.
        format: `svg` and `dot` give text, `png` and `pdf` bytes.
        theme: `light` or `dark`.
        depth: How many parts of the layer path stay apart; by default as many as give a legible picture.

    Raises:
        UsageError: There is no such conversion, format or theme, or nothing on this machine can make it.
    """
    count = len(trace.conversions)
    if not -count <= conversion < count:
        raise UsageError(said("there is no conversion {}: the trace holds {}", conversion, count or said("none")))
    builder = provenance.Builder(trace)
    builder.conversion(conversion % count)
    whole = builder.graph
    given = [node for node, data in whole.nodes(data=True) if data["kind"] == "op" and _is_given(whole, node)]
    for node in given:
        whole.remove_nodes_from([node, *whole.successors(node)])
    parts = {str(data.get("layer", "")) for _, data in whole.nodes(data=True)}
    deepest = max((path.count("/") for path in parts), default=1)
    chosen = depth if depth is not None else _legible(parts, deepest)
    layers = provenance.collapse(whole, chosen)
    owner = trace.conversions[conversion]
    drawn = sum(1 for _, data in layers.nodes(data=True) if data["kind"] == "layer")
    left = worded("{} ops in {} layers", f"{len(owner.ops) - len(given):,}", len(parts))
    details = [worded("{} parameters and constants are left out", f"{len(given):,}")] if given else []
    if drawn < len(parts):
        details.append(worded("the layers are drawn as {}: what is deeper than {} is joined", drawn, chosen))
    picture = Canvas(theme, [Line(worded("{}: {}", owner.function, left), "bold"), *map(Line, details)])
    guilty: dict[str, list[Finding]] = {}
    for item in trace.findings:
        if item.conversion == conversion % count:
            for path in dict.fromkeys(item.layers):
                guilty.setdefault(provenance.layer_at(path, chosen), []).append(item)
    names: dict[str, str] = {}
    for node, data in layers.nodes(data=True):
        if data["kind"] == "layer":
            found = guilty.get(data["layer"], [])
            lines = [Line(data["layer"].strip("/").replace("/", " / ") or worded("top level"), "bold")]
            lines.append(Line(wording.counted(data["ops"], "op"), "small"))
            lines += [Line(worded("{}: {}", item.rule, current().say(item.said))) for item in found[:3]]
            names[node] = picture.node("marked" if found else "tensor", lines)
        else:
            names[node] = picture.node("input", [Line(worded("input"), "small"), Line(data["label"], "bold")])
    for source, target, data in layers.edges(data=True):
        shapes = data["symbolic"].split("; ")
        label = next((shape for shape in shapes if re.search("[a-zA-Z]", shape)), shapes[0])
        label += worded("  + {} more", data["count"] - 1) if data["count"] > 1 else ""
        picture.edge(names[source], names[target], label, "plain")
    return picture.rendered(format)


def _is_given(whole: networkx.DiGraph[str], op: str) -> bool:
    """Whether an op is a parameter or a constant: it takes nothing, and is no input of the model."""
    if whole.nodes[op]["label"] == ops.DATA:
        return False
    return whole.in_degree(op) == 0 and all(whole.in_degree(tensor) == 1 for tensor in whole.successors(op))


def _legible(paths: Iterable[str], deepest: int) -> int:
    fitting = [
        depth
        for depth in range(1, max(deepest, 1) + 1)
        if len({provenance.layer_at(path, depth) for path in paths}) <= _MOST_LAYERS
    ]
    return max(fitting, default=1)


def _headline(finding: Finding) -> list[Line]:
    lines = [Line(f"{finding.rule}  {current().say(finding.said)}", "bold")]
    if finding.symbolic and finding.leaked:
        lines.append(Line(worded("{} stands where {} was meant", finding.python_value, finding.symbolic)))
    if finding.count > 1:
        lines.append(Line(worded("{} times; drawn is the first", finding.count)))
    return lines


def _way(trace: Trace, finding: Finding) -> networkx.DiGraph[str]:
    """What there is to draw of a finding."""
    way = provenance.finding_slice(trace, finding)
    _shorten(way)
    _join(way)
    return way


def _drawn(finding: Finding, way: networkx.DiGraph[str], format: Format, theme: Theme) -> str | bytes:
    picture = Canvas(theme, _headline(finding))
    _draw_finding(picture, finding, way, "")
    return picture.rendered(format)


def _draw_finding(picture: Canvas, finding: Finding, way: networkx.DiGraph[str], group: str) -> None:
    names: dict[str, str] = {}
    inside = group
    if finding.cause is not None:
        # At the top the arrows that come in, one for each dim that is read, would go through the caption.
        inside = picture.group(f"{group}cause", _cause_lines(finding), parent=group, side="b")
    for node in way:
        data = way.nodes[node]
        in_python = data["kind"] in ("dim", "expression", "left-out")
        style, lines = _box(data, finding)
        names[node] = picture.node(style, lines, inside if in_python else group)
    for source, target, data in way.edges(data=True):
        if source not in names or target not in names:
            continue
        value = data.get("value", way.nodes[source].get("value")) if finding.leaked else None
        known = str(data.get("symbolic", ""))
        if value is None:
            picture.edge(names[source], names[target], known, "healthy")
        else:
            label = worded("{}  instead of  {}", value, known) if known and known != str(value) else str(value)
            picture.edge(names[source], names[target], label, "guilty")


def _shorten(way: networkx.DiGraph[str]) -> None:
    """Put one node in the place of most of what a long computation in Python did. Changes `way`."""
    python = [node for node in way if way.nodes[node]["kind"] in ("dim", "expression")]  # operands before results
    left = set(python[_MOST_DRAWN // 2 : -_MOST_DRAWN // 2]) if len(python) > _MOST_DRAWN else set()
    if not left:
        return
    way.add_node("left", kind="left-out", count=len(left))
    for source, target, data in [*way.in_edges(left, data=True), *way.out_edges(left, data=True)]:
        ends = "left" if source in left else source, "left" if target in left else target
        if ends[0] != ends[1]:
            value = way.nodes[source].get("value")
            way.add_edge(*ends, **(data if value is None else {**data, "value": value}))
    way.remove_nodes_from(left)


def _join(way: networkx.DiGraph[str]) -> None:
    """Make a slice shorter: runs of ops that pass a dim on become one node. Changes `way`."""
    for node in [node for node in way if way.nodes[node]["kind"] == "tensor"]:
        _into_axes(way, node)
    for node in [node for node in way if way.nodes[node]["kind"] in ("argument", "finding")]:
        _end(way, node)
    for node in [node for node in way if way.nodes[node]["kind"] == "op"]:
        around = {
            str(data.get("symbolic")) for *_, data in (*way.in_edges(node, data=True), *way.out_edges(node, data=True))
        }
        way.nodes[node]["names"] = (way.nodes[node]["label"],)
        if way.in_degree(node) == way.out_degree(node) == 1 and len(around) == 1:
            way.nodes[node]["kind"] = "run"
    for node in [node for node in way if way.nodes[node]["kind"] == "tensor"]:
        after = list(way.successors(node))
        if way.in_degree(node) == 1 and len(after) == 1 and way.nodes[after[0]]["kind"] in ("run", "op"):
            _bypass(way, next(iter(way.predecessors(node))), node)
    for node in [node for node in way if way.nodes[node]["kind"] == "run"]:
        (before,) = way.predecessors(node)
        if way.nodes[before]["kind"] == "run" and way.out_degree(before) == 1:
            way.nodes[before]["names"] += way.nodes[node]["names"]
            _bypass(way, before, node)


def _end(way: networkx.DiGraph[str], node: str) -> None:
    """End the way at the argument or the op that breaks the rule: the headline says the rest. Changes `way`."""
    if way.nodes[node]["kind"] == "finding":
        before = list(way.predecessors(node))
        for op in (op for op in before if way.nodes[op]["kind"] == "op"):
            way.nodes[op]["guilty"] = True
        if all(way.nodes[other]["kind"] in ("op", "argument") for other in before) and before:
            way.remove_node(node)
        return
    for target in [target for target in way.successors(node) if way.nodes[target]["kind"] == "op"]:
        way.nodes[node]["failed"] = way.nodes[target]["failed"]
        if way.out_degree(target) == 0:
            way.remove_node(target)


def _into_axes(way: networkx.DiGraph[str], tensor: str) -> None:
    """Put an input's axes in its place, each with the ways that its own dim takes. Changes `way`."""
    axes = [node for node in way.predecessors(tensor) if way.nodes[node]["kind"] == "input-axis"]
    if not axes:
        return
    for node in axes:
        way.nodes[node]["shape"] = way.nodes[tensor]["symbolic"]
    for _, target, data in list(way.out_edges(tensor, data=True)):
        taken = str(data.get("axes", data.get("axis", ""))).split(",")
        for node in [node for node in axes if str(way.nodes[node]["axis"]) in taken] or axes:
            way.add_edge(node, target, **{**data, "symbolic": way.nodes[node]["symbolic"]})
    way.remove_node(tensor)


def _bypass(way: networkx.DiGraph[str], before: str, node: str) -> None:
    """Take out a node, leading its ways out from the one before it."""
    for _, target, data in list(way.out_edges(node, data=True)):
        way.add_edge(before, target, **data)
    way.remove_node(node)


def _box(data: dict[str, Any], finding: Finding) -> tuple[str, list[Line]]:
    """Style and text of a node of a finding's picture."""
    kind = data["kind"]
    where = f"  {canvas.place(data['file'], data['line'])}" if data.get("file") else ""
    if kind == "input-axis":
        named = data.get("input")
        title = worded("{}, axis {}", named, data["axis"]) if named else data["label"]
        shape = [Line(data["shape"], "code")] if data.get("shape") else []
        return "input", [
            Line(worded("input of the model, size unknown at export"), "small"),
            Line(title, "bold"),
            *shape,
        ]
    if kind == "run":
        return "plain", _run_lines([_op(name) for name in data["names"]])
    if kind == "op":
        return "guilty" if data.get("guilty") else "plain", [
            Line(worded("op") + where, "small"),
            Line(_op(data["label"]), "bold"),
        ]
    if kind == "tensor":
        return "tensor", [
            Line(worded("tensor, made by {}", _op(data["op"])) + where, "small"),
            Line(data["label"], "bold"),
            Line(data["symbolic"] or data["shape"], "code"),
        ]
    if kind == "dim":
        bound = f"{data['name']} = " if data.get("name") else ""
        return "dim", [
            Line(worded("read in plain Python") + where, "small"),
            Line(f"{bound}{data['label']}", "code"),
            Line(worded("gives {}", data["value"]), "bold"),
            Line(worded('{} only says "unknown"', data["value"])),
            Line(_meaning(data)),
        ]
    if kind == "expression":
        return "expression", [
            Line(worded("computed in plain Python") + where, "small"),
            Line(data["label"], "code"),
            Line(data.get("arithmetic") or worded("gives {}", data["value"]), "bold"),
            Line(_meaning(data)),
        ]
    if kind == "part":
        return "tensor", [
            Line(where.strip(), "small"),
            Line(data["label"], "code"),
            Line(data["symbolic"] or str(data["value"]), "bold"),
        ]
    if kind == "left-out":
        return "expression", [
            Line(worded("computed in plain Python"), "small"),
            Line(worded("{} more steps", f"{data['count']:,}"), "bold"),
        ]
    if kind == "argument":
        taken = worded("Paddle refuses it") if data.get("failed") else worded("Paddle takes it as it is")
        code = [Line(data["code"], "code")] if data.get("code") else []
        return "guilty", [
            Line(worded("used") + where, "small"),
            *code,
            Line(_taken(data), "bold"),
            Line(taken if data.get("use", "op") == "op" else ""),
        ]
    return "guilty", [Line(current().say(finding.said), "bold")]


def _taken(data: dict[str, Any]) -> str:
    """What an argument got: `reshape shape[0] = -8`, `/ 1`, `index -2`."""
    label, value = data["label"], data["value"]
    if label in operators.INDEXING.values():
        return worded("index {}", value)
    return f"{label} {value}" if label in operators.SIGNS.values() else f"{label} = {value}"


def _meaning(data: dict[str, Any]) -> str:
    known = data.get("symbolic")
    return worded("really {}", known) if known else ""


def _cause_lines(finding: Finding) -> list[Line]:
    cause = finding.cause
    if cause is None:
        return []
    reason = wording.reason(cause)
    if cause.wrapped is not None:
        reason = worded("{}, {}", reason, canvas.place(cause.wrapped.file, cause.wrapped.line))
    elif cause.site is not None:
        reason += worded("; called at {}", canvas.place(cause.site.file, cause.site.line))
    return [Line(worded("{}: plain Python; Paddle did not rewrite it, because {}", cause.callable, reason), "small")]


def _run_lines(names: list[str]) -> list[Line]:
    """A run of ops: how many, and which."""
    shown = names if len(names) <= _MOST_NAMES else [*names[:3], worded("... {} more ...", len(names) - 5), *names[-2:]]
    count = worded("{} ops pass it on", len(names)) if len(names) > 1 else worded("an op passes it on")
    return [Line(count, "small"), Line(" → ".join(shown))]


def _op(name: str) -> str:
    return re.sub(r"^(pd_op|builtin|cf)\.", "", name)
