"""Exports a layer into a directory of its own, and runs both it and the export at each choice of sizes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from shapetrace.claims import Dims
from shapetrace.errors import NestedWatchError, PaddleMissingError, UsageError
from shapetrace.reports.translations import worded
from shapetrace.said import said
from shapetrace.trace import Trace
from shapetrace.verify import sizes as choosing
from shapetrace.verify import taken, trials
from shapetrace.verify.dygraph import evaluating, first_line
from shapetrace.verify.pair import Inputs, Pair
from shapetrace.verify.results import JIT_LOAD, Engine, Verification
from shapetrace.verify.tolerance import Tolerance

_NOTHING = {
    "convert": said("not tried: there is no export"),
    "load": said("not tried: the export cannot be loaded"),
}


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
    runs: int = 3,
    engines: Sequence[str] = (),
    onnx: str | Path | None = None,
    progress: Callable[[str], None] | None = None,
    found: Callable[[Verification], None] = lambda _: None,
) -> Verification:
    """Compare a model with its export, in evaluation mode, at several sizes of the unknown axes.

    Where the export fails or differs, the op is found at which it begins to, with its layer, its line, and the
    findings that explain it.

    Args:
        layer: A `paddle.nn.Layer`. Its training flags, Paddle's random numbers and its names are as before afterwards.
        input_spec: As `paddle.jit.save` takes it; lists and dicts of InputSpecs may nest.
        sizes: For each run, sizes by the name of the dim: `[{"batch": 1}, {"batch": 4, "image[2]": 320}]`. Dims left
            out get usual sizes. None for the usual runs: batch 1, 2 and 5; 64 to 128 for other axes, or what else
            is found that the model takes where it refuses those (larger ones, equal ones); and one more, at sizes
            that no stride divides; and another, where the model refuses these, at sizes that the export is derived to take.
        dims: Names for the axes of inputs, `{"image": ("B", 3, "H", "W")}`; equal names get equal sizes. Unnamed
            unknown first axes are one dim, `batch`. `"B=1..8"`, `"H=32*k"` and `"H=32*k:320..640"` say which sizes a dim
            may have, and a number which one: sizes are drawn from these.
        rtol: Tolerance relative to the largest value of each output: one number, or numbers by dtype. None for
            `tolerance.RTOL`, and then what rounding alone does to the model is allowed too. Rows, columns and
            channels of other sizes than the rest count for themselves.
        atol: Absolute tolerance that is added to it: one number, or numbers by dtype; None for 0.
        inputs: Makes the inputs for a run from its sizes: arrays in the order of the spec, flattened. None for random
            ones: normally distributed, 0.5 to 1.5 where there are no more than two axes (such inputs are sizes or
            scales as often as not), 0 or 1 for integers; PaddleDetection's `im_shape` is height and width of the image.
        exported: Path of an export of this layer, as given to `paddle.jit.save`; None to export it now. The export is
            made with whatever remedies are applied while this runs.
        trace: With `exported`: the trace of the watch in which the export was made. None to convert the layer again
            where a line is to be told.
        seed: Of the random inputs.
        runs: How many of the usual runs to make.
        engines: Names of further engines to run the export in, besides `jit.load`: `inference`, `onnxruntime`, `openvino`,
            `tensorrt`, or one that a plugin brings. Each runs in a process of its own; one that is not installed says so.
        onnx: An ONNX file of the model that is there already: engines that load such files run it, and none is made now.
        progress: Told what is done next, a few words each time.
        found: Told a run that goes wrong as soon as that is known, and again with its op: looking for that may take long.

    Returns:
        The result. A difference, a failing export and a failing run are results too.

    Raises:
        UsageError: `sizes` or `dims` do not fit the spec, `inputs` gives the wrong number of arrays, or there is no such engine.
        PaddleMissingError: Paddle is not installed.
    """
    from shapetrace import discovery, probing

    paddle = _paddle()
    specs = choosing.specs(paddle.utils.flatten(list(input_spec)), dims)
    chosen = choosing.choose(specs, sizes)
    others = [discovery.engine(name) for name in dict.fromkeys(engines) if name != JIT_LOAD]
    given = _given(onnx, specs) if onnx is not None else None
    result = Verification(type(layer).__name__)
    tell = progress or (lambda _: None)
    with tempfile.TemporaryDirectory(prefix="shapetrace-") as directory, probing.untouched(), evaluating(layer):
        path = str(exported) if exported is not None else f"{directory}/model"
        result.stage = "convert"
        try:
            if exported is None:
                tell(worded("exporting"))
                trace, raised = _export(layer, path, input_spec)
                if raised is not None:
                    raise raised
            result.stage = "load"
            loaded = paddle.jit.load(path)
        except Exception as error:
            result.refused = first_line(error)
            if trace is not None and result.stage == "convert":
                from shapetrace.verify import locating  # brings in the rules

                result.refused_at, result.findings = locating.refused(trace)
            result.engines = [Engine(each.name, None, said=_NOTHING[result.stage]) for each in others]
            return result
        result.stage = ""
        loaded.eval()
        pair = Pair(layer, loaded, path, list(input_spec), specs, (rtol, atol), trace, inputs, seed, tell)
        pair.found = lambda run: found(Verification(result.model, [run]))
        pair.cases = [] if others else None
        result.runs = pair.runs(chosen if sizes is not None else chosen[:runs])
        if sizes is None and choosing.unknown(specs):
            _vary(pair, result, runs)
        if others:
            from shapetrace.verify.document import jit_load
            from shapetrace.verify.serving import Serving

            result.engines = Serving(pair, Path(directory), jit_load(result), given).results(others)
    return result


def _given(file: str | Path, specs: Sequence[choosing.Spec]) -> Path:
    """An ONNX file that is there already, as a path.

    Raises:
        UsageError: It cannot be read, or wants other inputs.
    """
    from shapetrace.onnx_file import names

    wanted = {entry.name for entry in names.load(file).graph.input}
    if others := sorted(wanted - {spec.name for spec in specs}):
        raise UsageError(said("the model has no input {}, which {} wants", ", ".join(others), file))
    return Path(file)


def _vary(pair: Pair, result: Verification, most: int) -> None:
    """Run at other sizes: where the model takes none of the usual ones, and once off the strides that models have."""
    trying = trials.Trials(pair.specs, pair.refusal)
    groups: trials.Groups = ()
    if not result.compared:
        chosen, groups = trying.fitting()
        if chosen:
            result.runs = pair.runs(chosen[:most])
        else:
            result.runs += pair.runs(list(filter(trying.works, _derived(pair, most))))
            return  # near these few sizes there is nothing to find out by trial
    if not result.compared:
        return
    working = result.compared[-1].sizes
    run = [run.sizes for run in result.runs]
    result.runs += [pair.run(end, most) for end in choosing.ends(pair.specs, working) if end not in run]
    steps: dict[str, int] = {}
    off = choosing.off_stride(pair.specs, working, groups)
    if off is not None:
        last = pair.run(off, most, alike=True)
        result.runs.append(last)
        if last.skipped:
            within = taken.off_stride(pair.trace, pair.specs, working) if pair.trace is not None else None
            if within is not None:
                result.runs.append(pair.run(within, most))
            steps = trying.steps(off, working, groups)
    result.advice = trials.advice(pair.specs, groups, steps)


def _derived(pair: Pair, most: int) -> Iterator[choosing.Sizes]:
    """Sizes that the export should take, by its trace."""
    for usual in choosing.choose(pair.specs, None)[:most]:
        sizes = taken.together(pair.trace, pair.specs, usual) if pair.trace is not None else None
        if sizes is not None:
            yield sizes


def _export(layer: Any, path: str, input_spec: Sequence[Any]) -> tuple[Trace | None, Exception | None]:
    """Export the layer, watched unless a watch is open already. Returns the trace, and what was raised."""
    import paddle

    from shapetrace.watch import watch

    trace = None
    try:
        with watch() as trace:
            paddle.jit.save(layer, path, input_spec=list(input_spec))
    except NestedWatchError:
        paddle.jit.save(layer, path, input_spec=list(input_spec))
    except Exception as error:
        return trace, error
    return trace, None


def _paddle() -> Any:
    try:
        import paddle
    except ImportError as error:
        raise PaddleMissingError(
            said("Paddle cannot be imported ({}): install shapetrace[cpu] or shapetrace[gpu]", error)
        ) from None
    return paddle
