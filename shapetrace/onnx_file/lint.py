"""What a converter baked into an ONNX file, or lost: read off the file and the trace, without running anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from shapetrace.facts import ops
from shapetrace.onnx_file.names import Aligned, constants, through_identities
from shapetrace.said import Said, Sentence, said

_FILLS = {"pd_op.pad": None, "pd_op.pad3d": "pad_value"}
"""Ops that fill with a number, and the attribute that holds it; None where it is an operand."""


@dataclass(frozen=True)
class Problem:
    """Something in the file that is not what the model says."""

    said: Said
    node: str
    """Kind and name of the node."""
    op: int | None
    """Index of the op in the conversion; None where it was not found."""
    wrong: bool = True
    """Whether the file is wrong with it; else it is only less than was asked for."""


def problems(aligned: Aligned) -> list[Problem]:
    """Everything that is found wrong.

    Args:
        aligned: The file and its conversion.
    """
    arrays = through_identities(aligned.model, constants(aligned.model))
    collected: list[Problem] = []
    for node in aligned.nodes:
        check = _CHECKS.get(node.op_type)
        if check is None:
            continue
        op = aligned.op(node)
        collected += [
            Problem(wrong, f"{node.op_type} {node.name}".strip(), op) for wrong in check(node, op, aligned, arrays)
        ]
    return [*collected, *_fixed(aligned)]


def _literal(node: Any, position: int, arrays: dict[str, Any]) -> list[int] | None:
    """The numbers of an operand that is written down."""
    array = arrays.get(node.input[position]) if position < len(node.input) else None
    return [int(number) for number in array.reshape(-1)] if array is not None and array.dtype.kind == "i" else None


def _expand(node: Any, op: int | None, aligned: Aligned, arrays: dict[str, Any]) -> Iterator[Said]:
    sizes = _literal(node, 1, arrays)
    if sizes is not None and min(sizes, default=0) < 0:
        yield said(
            "Expand to the literal {}: ONNX knows no -1 there{}; write x.expand(y.shape), or let the op that follows broadcast",
            sizes,
            _wanted(node, aligned),
        )


def _tile(node: Any, op: int | None, aligned: Aligned, arrays: dict[str, Any]) -> Iterator[Said]:
    repeats = _literal(node, 1, arrays)
    if repeats is not None and min(repeats, default=0) < 0:
        wanted = _wanted(node, aligned)
        yield said("Tile by the literal {}: a number of repeats is not negative{}", repeats, wanted)


def _reshape(node: Any, op: int | None, aligned: Aligned, arrays: dict[str, Any]) -> Iterator[Said]:
    shape = _literal(node, 1, arrays)
    if shape is not None and (sum(size == -1 for size in shape) > 1 or min(shape, default=0) < -1):
        yield said("Reshape to the literal {}: ONNX infers one -1{}", shape, _wanted(node, aligned))


def _split(node: Any, op: int | None, aligned: Aligned, arrays: dict[str, Any]) -> Iterator[Said]:
    sizes = _literal(node, 1, arrays)
    written = next((list(attribute.ints) for attribute in node.attribute if attribute.name == "split"), None)
    sizes = written if sizes is None else sizes
    if sizes is not None and min(sizes, default=0) < 0:
        yield said(
            "Split into the literal sizes {}: ONNX knows no -1 there; "
            "take the parts by slices, x[:, :n] and x[:, n:], or fix the size of that axis in the spec",
            sizes,
        )


def _pad(node: Any, op: int | None, aligned: Aligned, arrays: dict[str, Any]) -> Iterator[Said]:
    value = arrays.get(node.input[2]) if len(node.input) > 2 else None
    wanted = _fill(op, aligned)
    if value is None or wanted is None or value.size != 1:
        return
    came = float(value.reshape(-1)[0])
    if came != wanted:
        yield said(
            "Pad fills with {}; the model fills with {} (Paddle2ONNX up to 2.1.0 reads no double attributes of Paddle 3.3, and writes "
            "what is in memory): convert with Paddle 3.2.2",
            f"{came:.6g}",
            f"{wanted:.6g}",
        )


def _fill(op: int | None, aligned: Aligned) -> float | None:
    """What the op of the model fills with."""
    if op is None or aligned.conversion.ops[op].name not in _FILLS:
        return None
    conversion = aligned.conversion
    attribute = _FILLS[conversion.ops[op].name]
    if attribute is not None:
        value = conversion.ops[op].attrs.get(attribute)
        return float(value) if isinstance(value, int | float) else None
    makers = [conversion.ops[conversion.values[value].op] for value in conversion.ops[op].inputs[1:] if value >= 0]
    value = next((maker.attrs.get("value") for maker in makers if maker.name == ops.FULL), None)
    value = conversion.ops[op].attrs.get("pad_value", value)
    return float(value) if isinstance(value, int | float) else None


def _transposed(node: Any, op: int | None, aligned: Aligned, arrays: dict[str, Any]) -> Iterator[Said]:
    """`output_size` of a transposed convolution is an operand of its op, and has no place in the node that is written."""
    if op is None or not aligned.conversion.ops[op].name.endswith("conv2d_transpose"):
        return
    conversion = aligned.conversion
    asked = [value for value in conversion.ops[op].inputs[2:] if value >= 0 and _holds_numbers(aligned, value)]
    kept = any(
        attribute.name == "output_shape" or (attribute.name == "output_padding" and any(attribute.ints))
        for attribute in node.attribute
    )
    if asked and not kept:
        sizes = conversion.tensors[asked[0]].data
        yield said(
            "ConvTranspose without the model's output_size{}: it gives the smallest of the sizes that are possible; "
            "write output_padding=1 in the layer, where the size asked for is that much larger",
            f" ({', '.join(sizes)})" if sizes else "",
        )


def _holds_numbers(aligned: Aligned, value: int) -> bool:
    """Whether a value holds sizes: not an empty list, which stands for none."""
    maker = aligned.conversion.ops[aligned.conversion.values[value].op]
    return maker.name not in ops.NUMBERS or bool(maker.attrs.get("value"))


def _wanted(node: Any, aligned: Aligned) -> Sentence:
    """What the shape should be."""
    value = aligned.value(node)
    shape = aligned.shape(value) if value is not None else None
    return said(", and the shape is [{}]", ", ".join(shape)) if shape else ""


def _fixed(aligned: Aligned) -> Iterator[Problem]:
    """Axes of inputs that have one size in the file and any size in the spec."""
    specs = {spec.name: spec.shape for spec in aligned.conversion.inputs}
    for described in aligned.model.graph.input:
        axes = described.type.tensor_type.shape.dim
        for axis, (dim, size) in enumerate(zip(axes, specs.get(described.name, ()), strict=False)):
            if size < 0 and dim.HasField("dim_value"):
                wrong = said(
                    "the input {} has {} on axis {}; its spec leaves that axis unknown",
                    described.name,
                    dim.dim_value,
                    axis,
                )
                yield Problem(wrong, f"input {described.name}", None)


_CHECKS: dict[str, Callable[[Any, int | None, Aligned, dict[str, Any]], Iterator[Said]]] = {
    "Expand": _expand,
    "Tile": _tile,
    "Reshape": _reshape,
    "Split": _split,
    "Pad": _pad,
    "ConvTranspose": _transposed,
}
