"""Exports a layer into a directory of its own, and runs both it and the export at each choice of sizes."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from shapetrace.dims import Dims
from shapetrace.errors import NestedWatchError, UsageError
from shapetrace.patching import Transaction
from shapetrace.trace import Trace
from shapetrace.verify import comparing, rounding
from shapetrace.verify import sizes as choosing
from shapetrace.verify.results import Failure, Run, Verification
from shapetrace.verify.tolerance import Tolerance

_TELLING = re.compile(r"\([A-Z]\w+\) |\w+Error: ")
Inputs = Callable[[Mapping[str, int]], Sequence[Any]]


def verify(
    layer: Any,
    input_spec: Sequence[Any],
    sizes: Sequence[Mapping[str, int]] | None = None,
    *,
    dims: Dims | None = None,
    rtol: Tolerance = None,
    atol: Tolerance = None,
    inputs: Inputs | None = None,
    exported: str | Path | None = None,
    trace: Trace | None = None,
    seed: int = 0,
) -> Verification:
    """Compare a model with its export, in evaluation mode, at several sizes of the unknown axes.

    Where the export fails or differs, the op is found at which it begins to, with its layer, its line, and the
    findings that explain it.

    Args:
        layer: A `paddle.nn.Layer`. Its training flags, Paddle's random numbers and its names are as before afterwards.
        input_spec: As `paddle.jit.save` takes it; lists and dicts of InputSpecs may nest.
        sizes: For each run, sizes by the name of the dim: `[{"batch": 1}, {"batch": 4, "image[2]": 320}]`. Dims left
            out get usual sizes. None for three usual runs: batch 1, 2 and 5; 64 to 128 for other axes, or 320 to 512
            where the model itself refuses those.
        dims: Names for the axes of inputs, `{"image": ("B", 3, "H", "W")}`; equal names get equal sizes. Unnamed
            unknown first axes are one dim, `batch`. `"B=1..8"`, `"H=32*k"` and `"H=32*k:320..640"` say which sizes a dim
            may have, and a number which one: sizes are drawn from these.
        rtol: Tolerance relative to the largest value of each output: one number, or numbers by dtype. None for
            `tolerance.RTOL`, and then what rounding alone does to the model is allowed too. Rows, columns and
            channels of other sizes than the rest count for themselves.
        atol: Absolute tolerance that is added to it: one number, or numbers by dtype; None for 0.
        inputs: Makes the inputs for a run from its sizes: arrays in the order of the spec, flattened. None for random
            ones: normally distributed, 0.5 to 1.5 where there are no more than two axes (such inputs are sizes or
            scales as often as not), 0 or 1 for integers.
        exported: Path of an export of this layer, as given to `paddle.jit.save`; None to export it now. The export is
            made with whatever remedies are applied while this runs.
        trace: With `exported`: the trace of the watch in which the export was made. None to convert the layer again
            where a line is to be told.
        seed: Of the random inputs.

    Returns:
        The result. A difference, a failing export and a failing run are results too.

    Raises:
        UsageError: `sizes` or `dims` do not fit the spec, or `inputs` gives the wrong number of arrays.
        PaddleMissingError: Paddle is not installed.
    """
    from shapetrace.remedies import probing

    paddle = _paddle()
    flat = paddle.utils.flatten(list(input_spec))
    specs = choosing.specs(flat, dims)
    chosen = choosing.choose(specs, sizes)
    result = Verification(type(layer).__name__)
    with tempfile.TemporaryDirectory(prefix="shapetrace-") as directory, probing.untouched(), evaluating(layer):
        path = str(exported) if exported is not None else f"{directory}/model"
        try:
            if exported is None:
                trace = _export(layer, path, input_spec)
            loaded = paddle.jit.load(path)
        except Exception as error:
            result.refused = first_line(error)
            return result
        loaded.eval()
        pair = _Pair(layer, loaded, path, list(input_spec), specs, (rtol, atol), trace)
        result.runs = pair.runs(chosen, inputs, seed)
        if sizes is None and not result.compared:
            larger = choosing.choose(specs, None, larger=True)
            if larger != chosen:
                result.runs = pair.runs(larger, inputs, seed)
    return result


def _export(layer: Any, path: str, input_spec: Sequence[Any]) -> Trace | None:
    """Export the layer, watched unless a watch is open already."""
    import paddle

    from shapetrace.watch import watch

    try:
        with watch() as trace:
            paddle.jit.save(layer, path, input_spec=list(input_spec))
        return trace
    except NestedWatchError:
        paddle.jit.save(layer, path, input_spec=list(input_spec))
        return None


@dataclass
class _Pair:
    """A model and its export, to be run side by side."""

    layer: Any
    loaded: Any
    path: str
    input_spec: list[Any]
    specs: Sequence[choosing.Spec]
    tolerances: tuple[Tolerance, Tolerance]
    trace: Trace | None
    explained: set[str] = field(default_factory=set)

    def runs(self, chosen: Sequence[Mapping[str, int]], inputs: Inputs | None, seed: int) -> list[Run]:
        """Run both at each of the sizes."""
        import paddle

        found = []
        for number, sizes in enumerate(chosen):
            arrays = list(inputs(sizes)) if inputs is not None else random_arrays(self.specs, sizes, seed + number)
            if len(arrays) != len(self.specs):
                raise UsageError(f"inputs gave {len(arrays)} arrays; the spec has {len(self.specs)} inputs")
            with paddle.no_grad():
                found.append(self._run(sizes, [paddle.to_tensor(array) for array in arrays]))
        return found

    def _run(self, sizes: Mapping[str, int], tensors: Sequence[Any]) -> Run:

        nested = choosing.filled(self.input_spec, tensors)
        fed = self._fed(tensors)

        def model() -> Any:
            with as_dygraph():
                return self.layer(*nested)

        try:
            expected = model()
        except Exception as error:
            return Run(sizes, skipped=first_line(error))
        try:
            got = self.loaded(*fed.values())
        except Exception as error:
            return self._explained(Run(sizes, failure=Failure(first_line(error))), fed, model)
        comparison = comparing.Comparison(*self.tolerances, again=lambda: rounding.runs(model))
        difference = comparison.first_difference(expected, got)
        run = Run(sizes, difference, None, "", comparison.largest, comparison.reach, tuple(comparison.reordered))
        return run if difference is None else self._explained(run, fed, model)

    def _fed(self, tensors: Sequence[Any]) -> dict[str, Any]:
        """What the exported model is given, by name: an export may leave out inputs that no output needs."""
        wanted = [spec.name for spec in self.loaded._input_spec()]
        if len(wanted) == len(tensors):
            return dict(zip(wanted, tensors, strict=True))
        known = {spec.name: tensor for spec, tensor in zip(self.specs, tensors, strict=True)}
        return {name: known[name] for name in wanted}

    def _explained(self, run: Run, fed: Mapping[str, Any], model: Callable[[], Any]) -> Run:
        """Find the op, of the first failure and of the first difference. Nothing in here may hide what is known."""
        import paddle

        from shapetrace.capture.makers import is_pir
        from shapetrace.verify import locating

        kind = "failure" if run.failure is not None else "difference"
        if kind in self.explained:
            return run
        self.explained.add(kind)

        arrays = {name: tensor.numpy() for name, tensor in fed.items()}
        try:
            if self.trace is None:
                self.trace = _converted(self.layer, self.input_spec)
            if not is_pir():
                findings = [finding for finding in self.trace.findings if finding.severity != "note"]
                return replace(
                    run, findings=tuple(findings), note=f"(the op is not looked for on Paddle {paddle.__version__})"
                )
            if run.failure is not None:
                place, explaining = locating.failing(self.path, arrays, self.trace)
                return replace(run, failure=replace(run.failure, place=place), findings=tuple(explaining))
            found = locating.differing(self.path, arrays, model, comparing.sampled(self.tolerances[0]), self.trace)
            if found is None or run.difference is None:
                return run
            return replace(run, difference=replace(run.difference, place=found[0]), findings=tuple(found[1]))
        except Exception as error:
            return replace(run, note=f"(the op was not found: {type(error).__name__}: {error})")


def _converted(layer: Any, input_spec: Sequence[Any]) -> Trace:
    """The trace of one more conversion of the layer."""
    import paddle

    from shapetrace.watch import watch

    with watch() as trace:
        static = paddle.jit.to_static(layer.forward, input_spec=list(input_spec), full_graph=True)
        static.concrete_program_specify_input_spec(list(input_spec))
    return trace


def random_arrays(specs: Sequence[choosing.Spec], sizes: Mapping[str, int], seed: int) -> list[Any]:
    """Inputs for one run, drawn at random. See `verify`."""
    import numpy

    random = numpy.random.default_rng(seed)
    arrays = []
    for spec in specs:
        shape = spec.shape(sizes)
        if spec.dtype.startswith(("float", "bfloat")):
            values = random.standard_normal(shape) if len(shape) > 2 else random.uniform(0.5, 1.5, shape)
            arrays.append(values.astype("float32" if spec.dtype == "bfloat16" else spec.dtype))
        else:
            arrays.append(random.integers(0, 2, shape).astype(spec.dtype))
    return arrays


@contextmanager
def as_dygraph() -> Iterator[None]:
    """What `to_static` has decorated runs as if it had not: else an exported model would be compared with itself."""
    from paddle.jit.dy2static import logging_utils
    from paddle.jit.dy2static.program_translator import ProgramTranslator

    transaction = Transaction()
    with transaction:
        transaction.set(ProgramTranslator(), "enable_to_static", False)
        transaction.set(logging_utils, "warn", lambda *_, **__: None)  # that it runs as if it were not decorated
    try:
        yield
    finally:
        transaction.undo()


@contextmanager
def evaluating(layer: Any) -> Iterator[None]:
    """The layer in evaluation mode; each of its layers is as it was afterwards."""
    before = [(each, each.training) for each in layer.sublayers(include_self=True)]
    layer.eval()
    try:
        yield
    finally:
        for each, training in before:
            each.training = training


def first_line(error: BaseException) -> str:
    """The line of an error of Paddle's that says what is wrong; its reports carry stacks of C++ and Python."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = next((line for line in lines if _TELLING.match(line)), (lines or [""])[0])
    kind = type(error).__name__
    return text if text.startswith(kind) else f"{kind}: {text}"


def _paddle() -> Any:
    try:
        import paddle
    except ImportError as error:
        from shapetrace.errors import PaddleMissingError

        raise PaddleMissingError(
            f"Paddle cannot be imported ({error}): install shapetrace[cpu] or shapetrace[gpu]"
        ) from None
    return paddle
