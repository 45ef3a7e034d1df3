"""Which op of a trace the tensors and nodes of an ONNX file are.

Paddle2ONNX names a tensor `p2o.pd_op.<op>.<K>.<J>`: the J-th result of the K-th op of that kind in the program that was saved, which
is the program of the trace without what no output needs. Those in blocks are `p2o.sub_block.pd_op.<op>.<K>.<J>`, counted for themselves (`blocks.py`).
Its outputs are `fetch_name_<N>`, and its nodes have names of their own: a node belongs to the op of the nearest such tensor after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from shapetrace.errors import UsageError, in_words
from shapetrace.facts import ops
from shapetrace.onnx_file import blocks
from shapetrace.said import said
from shapetrace.trace import Conversion, Site, Trace

_TENSOR = re.compile(r"p2o\.((?:pd_op|builtin)\.\w+)\.(\d+)\.(\d+)\Z")
_INNER = re.compile(r"p2o\.sub_block\.((?:pd_op|builtin)\.\w+)\.(\d+)\.(\d+)\Z")
_OUTPUT = re.compile(r"fetch_name_(\d+)\Z")
_QUOTED = re.compile(r"""(?<=['"])[^'"\s]+(?=['"])""")
_KIND = re.compile(r"-- (\w+)-\d+ with a message")
FETCHED = "pd_op.fetch"
"""What `place` calls an output."""
_CONTROL = frozenset({ops.IF, ops.WHILE})


def load(file: str | Path) -> Any:
    """An ONNX file as an `onnx.ModelProto`.

    Args:
        file: Its path.

    Raises:
        UsageError: It cannot be read, or `onnx` is not installed.
    """
    try:
        import onnx
    except ImportError as error:
        raise UsageError(said("onnx cannot be imported ({}): pip install 'shapetrace[onnx]'", error)) from None
    try:
        return onnx.load(str(file))
    except Exception as error:  # what protobuf raises is its own
        raise UsageError(said("{} cannot be read as an ONNX file: {}", file, in_words(error))) from None


def read(file: str | Path, trace: Trace) -> Aligned:
    """Hold a file against the conversion that it was made of.

    Args:
        file: An ONNX file.
        trace: Of its export.

    Raises:
        UsageError: It cannot be read, `onnx` is not installed, or no conversion of the trace has its inputs.
    """
    model = load(file)
    wanted = {entry.name for entry in model.graph.input}
    for conversion in reversed(trace.conversions):
        if conversion.failure is None and wanted <= {entry.name for entry in conversion.inputs}:
            return Aligned(model, conversion)
    raise UsageError(said("no conversion in the trace has the inputs of {}: {}", file, ", ".join(sorted(wanted))))


@dataclass
class Aligned:
    """An ONNX file and the conversion that it was made of."""

    model: Any
    """An `onnx.ModelProto`."""
    conversion: Conversion

    @property
    def opset(self) -> int:
        """The version of ONNX's own ops."""
        return max((each.version for each in self.model.opset_import if not each.domain), default=0)

    @cached_property
    def nodes(self) -> list[Any]:
        """The nodes of the file; after each, those in its blocks."""
        return list(blocks.nodes(self.model.graph))

    @cached_property
    def inner(self) -> dict[str, int]:
        """For each tensor in a block that is one of the conversion, the index of that in `Conversion.values`."""
        named = (name for node in self.nodes for name in (*node.output, *node.input))  # one may be taken and never made
        matches = [match for name in dict.fromkeys(named) if (match := _INNER.match(name))]
        kinds: dict[str, set[str]] = {}
        for match in matches:
            kinds.setdefault(match[1], set()).add(match[2])
        by_kind = blocks.counted(self.conversion, {kind: len(numbers) for kind, numbers in kinds.items()})
        found = ((match.group(), self._result(by_kind, match)) for match in matches)
        return {name: value for name, value in found if value is not None}

    @cached_property
    def values(self) -> dict[str, int]:
        """For each tensor at the top of the file that is one of the conversion, the index of that in `Conversion.values`."""
        return {name: value for name in self._names() if (value := self._value(name)) is not None}

    @property
    def made(self) -> list[str]:
        """Those of `values` that an op makes, in the order in which they are computed."""
        inputs = {entry.name for entry in self.model.graph.input}
        return [name for name in self.values if name not in inputs]

    @cached_property
    def ops(self) -> dict[str, int]:
        """For each node of the file, by the name of its first output, the index of its op in `Conversion.ops`."""
        by_output: dict[str, int] = {}
        users = self._users()
        for node in reversed(self.nodes):
            op = self._op_of(node, users, by_output)
            if op is not None and node.output:
                by_output[node.output[0]] = op
        return by_output

    def value(self, node: Any) -> int | None:
        """The index of the value that a node makes, by the name of the tensor."""
        known = (table[name] for name in node.output for table in (self.values, self.inner) if name in table)
        return next(known, None)

    def maker(self, name: str) -> int | None:
        """The index of the op that makes a tensor in the conversion, whether or not a node does so in the file."""
        value = self.inner.get(name, self._value(name))
        return self.conversion.values[value].op if value is not None else None

    def op(self, node: Any) -> int | None:
        """The index of the op that a node stands for, or is a part of."""
        return self.ops.get(node.output[0]) if node.output else None

    def named_in(self, text: str) -> int | None:
        """The index of the op that a message of a runtime is about: that of the last tensor or node of the file that it names."""
        ops_by_name = {node.name: op for node in self.nodes if node.name and (op := self.op(node)) is not None}
        ops_by_name |= {
            name: self.conversion.values[value].op
            for table in (self.values, self.inner)
            for name, value in table.items()
        }
        named = [name for name in _QUOTED.findall(text) if name in ops_by_name]
        return ops_by_name[named[-1]] if named else None

    def of_kind_in(self, text: str) -> list[int]:
        """The indices of the ops that have a node of the kind that OpenVINO says it cannot convert."""
        kinds = set(_KIND.findall(text))
        found = (self.op(node) for node in self.nodes if node.op_type in kinds)
        return list(dict.fromkeys(op for op in found if op is not None))

    def site(self, op: int) -> Site | None:
        """The user's line that made an op."""
        return self.conversion.site_of(op)

    def shape(self, value: int) -> tuple[str, ...] | None:
        """The symbolic shape of a value."""
        return self.conversion.tensors[value].symbolic

    def _names(self) -> Iterator[str]:
        graph = self.model.graph
        yield from (entry.name for entry in graph.input)
        yield from (name for node in graph.node for name in node.output)

    def _value(self, name: str) -> int | None:
        if match := _OUTPUT.match(name):
            number, outputs = int(match[1]), self._outputs
            return outputs[number] if number < len(outputs) else None
        match = _TENSOR.match(name)
        return self._result(self._by_kind, match) if match is not None else self._inputs.get(name)

    def _result(self, by_kind: Mapping[str, list[int]], match: re.Match[str]) -> int | None:
        """The value that a name says: of the K-th op of a kind the J-th result."""
        of_kind = by_kind.get(match[1], [])
        number, result = int(match[2]), int(match[3])
        if number >= len(of_kind):
            return None
        outputs = self.conversion.ops[of_kind[number]].outputs
        return outputs[result] if result < len(outputs) else None

    @cached_property
    def _outputs(self) -> list[int]:
        """What was saved as outputs: a tensor that is returned twice is one of them."""
        return list(dict.fromkeys(self.conversion.outputs))

    @cached_property
    def _inputs(self) -> dict[str, int]:
        return {
            value.name: index
            for index, value in enumerate(self.conversion.values)
            if value.name and self.conversion.ops[value.op].name in ops.INPUTS
        }

    @cached_property
    def _by_kind(self) -> Mapping[str, list[int]]:
        """The ops at the top that were saved, by name, in order."""
        kept = blocks.needed(self.conversion)
        by_name: dict[str, list[int]] = {}
        branching = any(op.name in _CONTROL for op in self.conversion.ops)
        for index, op in enumerate(self.conversion.ops):
            if index in kept and op.parent < 0 and not (branching and op.name in ops.NUMBERS):
                by_name.setdefault(op.name, []).append(index)
        return by_name

    def _users(self) -> dict[str, list[Any]]:
        users: dict[str, list[Any]] = {}
        for node in self.nodes:
            for name in node.input:
                users.setdefault(name, []).append(node)
        return users

    def _op_of(self, node: Any, users: Mapping[str, list[Any]], by_output: Mapping[str, int]) -> int | None:
        """That of its own tensor, or of the nodes that take it, which were looked at before."""
        own = self.value(node)
        if own is not None:
            return self.conversion.values[own].op
        after = (by_output.get(user.output[0]) for name in node.output for user in users.get(name, ()) if user.output)
        return next((op for op in after if op is not None), None)


def constants(model: Any) -> dict[str, Any]:
    """The tensors that are written down in a file, as arrays, by name."""
    from onnx import numpy_helper

    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for node in blocks.nodes(model.graph):
        if node.op_type == "Constant" and node.attribute and node.attribute[0].HasField("t"):
            arrays[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
    return arrays


def through_identities(model: Any, arrays: dict[str, Any]) -> dict[str, Any]:
    """The same, with those that are only handed on (`Identity`, `Cast`)."""
    for node in blocks.nodes(model.graph):
        if node.op_type in ("Identity", "Cast") and node.input[0] in arrays:
            arrays[node.output[0]] = arrays[node.input[0]]
    return arrays


def tensors(names: Iterable[str]) -> list[str]:
    """Those names that Paddle2ONNX gave to a result of an op."""
    return [name for name in names if _TENSOR.match(name) or _OUTPUT.match(name)]


def output(number: int) -> str:
    """The name of an output in a file."""
    return f"fetch_name_{number}"


def place(name: str) -> tuple[str, int, int] | None:
    """What a name at the top of a file says: the kind of op, which of that kind, and which result; of an output `FETCHED`, and which it is."""
    if match := _OUTPUT.match(name):
        return FETCHED, int(match[1]), 0
    match = _TENSOR.match(name)
    return (match[1], int(match[2]), int(match[3])) if match is not None else None
