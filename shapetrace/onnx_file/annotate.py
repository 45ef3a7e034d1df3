"""Writes what a trace knows into an ONNX file: names of dims, and the user's line and layer of each node.

Netron shows them, and `onnx.checker`, ONNX Runtime and OpenVINO read the file as before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from shapetrace.onnx_file.names import Aligned
from shapetrace.trace import Site


class Written(NamedTuple):
    """How much was written."""

    dims: int
    nodes: int
    """With a line."""
    of: int
    """Nodes in all."""


def annotate(aligned: Aligned, path: Callable[[str], str] = str) -> Written:
    """Write names and lines into the model of `aligned`.

    Args:
        aligned: The file and its conversion.
        path: Says how a file of the user's is to be called.
    """
    dims = _write_dims(aligned)
    nodes = sum(_write_line(node, aligned, path) for node in aligned.nodes)
    return Written(dims, nodes, len(aligned.nodes))


def _write_dims(aligned: Aligned) -> int:
    ranks = _ranks(aligned.model)
    written = 0
    for name, value in aligned.values.items():
        shape = aligned.shape(value)
        if not shape or ranks.get(name, len(shape)) != len(shape):
            continue  # a number, which ONNX has as a tensor of one element
        info = _description(aligned, name, value)
        for dim, size in zip(info.type.tensor_type.shape.dim if info is not None else (), shape, strict=False):
            if not size.lstrip("-").isdigit() and dim.dim_value <= 0:  # Paddle2ONNX's optimizer leaves -1
                dim.dim_param = _name(size)
                written += 1
    return written


def _ranks(model: Any) -> dict[str, int]:
    """The ranks that ONNX's own inference finds, by the name of the tensor."""
    import onnx

    inferred = onnx.shape_inference.infer_shapes(model).graph
    return {
        info.name: len(info.type.tensor_type.shape.dim)
        for info in (*inferred.input, *inferred.output, *inferred.value_info)
        if info.type.tensor_type.HasField("shape")
    }


def _description(aligned: Aligned, name: str, value: int) -> Any:
    """The description of a tensor, made where there is none; None where its dtype has no name in ONNX."""
    import onnx

    graph = aligned.model.graph
    for info in (*graph.input, *graph.output, *graph.value_info):
        if info.name == name:
            return info
    dtype = getattr(onnx.TensorProto, _DTYPES.get(aligned.conversion.values[value].dtype, ""), None)
    if dtype is None:
        return None
    sizes = [int(size) if size.isdigit() else None for size in aligned.shape(value) or ()]
    graph.value_info.append(onnx.helper.make_tensor_value_info(name, dtype, sizes))
    return graph.value_info[-1]


_DTYPES = {
    "float32": "FLOAT",
    "float64": "DOUBLE",
    "float16": "FLOAT16",
    "bfloat16": "BFLOAT16",
    "int64": "INT64",
    "int32": "INT32",
    "uint8": "UINT8",
    "int8": "INT8",
    "bool": "BOOL",
}


def _name(size: str) -> str:
    """`image_0` for `image[0]`."""
    return size.replace("[", "_").replace("]", "")


def _write_line(node: Any, aligned: Aligned, path: Callable[[str], str]) -> bool:
    op = aligned.op(node)
    if op is None:
        return False
    made = aligned.conversion.ops[op]
    site = aligned.site(op)
    said = {
        "op": made.name,
        "layer": made.layer,
        "line": _line(site, path),
        "code": site.code if site is not None else "",
    }
    node.doc_string = "\n".join(
        filter(None, [said["line"] and f"{said['line']}: {said['code']}", made.layer, made.name])
    )
    if hasattr(node, "metadata_props"):
        for key, text in said.items():
            if text:
                entry = node.metadata_props.add()
                entry.key, entry.value = f"shapetrace.{key}", text
    return site is not None


def _line(site: Site | None, path: Callable[[str], str]) -> str:
    return f"{path(site.file)}:{site.line}" if site is not None else ""
