"""Runs the model itself, unconverted, at two sizes: what does not work in dygraph will not work exported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from shapetrace.doctor.endless import Walks
from shapetrace.doctor.first_conversion import Conversion
from shapetrace.doctor.lines import Line
from shapetrace.said import Sentence, joined, said
from shapetrace.verify import comparing
from shapetrace.verify import dygraph as unconverted
from shapetrace.verify import sizes as choosing

_RUNS = 2
_WORDS = {"otherwise random": "otherwise random", "ones": "ones", "the size of the image": "the size of the image"}
_SQUARES = (224, 640)  # what image models that take one size only were most often made for
_SUBJECT = "dygraph"
_GUESSES = ("random", "otherwise random", "ones", "the size of the image")
"""What the values of the inputs may be. A model may refuse values, and that is no fault of a size."""

Sizes = Mapping[str, int]
Shapes = Mapping[str, list[int]]


@dataclass(frozen=True)
class _Run:
    sizes: Sizes
    shapes: Shapes | None = None
    """Of what it returned, by the name of the output; None where it failed."""
    refused: str = ""
    guess: str = _GUESSES[0]

    @property
    def at(self) -> Sentence:
        return _at(self.sizes)


def _at(sizes: Sizes) -> Sentence:
    return ", ".join(f"{name}={size}" for name, size in sizes.items()) or said("the sizes given")


def lines(conversion: Conversion, walks: Walks) -> list[Line]:
    """Whether the model works, and whether its outputs follow the unknown axes.

    Args:
        conversion: What was to be converted.
        walks: Looks at what the model goes through while it runs.
    """
    import paddle

    if not paddle.in_dynamic_mode():
        return [Line("note", _SUBJECT, said("not run: the script has left dygraph mode"))]
    structure = [list(conversion.input_spec), dict(conversion.keywords)]
    specs = choosing.specs(paddle.utils.flatten(structure), None)
    if not specs:
        return []

    def run(sizes: Sizes, guess: str = _GUESSES[0]) -> _Run:
        return _run(conversion, structure, specs, sizes, guess, walks)

    runs: list[_Run] = []
    for number, attempt in enumerate(_attempts(specs)):
        tried = _tried(attempt, _GUESSES if number == 0 else (_GUESSES[0], _GUESSES[-1]), run)
        runs += tried
        if any(attempted.shapes is not None for attempted in tried):
            break
    return _judged([*runs, *_of_another_batch(runs, specs, run)], specs)


def _tried(attempt: Sequence[Sizes], guesses: Sequence[str], run: Callable[[Sizes, str], _Run]) -> list[_Run]:
    """One run at each of the sizes, with other values where it fails: what they cause is not to be put down to a size."""
    tried = []
    for sizes in attempt:
        runs = (run(sizes, guess) for guess in guesses)
        first = next(runs)
        tried.append(
            first if first.shapes is not None else next((other for other in runs if other.shapes is not None), first)
        )
    return tried


def _of_another_batch(runs: Sequence[_Run], specs: Sequence[choosing.Spec], run: Callable[[Sizes], _Run]) -> list[_Run]:
    """One run with another batch where only other axes were varied: an output may follow the batch alone."""
    worked = [earlier for earlier in runs if earlier.shapes is not None]
    batches = choosing.firsts(specs)
    if len(worked) < _RUNS or not batches or any(worked[0].sizes[name] != worked[-1].sizes[name] for name in batches):
        return []
    last = worked[-1].sizes
    return [run({**last, **{name: last[name] + 1 for name in batches}})]


def _attempts(specs: Sequence[choosing.Spec]) -> Iterator[list[dict[str, int]]]:
    """Sizes to try until some work."""
    usual = choosing.choose(specs, None)[:_RUNS]
    yield usual
    firsts = {spec.axes[0] for spec in specs if spec.axes}
    others = [name for name in usual[0] if name not in firsts]
    if others:
        yield choosing.choose(specs, None, larger=True)[:_RUNS]
        yield [{name: size if name in others else 1 for name in usual[0]} for size in _SQUARES]


def _run(
    conversion: Conversion,
    structure: list[Any],
    specs: Sequence[choosing.Spec],
    sizes: Sizes,
    guess: str,
    walks: Walks,
) -> _Run:
    import paddle

    from shapetrace import probing

    with ExitStack() as stack:
        stack.enter_context(probing.untouched())
        stack.enter_context(paddle.no_grad())
        stack.enter_context(unconverted.as_dygraph())
        if conversion.layer is not None:
            stack.enter_context(unconverted.evaluating(conversion.layer))
        tensors = [paddle.to_tensor(array) for array in _arrays(specs, sizes, guess)]
        arguments, keywords = choosing.filled(structure, tensors)
        stack.enter_context(walks.watched(_at(sizes)))
        try:
            returned = conversion.call(arguments, keywords)
        except Exception as error:
            return _Run(sizes, refused=unconverted.first_line(error), guess=guess)
        return _Run(sizes, {name: list(output.shape) for name, output in comparing.flatten(returned)}, guess=guess)


def _arrays(specs: Sequence[choosing.Spec], sizes: Sizes, guess: str) -> list[Any]:
    """Inputs whose values are guessed in one of the ways of `_GUESSES`."""
    import numpy

    arrays = unconverted.random_arrays(specs, sizes, seed=_GUESSES.index(guess))
    if guess == "ones":
        return [numpy.ones_like(array) for array in arrays]
    if guess == "the size of the image":  # of inputs that may tell it, as PaddleDetection's im_shape
        images = [array.shape[-2:] for array in arrays if array.ndim == 4]
        size = max(images[0]) if images else max((max(array.shape, default=1) for array in arrays), default=1)
        return [array if array.ndim > 2 else numpy.full_like(array, size) for array in arrays]
    return arrays


def _judged(runs: Sequence[_Run], specs: Sequence[choosing.Spec]) -> list[Line]:
    worked = [run for run in runs if run.shapes is not None]
    failed = [run for run in runs if run.shapes is None]
    firsts = {spec.axes[0] for spec in specs if spec.axes}
    only_batch = all(name in firsts for run in runs for name in run.sizes)
    if not worked:
        first, *others = failed
        fails = said("the model itself fails at {}: {}", first.at, first.refused)
        also = joined("{}; nor at {}", [run.at for run in others]) if others else ""
        return [
            Line(
                "error" if only_batch else "warning",
                _SUBJECT,
                said("{}; nor at {}", fails, also) if also else fails,
                said(
                    "make it run in dygraph before it is exported; sizes and inputs are guesses, so they may be what it refuses"
                ),
            )
        ]
    if len(worked) == len(runs) or (len(worked) >= _RUNS and runs[-1].shapes is not None):
        guessed = dict.fromkeys(run.guess for run in worked if run.guess != _GUESSES[0])
        return [_followed([worked[0], worked[-1]]), *_values(runs, list(guessed))]
    last = failed[-1]
    only = worked[0]
    return [
        Line(
            "error" if only_batch else "warning",
            _SUBJECT,
            said("the model itself works at {} only; at {}: {}", only.at, last.at, last.refused),
            said("make it run in dygraph at other sizes too, or give its size in the input spec"),
        )
    ]


def _values(runs: Sequence[_Run], guesses: Sequence[str]) -> list[Line]:
    """That the model refuses some values of its inputs, where it does."""
    if not guesses:
        return []
    at = joined("{} and {}", [run.at for run in runs if run.guess in guesses])
    with_others = joined("{}, {}", [said(_WORDS[guess]) for guess in guesses])
    text = said("refuses random values of its inputs at {}, and works with others ({})", at, with_others)
    return [Line("note", _SUBJECT, text, said("give `shapetrace verify` inputs that it takes, in Python: inputs="))]


def _followed(runs: Sequence[_Run]) -> Line:
    """What the outputs' axes are, as far as the runs show."""
    first, last = runs[0], runs[-1]
    at = joined("{} and at {}", [run.at for run in runs])
    if first.shapes is None or last.shapes is None or first.shapes.keys() != last.shapes.keys():
        return Line("warning", _SUBJECT, said("works at {}, and returns other outputs at either", at))
    shapes = [
        said("{} {}", name or said("output"), _shape(shape, last.shapes[name], first.sizes, last.sizes))
        for name, shape in first.shapes.items()
    ]
    outputs = joined("{}, {}", shapes) if shapes else said("none")
    if first.sizes != last.sizes and first.shapes == last.shapes:
        return Line(
            "note",
            _SUBJECT,
            said("works at {}; no output follows the unknown axes: {}", at, outputs),
            said("nothing, if the model returns a sum or a mean; else look for a size written down as a number"),
        )
    return Line("ok", _SUBJECT, said("works at {}; outputs: {}", at, outputs))


def _shape(first: Sequence[int], last: Sequence[int], sizes: Sizes, others: Sizes) -> str:
    if len(first) != len(last):
        return f"{list(first)} and {list(last)}"
    return f"[{', '.join(_axis(*pair, sizes, others) for pair in zip(first, last, strict=True))}]"


def _axis(first: int, last: int, sizes: Sizes, others: Sizes) -> str:
    """An axis in terms of one unknown dim, where a multiple or a fraction fits both runs."""
    if first == last:
        return str(first)
    for name, size in sizes.items():
        if first * others[name] == last * size:
            if first % size == 0:
                return name if first == size else f"{first // size}*{name}"
            if size % first == 0:
                return f"{name}/{size // first}"
    return f"{first} or {last}"
