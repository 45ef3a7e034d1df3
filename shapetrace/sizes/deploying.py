"""Ranges of sizes in the forms that engines and the tools around them are given."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from shapetrace import symbolic
from shapetrace.facts import ops
from shapetrace.sizes import claiming, resizes
from shapetrace.sizes.extents import Extent
from shapetrace.sizes.ranges import ENDS, Ranges

_Shapes = Mapping[str, Sequence[int]]


def _tensorrt(ranges: Ranges) -> Iterator[str]:
    """The options of trtexec."""
    for end in ENDS:
        shapes = ",".join(f"{name}:{_product(shape)}" for name, shape in ranges.shapes(end).items())
        yield f"--{end}Shapes={shapes}"


def _paddle(ranges: Ranges) -> Iterator[str]:
    """The call of Paddle Inference's `Config`."""
    for end in ENDS:
        yield f"{end}_input_shape = {_written(ranges.shapes(end))}"
    yield "config.set_trt_dynamic_shape_info(min_input_shape, max_input_shape, opt_input_shape)"


def _paddledetection(ranges: Ranges) -> Iterator[str]:
    """What `deploy/python/infer.py` builds its engine for; its options are for square images of one batch."""
    yield from _paddle(ranges)
    low, opt, high = (ranges.shapes(end).get("image", []) for end in ENDS)
    if len(low) == len("BCHW") and all(shape[2] == shape[3] for shape in (low, opt, high)):
        sizes = f"--trt_min_shape={low[2]} --trt_opt_shape={opt[2]} --trt_max_shape={high[2]}"
        yield f"# or, with --batch_size={opt[0]}: {sizes}"


def _paddlex(ranges: Ranges) -> Iterator[str]:
    """The section of an `inference.yml`."""
    low, opt, high = (ranges.shapes(end) for end in ENDS)
    yield "Hpi:"
    yield "  backend_configs:"
    for engine, key in (("paddle_infer", "trt_dynamic_shapes"), ("tensorrt", "dynamic_shapes")):
        yield f"    {engine}:"
        yield f"      {key}:"
        for name in low:
            yield f"        {json.dumps(name)}: {json.dumps([low[name], opt[name], high[name]])}"


def _shape_range_info(ranges: Ranges) -> Iterator[str]:
    """The file that `Config.collect_shape_range_info` writes, as far as it is about inputs."""
    low, opt, high = (ranges.shapes(end) for end in ENDS)
    for name in low:
        yield "shape_range_info {"
        yield f"  name: {json.dumps(name)}"
        for key, shapes in (("min", low), ("max", high), ("opt", opt)):
            yield from (f"  {key}_shape: {size}" for size in shapes[name])
        yield "}"


def _onnx(ranges: Ranges) -> Iterator[str]:
    """What each axis of inputs and outputs is called, for `dim_param`; or its size."""
    named = claiming.names(ranges.found)
    inputs: dict[str, list[str | int]] = {}
    for axis in ranges.found.axes:
        inputs.setdefault(axis.input, []).append(named.get(axis.place, ranges.axes[axis.place].opt))
    known = resizes.resolved(ranges.conversion)
    outputs = [_output(ranges, index, named, known) for index in ranges.conversion.outputs]
    yield json.dumps({"inputs": inputs, "outputs": outputs})


def _output(ranges: Ranges, index: int, named: Mapping[str, str], known: Sequence[str]) -> list[str | int] | None:
    """The dims of an output over the names of axes; None where they are not known."""
    conversion = ranges.conversion
    keys = {symbol.key: named.get(f"{symbol.input}[{symbol.axis}]", symbol.name) for symbol in conversion.symbols}
    dims = conversion.values[index].dims
    if dims is None:
        return None
    texts = [symbolic.text(known[dim], keys) for dim in dims]
    return [int(text) if text.isdigit() else text for text in texts]


def _onnxruntime(ranges: Ranges) -> Iterator[str]:
    """The overrides of a session that is for one size: that above all others."""
    sizes = {name: ranges.axes[place].opt for place, name in claiming.names(ranges.found).items()}
    for name, size in sizes.items():
        yield f"options.add_free_dimension_override_by_name({json.dumps(name)}, {size})"


def _written(shapes: _Shapes) -> str:
    return json.dumps(dict(shapes))


_FORMS: dict[str, Callable[[Ranges], Iterator[str]]] = {
    "tensorrt": _tensorrt,
    "paddle": _paddle,
    "paddledetection": _paddledetection,
    "paddlex": _paddlex,
    "shape-range-info": _shape_range_info,
    "onnx": _onnx,
    "onnxruntime": _onnxruntime,
}
ENGINES = tuple(_FORMS)
"""What ranges can be written for."""


def text(ranges: Ranges, engine: str) -> str:
    """The ranges as an engine, or a tool around it, is given them.

    Args:
        ranges: The ranges.
        engine: One of `ENGINES`.
    """
    return "\n".join(_FORMS[engine](ranges)) + "\n"


def table(ranges: Ranges, within: Iterable[Extent] = ()) -> str:
    """The ranges as people read them: a row an input, and a row a tensor within.

    Args:
        ranges: The ranges.
        within: Tensors of the program.
    """
    rows = [("", *ENDS)]
    low, opt, high = (ranges.shapes(end) for end in ENDS)
    rows += [(name, *(_product(shapes[name]) for shapes in (low, opt, high))) for name in low]
    for extent in within:
        axes = [axis or ("?", "?", "?") for axis in extent.axes]
        place = f"  {extent.site.file}:{extent.site.line}" if extent.site is not None else ""
        shapes = [_product([axis[end] for axis in axes]) for end in range(len(ENDS))]
        rows.append((f"{extent.name} {ops.bare(extent.op)}", *shapes[:-1], shapes[-1] + place))
    widths = [max(len(row[column]) for row in rows) for column in range(len(ENDS))]
    lines = (
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _product(shape: Sequence[object]) -> str:
    return "x".join(map(str, shape)) or "1"
