"""Writes a trace as a graph: one node for each thing recorded, one edge for each step from one to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapetrace.facts import operators
from shapetrace.trace import Comparison, DimRecord, DimRef, OpArgument, Site, Tensor, Trace, Use, kind_of
from shapetrace.trace.dims import DimExpressions

if TYPE_CHECKING:
    import networkx


class Builder:
    """Adds the nodes and edges of a trace to a graph, each once, and returns the nodes' names.

    Args:
        trace: The trace.
    """

    def __init__(self, trace: Trace) -> None:
        import networkx

        self.trace = trace
        self.graph: networkx.DiGraph[str] = networkx.DiGraph()
        self._dims = DimExpressions(trace)
        self._added: set[int] = set()
        """The dims that are in the graph."""

    def conversion(self, index: int) -> None:
        """Add a whole conversion."""
        conversion = self.trace.conversions[index]
        for value in range(len(conversion.values)):
            self.tensor(index, value)
        blocks: dict[int, list[int]] = {}
        for value_index, stored in enumerate(conversion.values):
            if value_index not in conversion.ops[stored.op].outputs:
                blocks.setdefault(stored.op, []).append(value_index)
        for number, op in enumerate(conversion.ops):
            node = self.op(index, number)
            for position, value_index in enumerate(op.inputs):
                if value_index >= 0:
                    self.edge(self.tensor(index, value_index), node, "operand", position=position)
            for position, value_index in enumerate(op.outputs):
                self.edge(node, self.tensor(index, value_index), "result", position=position)
            for position, value_index in enumerate(blocks.get(number, ())):
                self.edge(node, self.tensor(index, value_index), "block-argument", position=position)
            if op.name == "cf.yield" and op.parent >= 0:
                self.edge(node, self.op(index, op.parent), "yield", position=op.block)
        for symbol in conversion.symbols:
            if symbol.input is not None and symbol.axis is not None:
                self.axes_of_input(index, symbol.input)

    def axes_of_input(self, conversion: int, name: str) -> None:
        """Add the unknown axes of an input."""
        owner = self.trace.conversions[conversion]
        for value, stored in enumerate(owner.values):
            if stored.name != name or owner.ops[stored.op].inputs:
                continue
            for axis, text in enumerate(Tensor(owner, value).symbolic or ()):
                if not text.isdigit():
                    node = self.input_axis(conversion, name, axis, text)
                    self.edge(node, self.tensor(conversion, value), "axis", axis=axis, symbolic=text)

    def input_axis(self, conversion: int, name: str, axis: int, text: str) -> str:
        """Add an axis of an input."""
        node = f"c{conversion}/{name}[{axis}]"
        label = f"{name}[{axis}]" if text in ("", f"{name}[{axis}]") else f"{name}[{axis}] = {text}"
        self.node(node, "input-axis", label, conversion=conversion, input=name, axis=axis, symbolic=text)
        return node

    def tensor(self, conversion: int, value: int) -> str:
        """Add a tensor."""
        node = f"c{conversion}/t{value}"
        if node not in self.graph:
            tensor = Tensor(self.trace.conversions[conversion], value)
            symbolic_shape = tensor.symbolic
            self.node(
                node,
                "tensor",
                tensor.name,
                conversion=conversion,
                index=value,
                op=tensor.op,
                dtype=tensor.dtype,
                shape=f"[{', '.join(map(str, tensor.shape))}]",
                symbolic=f"[{', '.join(symbolic_shape)}]" if symbolic_shape is not None else "",
                layer=tensor.layer,
                **place_in_code(tensor.site),
            )
        return node

    def op(self, conversion: int, index: int) -> str:
        """Add an op of the program."""
        node = f"c{conversion}/o{index}"
        if node not in self.graph:
            op = self.trace.conversions[conversion].ops[index]
            site = self.trace.sites[op.stack[-1]] if op.stack else None
            self.node(
                node,
                "op",
                op.name,
                conversion=conversion,
                index=index,
                layer=op.layer,
                failed=False,
                **place_in_code(site),
            )
        return node

    def dim(self, index: int) -> str:
        """Add a dim that Python read or computed, with all it was computed from."""
        if index not in self._added:
            for member in self._dims.lineage(index, but=self._added):
                self._one_dim(member)
                self._added.add(member)
        return f"d{index}"

    def _one_dim(self, index: int) -> None:
        record = self.trace.dims[index]
        node = f"d{index}"
        site = self.trace.sites[record.site] if record.site >= 0 else None
        text = self._dims.text(index)
        label = site.code if site is not None and site.code else f"{record.op} = {record.value}"
        kind = "dim" if record.op == "read" else "expression"
        if kind == "dim" and site is not None and site.code:
            label = f"{site.code}[{record.axis}]"
        self.node(
            node,
            kind,
            label,
            value=record.value,
            operation=record.op,
            name=record.name,
            arithmetic=self._arithmetic(record),
            symbolic=text,
            internal=record.internal,
            **place_in_code(site),
        )
        if record.op == "read" and record.conversion >= 0 and record.tensor >= 0:
            tensor = self.tensor(record.conversion, record.tensor)
            self.edge(tensor, node, "read", axis=record.axis, symbolic=text, guilty=True)
        for position, operand in enumerate(record.operands):
            if isinstance(operand, DimRef):
                source = f"d{operand.id}"
                held = str(self.graph.nodes[source].get("symbolic", ""))
                self.edge(source, node, "computes", position=position, symbolic=held, guilty=True)

    def _arithmetic(self, record: DimRecord) -> str:
        """The computation with its numbers: `-1 * 8 = -8`."""
        if record.op == "read":
            return ""
        numbers = [
            str(self.trace.dims[operand.id].value if isinstance(operand, DimRef) else operand)
            for operand in record.operands
        ]
        infix = len(numbers) == 2 and not record.op[:1].isalpha()
        written = f" {record.op} ".join(numbers) if infix else f"{record.op}({', '.join(numbers)})"
        return f"{written} = {record.value}"

    def use(self, index: int) -> str:
        """Add what was done with a dim, and the op it went into."""
        use = self.trace.uses[index]
        node = f"u{index}"
        if node in self.graph:
            return node
        dim, *others = (self.dim(end) for end in dims_of(use))
        site = self.trace.sites[use.site] if use.site >= 0 else None
        label = place_of(use.op, use.argument, use.index) if isinstance(use, OpArgument) else place_of(use.op, "", None)
        value = self.trace.dims[use.dim].value
        text = str(self.graph.nodes[dim].get("symbolic", ""))
        self.node(node, "argument", label, use=kind_of(use), value=value, symbolic=text, **place_in_code(site))
        for end in (dim, *others):
            held = str(self.graph.nodes[end].get("symbolic", ""))
            self.edge(end, node, "used", symbolic=held, guilty=True)
        if isinstance(use, OpArgument):
            if use.taker >= 0:
                target = self.op(use.conversion, use.taker)
            else:
                target = f"{node}/op"
                failed = use.raised >= 0
                self.node(target, "op", use.op, layer=use.layer, failed=failed, **place_in_code(site))
            self.edge(node, target, "argument", symbolic=text, guilty=True)
        return node

    def finding(self, index: int, most: int | None = None) -> str:
        """Add a finding, with the uses and ops it is about: all of them, or only so many."""
        finding = self.trace.findings[index]
        node = f"f{index}"
        self.node(
            node,
            "finding",
            f"{finding.rule} {finding.message}",
            rule=finding.rule,
            severity=finding.severity,
            symbolic=finding.symbolic,
            count=finding.count,
            **place_in_code(finding.sink or finding.source),
        )
        for use in finding.uses[:most]:
            self.edge(self.use(use), node, "violates", symbolic=finding.symbolic, guilty=True)
        for op in finding.ops[:most]:
            self.edge(self.op(finding.conversion, op), node, "violates", symbolic=finding.symbolic, guilty=True)
        return node

    def node(self, node: str, kind: str, label: str, **attributes: str | float | bool) -> None:
        """Add a node; each attribute is a plain value, so that any format can hold it."""
        self.graph.add_node(node, kind=kind, label=label, **attributes)

    def edge(self, source: str, target: str, kind: str, **attributes: str | float | bool) -> None:
        """Add an edge; a second one between the same two nodes only adds its position, or its axis."""
        present = self.graph.get_edge_data(source, target)
        if present is not None and present["kind"] == kind and "position" in attributes:
            present["positions"] = f"{present['positions']},{attributes['position']}"
            return
        if present is not None and present["kind"] == kind and "axis" in attributes:
            axes = str(present.get("axes", present["axis"])).split(",")
            if str(attributes["axis"]) not in axes:
                present["axes"] = ",".join((*axes, str(attributes["axis"])))
                present["symbolic"] = f"{present['symbolic']}, {attributes['symbolic']}"
            return
        position = attributes.pop("position", None)
        if position is not None:
            attributes["positions"] = str(position)
        self.graph.add_edge(source, target, kind=kind, **attributes)


def build(trace: Trace) -> networkx.DiGraph[str]:
    """The whole provenance of a trace. The package's docstring lists the kinds of nodes and edges."""
    builder = Builder(trace)
    for index in range(len(trace.conversions)):
        builder.conversion(index)
    for index in range(len(trace.dims)):
        builder.dim(index)
    for index in range(len(trace.uses)):
        builder.use(index)
    for index in range(len(trace.findings)):
        builder.finding(index)
    return builder.graph


def dims_of(use: Use) -> list[int]:
    """The dims that a use is of: the one, and in a comparison of two the other."""
    return [use.dim, use.other] if isinstance(use, Comparison) and use.other >= 0 else [use.dim]


def place_of(op: str, argument: str, index: int | None) -> str:
    """Where an op takes a number: `reshape shape[0]`, `/`."""
    sign = operators.sign(op)
    if sign:
        return sign
    where = f"{argument}[{index}]" if index is not None else argument
    return f"{op} {where}".strip()


def place_in_code(site: Site | None) -> dict[str, str | int]:
    """A site as attributes of a node."""
    if site is None:
        return {}
    return {"file": site.file, "line": site.line, "code": site.code, "function": site.function}
