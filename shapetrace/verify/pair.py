"""Runs a model and its export side by side, and looks for the op where one fails or differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, NamedTuple

from shapetrace.errors import UsageError
from shapetrace.reports.translations import worded
from shapetrace.said import said
from shapetrace.trace import Trace
from shapetrace.verify import comparing, rounding
from shapetrace.verify import sizes as choosing
from shapetrace.verify.dygraph import as_dygraph, first_line, random_arrays
from shapetrace.verify.results import Difference, Failure, Place, Run, written
from shapetrace.verify.tolerance import Tolerance

Inputs = Callable[[Mapping[str, int]], Sequence[Any]]

_TIMES = 5
"""How often an export that may give now this and now that is run once more."""
_TWICE = said("the model itself gives something else when it is run twice with the same inputs")
_CUT_SHORT = said("(the op was not found: the process ended while it was looked for)")


class Case(NamedTuple):
    """One run of the model, kept for other engines."""

    sizes: Mapping[str, int]
    fed: Mapping[str, Any]
    """The inputs of the export, as arrays, by name."""
    expected: Any
    """What the model returned."""
    model: Callable[[], Any]
    """Calls it again."""


@dataclass
class Pair:
    """A model and its export, to be run side by side."""

    layer: Any
    loaded: Any
    path: str
    input_spec: list[Any]
    specs: Sequence[choosing.Spec]
    tolerances: tuple[Tolerance, Tolerance]
    trace: Trace | None
    inputs: Inputs | None = None
    seed: int = 0
    progress: Callable[[str], None] = lambda _: None
    """Told what is done next."""
    explained: set[str] = field(default_factory=set)
    found: Callable[[Run], None] = lambda _: None
    """Told a run that goes wrong before its op is looked for, and again afterwards."""
    cases: list[Case] | None = None
    """The runs, where they are to be kept."""

    def runs(self, chosen: Sequence[Mapping[str, int]]) -> list[Run]:
        """Run both at each of the sizes."""
        return [self.run(sizes, number) for number, sizes in enumerate(chosen)]

    def run(self, sizes: Mapping[str, int], number: int = 0, *, alike: bool = False) -> Run:
        """Run both.

        Args:
            sizes: Of the unknown dims.
            number: Of the run; it decides the random inputs.
            alike: Where the model itself fails, find out whether its export fails alike.
        """
        import paddle

        self.progress(written(sizes))
        with paddle.no_grad():
            return self._run(sizes, self._tensors(sizes, number), alike)

    def refusal(self, sizes: Mapping[str, int]) -> str:
        """What the model itself raises at these sizes; nothing where it works."""
        import paddle

        self.progress(worded("trying {}", written(sizes)))
        with paddle.no_grad():
            try:
                self._model(self._tensors(sizes, 0))
            except Exception as error:
                return first_line(error)
        return ""

    def _tensors(self, sizes: Mapping[str, int], number: int) -> list[Any]:
        import paddle

        arrays = (
            list(self.inputs(sizes))
            if self.inputs is not None
            else random_arrays(self.specs, sizes, self.seed + number)
        )
        if len(arrays) != len(self.specs):
            raise UsageError(said("inputs gave {} arrays; the spec has {} inputs", len(arrays), len(self.specs)))
        return [paddle.to_tensor(array) for array in arrays]

    def _model(self, tensors: Sequence[Any]) -> Any:
        with as_dygraph():
            return self.layer(*choosing.filled(self.input_spec, tensors))

    def _run(self, sizes: Mapping[str, int], tensors: Sequence[Any], alike: bool) -> Run:
        fed = self._fed(tensors)

        def model() -> Any:
            return self._model(tensors)

        try:
            expected = model()
        except Exception as error:
            run = Run(sizes, skipped=first_line(error))
            return self._alike(run, fed, model) if alike else run
        if self.cases is not None:
            arrays = {name: tensor.numpy() for name, tensor in fed.items()}
            self.cases.append(Case(sizes, arrays, expected, model))
        try:
            got = self.loaded(*fed.values())
        except Exception as error:
            return self._explained(Run(sizes, failure=Failure(first_line(error))), fed, model)
        if (overwritten := self._overwritten(expected, got, fed)) is not None:
            self.found(run := Run(sizes, overwritten))
            return run
        comparison = comparing.Comparison(*self.tolerances, again=lambda: rounding.runs(model))
        difference = comparison.first_difference(expected, got)
        apart = difference is not None or comparison.undecided
        if apart and comparing.Comparison(*self.tolerances).first_difference(expected, model()) is not None:
            return Run(sizes, undecided=_TWICE)
        run = Run(
            sizes,
            difference,
            largest=comparison.largest,
            reach=comparison.reach,
            reordered=tuple(comparison.reordered),
            undecided=comparison.undecided if difference is None else "",
        )
        return run if difference is None else self._explained(run, fed, model)

    def _overwritten(self, expected: Any, got: Any, fed: Mapping[str, Any]) -> Difference | None:
        """The difference of an export that gives what the model gives once no op writes over its operand; what it gives otherwise is a matter of threads."""
        from shapetrace.capture.identity import is_pir
        from shapetrace.verify import overwriting

        places = overwriting.shared(self.trace) if self.trace is not None and is_pir() else []
        if not places:
            return None

        def difference(came: Any) -> Difference | None:
            return comparing.Comparison(*self.tolerances).first_difference(expected, came)

        runs = chain([got], (self.loaded(*fed.values()) for _ in range(_TIMES)))
        apart = next(filter(None, map(difference, runs)), None)
        try:
            if apart is None or difference(overwriting.without(self.path, fed)) is not None:
                return None
        except ValueError:  # a Paddle without that flag
            return None
        return replace(apart, place=places[0], said=said("{}; {}", apart.said, overwriting.told(places)))

    def watched(self) -> Trace:
        """The trace of the export, or of one more conversion where there is none."""
        if self.trace is None:
            self.trace = _converted(self.layer, self.input_spec)
        return self.trace

    def _alike(self, run: Run, fed: Mapping[str, Any], model: Callable[[], Any]) -> Run:
        """Whether the export fails where the model does, and at which op."""
        try:
            self.loaded(*fed.values())
        except Exception as error:
            return replace(self._explained(replace(run, failure=Failure(first_line(error))), fed, model), findings=())
        return replace(run, accepted=True)

    def _fed(self, tensors: Sequence[Any]) -> dict[str, Any]:
        """What the exported model is given, by name: an export may leave out inputs that no output needs."""
        wanted = [spec.name for spec in self.loaded._input_spec()]
        if len(wanted) == len(tensors):
            return dict(zip(wanted, tensors, strict=True))
        known = {spec.name: tensor for spec, tensor in zip(self.specs, tensors, strict=True)}
        return {name: known[name] for name in wanted}

    def _explained(self, run: Run, fed: Mapping[str, Any], model: Callable[[], Any]) -> Run:
        """Find the op, of the first failure and of the first difference."""
        kind = "skipped" if run.skipped else "failure" if run.failure is not None else "difference"
        if kind in self.explained:
            return run
        self.explained.add(kind)
        if run.skipped:
            return self._with_op(run, fed, model)
        self.found(replace(run, note=_CUT_SHORT))
        explained = self._with_op(run, fed, model)
        self.found(explained)
        return explained

    def _with_op(self, run: Run, fed: Mapping[str, Any], model: Callable[[], Any]) -> Run:
        """A run with the op at which it goes wrong. Nothing in here may hide what is known."""
        import paddle

        from shapetrace.capture.identity import is_pir
        from shapetrace.verify import locating

        arrays = {name: tensor.numpy() for name, tensor in fed.items()}
        try:
            trace = self.watched()
            if not is_pir():
                findings = [finding for finding in trace.findings if finding.severity != "note"]
                note = said("(the op is not looked for on Paddle {})", paddle.__version__)
                return replace(run, findings=tuple(findings), note=note)
            if run.failure is not None:
                place, explaining = locating.failing(self.path, arrays, trace)
                return replace(run, failure=replace(run.failure, place=place), findings=tuple(explaining))
            if run.difference is None:
                return run
            if run.difference.kind == "count" and (twice := locating.returned_twice(trace)) is not None:
                return replace(run, difference=_told_of(run.difference, *twice, comparing.flatten(model())))
            found = locating.differing(self.path, arrays, model, comparing.sampled(self.tolerances[0]), trace)
            if found is None:
                return run
            return replace(run, difference=replace(run.difference, place=found[0]), findings=tuple(found[1]))
        except Exception as error:
            return replace(run, note=said("(the op was not found: {})", f"{type(error).__name__}: {error}"))


def _told_of(difference: Difference, place: Place, twice: tuple[int, int], outputs: comparing.Outputs) -> Difference:
    """A difference in the number of outputs, where a tensor is returned in two places."""
    names = [outputs[number][0] if number < len(outputs) else str(number) for number in twice]
    twice_told = said(
        "{} and {} are one tensor, which an export has once: return paddle.assign(...) of it in the second place",
        *names,
    )
    return replace(difference, place=place, said=said("{}; {}", difference.said, twice_told))


def _converted(layer: Any, input_spec: Sequence[Any]) -> Trace:
    """The trace of one more conversion of the layer."""
    import paddle

    from shapetrace.watch import watch

    with watch() as trace:
        static = paddle.jit.to_static(layer.forward, input_spec=list(input_spec), full_graph=True)
        static.concrete_program_specify_input_spec(list(input_spec))
    return trace
