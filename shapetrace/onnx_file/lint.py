"""What a converter baked into an ONNX file, or lost: read off the file and the trace, without running anything."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from shapetrace.facts import ops
from shapetrace.onnx_file import blocks
from shapetrace.onnx_file.names import Aligned, constants, through_identities
from shapetrace.said import Said, Sentence, said

_FILLS = {"pd_op.pad": None, "pd_op.pad3d": "pad_value"}
"""Ops that fill with a number, and the attribute that holds it; None where it is an operand."""
_DOUBLES = said(
    "Paddle2ONNX up to 2.1.0 reads no double attributes of Paddle 3.3, and writes what is in memory: convert with Paddle 3.2.2"
)


class _Number(NamedTuple):
    """A number of a node, by its name there and by what the op calls it."""

    name: str
    attribute: str
    do: Said


_NUMBERS = {
    "pd_op.leaky_relu": (
        _Number("alpha", "negative_slope", said("{}, or write F.relu(x) - slope * F.relu(-x)", _DOUBLES)),
    ),
    "pd_op.group_norm": (_Number("epsilon", "epsilon", _DOUBLES),),
    "pd_op.hardtanh": (
        _Number("min", "t_min", said("write paddle.clip(x, min, max)")),
        _Number("max", "t_max", said("write paddle.clip(x, min, max)")),
    ),
}
"""What the converter writes for an attribute of an op that is not what the op has."""
_HALF_PIXEL = 16
"""The version of ONNX from which `RoiAlign` has what Paddle calls `aligned`, as its default."""
_CLIP = {"min": 1, "max": 2}
"""Operands of a `Clip` that have been attributes before opset 11."""
_CLOSE = 1e-5
_OTHER_NORMS = {
    math.inf: "x.abs().max(axis=...)",
    -math.inf: "x.abs().min(axis=...)",
    0.0: "(x != 0).astype('float32').sum(axis=...)",
}
"""What to write for norms that are written as sums of powers."""


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
        check, op = _CHECKS.get(node.op_type), aligned.op(node)
        found = [*check(node, op, aligned, arrays)] if check is not None else []
        if op is not None:
            found += _numbers(node, op, aligned, arrays)
        collected += [Problem(wrong, f"{node.op_type} {node.name}".strip(), op) for wrong in found]
    return [*collected, *_lost(aligned), *_fixed(aligned)]


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
    mode = next((attribute.s for attribute in node.attribute if attribute.name == "mode"), b"constant")
    if mode != b"constant":
        return  # nothing is filled in
    value = arrays.get(node.input[2]) if len(node.input) > 2 else None
    wanted = _fill(op, aligned)
    if value is None or wanted is None or value.size != 1:
        return
    came = float(value.reshape(-1)[0])
    if came != wanted:
        yield said(
            "Pad fills with {}; the model fills with {}: {}",
            f"{came:.6g}",
            f"{wanted:.6g}",
            _DOUBLES,
        )


def _numbers(node: Any, op: int, aligned: Aligned, arrays: dict[str, Any]) -> Iterator[Said]:
    """Numbers of a node that are not those of its op."""
    made = aligned.conversion.ops[op]
    for number in _NUMBERS.get(made.name, ()):
        came, wanted = _number(node, number.name, arrays), made.attrs.get(number.attribute)
        if came is None or not isinstance(wanted, int | float) or abs(came - wanted) <= _CLOSE * abs(wanted):
            continue
        numbers = number.name, f"{came:.6g}", number.attribute, f"{wanted:.6g}"
        yield said("{} has {} {}; the model has {} {}: {}", node.op_type, *numbers, number.do)


def _number(node: Any, name: str, arrays: dict[str, Any]) -> float | None:
    """The number that a node has under a name, as an attribute or as an operand."""
    written = next((attribute.f for attribute in node.attribute if attribute.name == name), None)
    place = _CLIP.get(name) if node.op_type == "Clip" else None
    if written is not None or place is None or place >= len(node.input):
        return written
    array = arrays.get(node.input[place])
    return float(array.reshape(-1)[0]) if array is not None and array.size == 1 else None


def _gelu(node: Any, op: int | None, aligned: Aligned, arrays: dict[str, Any]) -> Iterator[Said]:
    """A GELU that is asked for by way of tanh has an `Erf` all the same."""
    made = aligned.conversion.ops[op] if op is not None else None
    if made is not None and made.name == "pd_op.gelu" and made.attrs.get("approximate") is True:
        yield said(
            "Erf, and the model's gelu has approximate=True: write 0.5 * x * (1 + paddle.tanh(0.7978846 * (x + 0.044715 * x**3)))"
        )


def _norm(node: Any, op: int | None, aligned: Aligned, arrays: dict[str, Any]) -> Iterator[Said]:
    """A norm over everything becomes one over the last axis, and one that is no sum of powers a sum of powers."""
    made = aligned.conversion.ops[op] if op is not None else None
    if made is None or made.name != "pd_op.p_norm":
        return
    order = made.attrs.get("porder")
    if order in _OTHER_NORMS:
        yield said("ReduceSum of powers, and the model's norm is of order {}: write {}", order, _OTHER_NORMS[order])
    written = next((list(attribute.ints) for attribute in node.attribute if attribute.name == "axes"), None)
    axes = _literal(node, 1, arrays) if written is None else written
    shape = aligned.shape(made.inputs[0])
    if made.attrs.get("asvector") is True and axes is not None and shape is not None and len(axes) < len(shape):
        everything = list(range(len(shape)))
        yield said(
            "ReduceSum over the axes {}, and the model's norm is over everything: write x.square().sum(axis={}).sqrt()",
            axes,
            everything,
        )


def _roi_align(node: Any, op: int | None, aligned: Aligned, arrays: dict[str, Any]) -> Iterator[Said]:
    """Whether a pixel is its middle is a matter of the version of ONNX, where it is not said."""
    made = aligned.conversion.ops[op] if op is not None else None
    wanted = made.attrs.get("aligned") if made is not None and made.name == "pd_op.roi_align" else None
    if wanted is None:
        return
    usual = b"half_pixel" if aligned.opset >= _HALF_PIXEL else b"output_half_pixel"
    names = (attribute.s for attribute in node.attribute if attribute.name == "coordinate_transformation_mode")
    if (next(names, usual) == b"half_pixel") is not wanted:
        yield (
            said("RoiAlign is not aligned, and the model's is: convert with opset_version={}", _HALF_PIXEL)
            if wanted
            else said(
                "RoiAlign is aligned, and the model's is not: write aligned=True, and add 0.5 / spatial_scale to the boxes"
            )
        )


def _random(node: Any, op: int | None, aligned: Aligned, arrays: dict[str, Any]) -> Iterator[Said]:
    """What draws numbers has its shape written down, and no operand for one."""
    sizes = next((list(attribute.ints) for attribute in node.attribute if attribute.name == "shape"), [])
    value = aligned.value(node)
    shape = aligned.shape(value) if value is not None else None
    if shape is not None and list(shape) != [str(size) for size in sizes]:
        yield said(
            "{} of the literal shape {}, and the shape is [{}]: give the model its random numbers as an input",
            node.op_type,
            sizes,
            ", ".join(shape),
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


def _lost(aligned: Aligned) -> Iterator[Problem]:
    """Tensors that are taken or given out, and made by nothing."""
    graphs = [aligned.model.graph, *blocks.graphs(aligned.model.graph)]
    made = {name for node in aligned.nodes for name in node.output}
    made |= {entry.name for graph in graphs for entry in (*graph.input, *graph.initializer)}
    taken = [name for node in aligned.nodes for name in node.input]
    given = [entry.name for graph in graphs for entry in graph.output]
    for name in dict.fromkeys([*taken, *given]):
        op = aligned.maker(name) if name not in made else None
        if op is not None:
            yield Problem(said("no node makes {}: the converter left its op out", name), name, op)


def _fixed(aligned: Aligned) -> Iterator[Problem]:
    """Axes of inputs that have one size in the file and any size in the spec."""
    specs = {spec.name: spec.shape for spec in aligned.conversion.inputs}
    for described in aligned.model.graph.input:
        axes = described.type.tensor_type.shape.dim
        for axis, (dim, size) in enumerate(zip(axes, specs.get(described.name, ()), strict=False)):
            if size < 0 and dim.dim_value > 0:
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
    "Erf": _gelu,
    "ReduceSum": _norm,
    "RoiAlign": _roi_align,
    "RandomNormal": _random,
    "RandomUniform": _random,
}
