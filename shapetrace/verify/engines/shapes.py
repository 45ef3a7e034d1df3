"""Runs an ONNX file with all its tensors as outputs, and tells the shape or value of each; where it fails, the first that it fails at."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from shapetrace.errors import in_words
from shapetrace.onnx_file import blocks
from shapetrace.plugin import Engine


class Seen(NamedTuple):
    """What was seen at one choice of sizes."""

    shapes: dict[str, list[int]]
    """By the name of the tensor, those that could be computed."""
    failing: str = ""
    """The first tensor that could not be; empty where all could."""
    says: str = ""
    """What was raised."""


def seen(engine: Engine, model: Path, names: Sequence[str], case: Mapping[str, Any], variant: str) -> Seen:
    """The shapes at one choice of sizes.

    Args:
        engine: One that loads ONNX files.
        model: The file.
        names: Tensors of it, in the order in which they are computed.
        case: The inputs.
        variant: Of the engine.
    """
    run = _Prefixes(engine, model, names, case, variant)
    try:
        return Seen(run.shapes(len(names)))
    except Exception as error:
        says = in_words(error)
    low, high = 0, len(names) - 1  # the first `low` pass, and the first `high + 1` fail
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if _passes(run, middle + 1) else (low, middle)
    return Seen(run.shapes(high) if high else {}, names[high], says)


def values(engine: Engine, model: Path, names: Sequence[str], case: Mapping[str, Any], variant: str) -> list[Any]:
    """The values at one choice of sizes, in the order of the names.

    Args:
        engine: One that loads ONNX files.
        model: The file.
        names: Tensors of it.
        case: The inputs.
        variant: Of the engine.
    """
    return list(_Prefixes(engine, model, names, case, variant).arrays(len(names)))


def _passes(run: _Prefixes, count: int) -> bool:
    try:
        run.shapes(count)
    except Exception:  # any: this is the question
        return False
    return True


class _Prefixes:
    """The file, with the first of the tensors as its outputs."""

    def __init__(
        self, engine: Engine, model: Path, names: Sequence[str], case: Mapping[str, Any], variant: str
    ) -> None:
        import onnx

        self._engine = engine
        self._model = onnx.load(str(model))
        self._path = model.with_suffix(".part.onnx")
        self._names = names
        self._case = case
        self._variant = variant

    def shapes(self, count: int) -> dict[str, list[int]]:
        return {name: list(each.shape) for name, each in zip(self._names, self.arrays(count), strict=False)}

    def arrays(self, count: int) -> Sequence[Any]:
        import onnx

        part = onnx.ModelProto()
        part.CopyFrom(self._model)
        del part.graph.output[:]
        del part.graph.node[:]
        part.graph.output.extend(onnx.ValueInfoProto(name=name) for name in self._names[:count])
        part.graph.node.extend(_needed(self._model, set(self._names[:count])))
        onnx.save(part, str(self._path))
        session = self._engine.load(self._path, self._variant)
        return session.run({name: self._case[name] for name in session.inputs()})


def _needed(model: Any, names: set[str]) -> list[Any]:
    """The nodes that some tensors need, in order. An engine may run those that nobody needs, too."""
    needed = []
    for node in reversed(model.graph.node):
        if names.intersection(node.output):
            needed.append(node)
            names.update(node.input)
            for attribute in node.attribute:
                for graph in (attribute.g, *attribute.graphs):
                    names.update(name for inner in blocks.nodes(graph) for name in inner.input)
    return needed[::-1]


def write(found: Sequence[Seen], path: str) -> None:
    """Write what was seen, for the process that asked."""
    Path(path).write_text(json.dumps([each._asdict() for each in found]), encoding="utf-8")


def read(path: str) -> list[Seen]:
    """What was written."""
    return [Seen(**each) for each in json.loads(Path(path).read_text(encoding="utf-8"))]
