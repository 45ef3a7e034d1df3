"""Runs an ONNX file that is there already, and holds the shapes of all its tensors against the trace of its export.

Paddle is not needed: what a shape should be, the trace says as an expression of the sizes of the inputs. So the first tensor that has another
one names its op, with both shapes, and what the converter wrote for it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from shapetrace import discovery, plugin, symbolic
from shapetrace.claims import Dims
from shapetrace.errors import UsageError
from shapetrace.facts import ops
from shapetrace.onnx_file import lint, names
from shapetrace.onnx_file.names import Aligned
from shapetrace.reports.translations import worded
from shapetrace.said import Sentence, joined, said
from shapetrace.trace import Trace
from shapetrace.verify import blaming, inside, locating
from shapetrace.verify import sizes as choosing
from shapetrace.verify.dygraph import random_arrays
from shapetrace.verify.engines import shapes
from shapetrace.verify.engines.process import Answer, Request, ask
from shapetrace.verify.engines.shapes import Seen
from shapetrace.verify.results import Cell, Engine, Place, Stage, Verification
from shapetrace.verify.sizes import Sizes, Spec

_SAME = said("gives the shapes that the trace says")
_UNTRIED = said("not tried: an ONNX file was given, and is held against the trace")

Progress = Callable[[str], None]


def verify_file(
    file: Path,
    trace: Trace,
    engines: Sequence[str] = ("onnxruntime",),
    sizes: Sequence[Sizes] | None = None,
    *,
    dims: Dims | None = None,
    progress: Progress = lambda _: None,
) -> Verification:
    """Run an ONNX file at several sizes, and compare the shapes of its tensors with those of the trace.

    Args:
        file: The ONNX file.
        trace: Of the export that it was made of.
        engines: Which run it; those that load ONNX files.
        sizes: As for `verify`.
        dims: As for `verify`.
        progress: Told what is done next.

    Raises:
        UsageError: The file does not belong to the trace, or an engine does not load ONNX files.
    """
    aligned = names.read(file, trace)
    specs = choosing.specs(aligned.conversion.inputs, dims)
    chosen = choosing.choose(specs, sizes)
    served = [_engine(name) for name in dict.fromkeys(engines) if name != "jit.load"]
    result = Verification(file.name, untried=_UNTRIED)
    problems = lint.problems(aligned)
    with tempfile.TemporaryDirectory(prefix="shapetrace-") as directory:
        for engine in served:
            progress(worded("running it in {}", engine.name))
            running = _Running(aligned, file, specs, chosen, problems, Path(directory))
            result.engines.append(running.result(engine))
    return result


def _engine(name: str) -> plugin.Engine:
    engine = discovery.engine(name)
    if engine.format != "onnx":
        raise UsageError(said("{} loads no ONNX files; onnxruntime, openvino and tensorrt do", name))
    return engine


@dataclass
class _Running:
    aligned: Aligned
    file: Path
    specs: Sequence[Spec]
    chosen: Sequence[Sizes]
    problems: Sequence[lint.Problem]
    directory: Path

    def result(self, engine: plugin.Engine) -> Engine:
        """What an engine makes of the file."""
        if missing := engine.missing(converting=False):
            return Engine(engine.name, None, said=said("not tried: {}", missing))
        request = self._request(engine, self.aligned.made)
        deployed = ask(msgspec.structs.replace(request, step="run", variant=str(engine.variants[0])), self.directory)
        told = ask(request, self.directory).at("run")
        if not told:
            why = joined("{}; {}", [blaming.reason(deployed), *self._wrong()])
            return Engine(engine.name, False, "load", why, sizes=list(self.chosen))
        return self._judged(engine, shapes.read(told[0].files), deployed)

    def _wrong(self) -> list[Sentence]:
        return [problem.said for problem in self.problems if problem.wrong]

    def _wrong_at(self) -> Place | None:
        """The op of the first of them."""
        op = next((problem.op for problem in self.problems if problem.wrong and problem.op is not None), None)
        return locating.of_trace(self.aligned.conversion, op) if op is not None else None

    def _request(self, engine: plugin.Engine, wanted: Sequence[str]) -> Request:
        import numpy

        paths = []
        for number, sizes in enumerate(self.chosen):
            arrays = random_arrays(self.specs, sizes, number)
            paths.append(str(self.directory / f"{engine.name}{number}.npz"))
            numpy.savez(paths[-1], **{spec.name: array for spec, array in zip(self.specs, arrays, strict=True)})
        return Request(
            step="shapes",
            engine=engine.name,
            export="",
            model=str(self.file.absolute()),
            cases=tuple(paths),
            orders=(tuple(range(len(paths))),),
            names=tuple(wanted),
            variant=str(engine.variants[-1]),
        )

    def _judged(self, engine: plugin.Engine, found: Sequence[Seen], deployed: Answer) -> Engine:
        """The first shape that is not the trace's, or else the first failure.

        A file that fails without optimizations and runs with them is wrong, and gives what it should: that is said.
        """
        failing = next((number for number, seen in enumerate(found) if seen.failing), None)
        if failing is not None and deployed.ended_well:
            seen = found[failing]
            fails = said("runs, but fails {}: {}", engine.variants[-1], blaming.plain(seen.says))
            return self._blamed(Engine(engine.name, True, None, fails, sizes=list(self.chosen)), seen.failing)
        differing = [self._difference(sizes, seen) for sizes, seen in zip(self.chosen, found, strict=True)]
        cells = [
            Cell(sizes, not (seen.failing or other), blaming.plain(seen.says) or (other[1] if other else _SAME))
            for sizes, seen, other in zip(self.chosen, found, differing, strict=True)
        ]
        bad = [cell.sizes for cell in cells if not cell.ok]
        first = next((other for other in differing if other is not None), None)
        if first is not None:
            return self._blamed(Engine(engine.name, False, "compare", first[1], sizes=bad, cells=cells), first[0])
        if failing is not None:
            seen = found[failing]
            stage: Stage = "run" if deployed.at("tried") else "load"
            return self._blamed(
                Engine(engine.name, False, stage, blaming.plain(seen.says), sizes=bad, cells=cells), seen.failing
            )
        told = joined("{}; {}", [_SAME, *self._wrong()])
        return Engine(engine.name, True, None, told, self._wrong_at(), list(self.chosen), cells)

    def _difference(self, sizes: Sizes, seen: Seen) -> tuple[str, Sentence] | None:
        """The first tensor that has another shape than the trace says, and what is to be said of it."""
        for name, came in seen.shapes.items():
            expected = self._expected(name, sizes)
            if expected is None or _alike(expected, came):
                continue
            value = self.aligned.values[name]
            op = self.aligned.conversion.ops[self.aligned.conversion.values[value].op].name
            if op == ops.FULL_INTS:
                continue  # OpenVINO gives an empty list of numbers as one number
            symbolic_shape = ", ".join(self.aligned.shape(value) or ())
            return name, said("{} gives {}; the model gives {} ({})", op, came, expected, symbolic_shape)
        return None

    def _expected(self, name: str, sizes: Sizes) -> list[int] | None:
        """The shape that a tensor should have; None where that is not a matter of the inputs' sizes alone."""
        conversion = self.aligned.conversion
        dims = conversion.values[self.aligned.values[name]].dims
        if dims is None:
            return None
        known = dict(self._symbols(sizes))
        wanted = [conversion.expressions[dim] for dim in dims]
        if any(symbolic.symbols(each) - known.keys() for each in wanted):
            return None
        return [symbolic.evaluate(each, known) for each in wanted]

    def _symbols(self, sizes: Sizes) -> Iterator[tuple[str, int]]:
        axes = {spec.name: spec.shape(sizes) for spec in self.specs}
        for symbol in self.aligned.conversion.symbols:
            if symbol.input in axes and symbol.axis is not None:
                yield symbol.key, axes[symbol.input][symbol.axis]

    def _blamed(self, engine: Engine, name: str) -> Engine:
        """The result with the place of a tensor, and what was written for its op."""
        op = self.aligned.conversion.values[self.aligned.values[name]].op
        conversion, file = self.aligned.conversion, (self.aligned, self.problems)
        found = locating.of_trace(conversion, op)
        place = inside.narrowed(found, str(engine.said), conversion, file, lambda _: False)
        baked = blaming.baked(self.problems, self.aligned, place)
        return replace(engine, place=place, said=joined("{}; {}", list(dict.fromkeys([engine.said, *baked]))))


def _alike(expected: Sequence[int], came: Sequence[int]) -> bool:
    """Whether shapes are the same; a single number may come as `[1]`."""
    return list(expected) == list(came) or (not expected and list(came) == [1])
