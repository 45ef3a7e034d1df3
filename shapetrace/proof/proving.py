"""Runs a model and its export at the edges of what was derived, each size in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from shapetrace import forking
from shapetrace.proof import edges
from shapetrace.proof.edges import Trial
from shapetrace.reports.translations import worded
from shapetrace.said import Sentence, said
from shapetrace.sizes import Sizes
from shapetrace.verify import sizes as choosing
from shapetrace.verify.pair import Pair
from shapetrace.verify.results import written

_LIMITS = forking.Limits(seconds=60.0, cpu=60.0, memory=8 << 30)
"""Of one trial."""
_PATIENCE = 120.0
"""Seconds for all trials together."""


def proven(found: Sizes, pair: Pair, clock: Callable[[], float] = time.monotonic, ends: Sequence[Trial] = ()) -> Sizes:
    """What was derived, with whether it was proven by running.

    Args:
        found: What was derived.
        pair: The model and its export; its unknown dims go by the places of axes.
        clock: Tells seconds.
        ends: The ends of the ranges that are claimed, which are run first.
    """
    if not forking.possible():
        return replace(found, unproven=said("this system cannot fork, and a size may end the process"))
    if not found.at and not all(axis.fixed_by_spec for axis in found.axes):
        return replace(found, unproven=said("no sizes of all axes were found that go together"))
    started = clock()
    tried = 0
    undecided = any(axis.undecided for axis in found.axes)
    for trial in edges.trials(found, ends=ends):
        if clock() - started > _PATIENCE:
            late = said("{} s were not enough to run all edges", f"{_PATIENCE:.0f}")
            return replace(found, tried=tried, unproven=late)
        pair.progress(worded("trying {}", written(trial.sizes)))
        wrong = _refuted(pair, trial)
        if wrong and trial.taken and undecided:
            break
        if wrong:
            other = tuple(place for place, size in trial.sizes.items() if size != found.at[place])
            return replace(found, tried=tried, unproven=wrong, refuted=other or tuple(found.at))
        tried += 1
    if undecided:
        return replace(found, tried=tried, unproven=said("not everything was decided"))
    return replace(found, tried=tried, proven=True)


def _refuted(pair: Pair, trial: Trial) -> Sentence:
    """How a trial went against what was derived; empty where it did not."""
    outcome = _outcome(pair, trial.sizes)
    if trial.taken and outcome:
        return said("{} should be taken, and {}", written(trial.sizes), outcome)
    if not trial.taken and not outcome:
        return said("{} should not be taken, and runs", written(trial.sizes))
    return ""


def _outcome(pair: Pair, sizes: dict[str, int]) -> Sentence:
    """What goes wrong at sizes; empty where the model and its export run and give the same."""

    def work() -> bytes:
        run = pair.run(sizes)
        if run.skipped:
            return msgspec.json.encode(said("the model fails: {}", run.skipped))
        if run.failure is not None:
            return msgspec.json.encode(said("the export fails: {}", run.failure.message))
        return msgspec.json.encode("" if run.difference is None else said("the export {}", run.difference.said))

    outcome = forking.Task(work, _LIMITS).outcome(_LIMITS.seconds)
    told: Sentence = msgspec.json.decode(outcome.content, type=Sentence) if outcome.content else outcome.how
    return told


def paired(
    layer: Any, loaded: Any, path: str, input_spec: Sequence[Any], found: Sizes, say: Callable[[str], None]
) -> Pair:
    """A model and its export, whose unknown dims go by the places of axes."""
    import paddle

    flat = [each for each in paddle.utils.flatten(list(input_spec)) if choosing.is_input(each)]
    inputs: dict[str, list[int | str]] = {}
    for axis in found.axes:
        size = axis.pattern.values[0] if axis.fixed_by_spec and axis.pattern.values else axis.place
        inputs.setdefault(axis.input, []).append(size)
    specs = [
        choosing.Spec(name, tuple(axes), str(given.dtype).rpartition(".")[2].lower())
        for (name, axes), given in zip(inputs.items(), flat, strict=True)
    ]
    explained = {"skipped", "failure", "difference"}  # where it is, is known: only whether it works is asked
    return Pair(layer, loaded, path, list(input_spec), specs, (None, None), None, progress=say, explained=explained)
