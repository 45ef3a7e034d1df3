"""Why an export cannot be served by an engine: what to say of it, and the user's line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shapetrace import plugin
from shapetrace.facts import known_clashes
from shapetrace.onnx_file import blocks, lint
from shapetrace.onnx_file.names import Aligned
from shapetrace.said import Sentence, joined, said
from shapetrace.trace import Trace
from shapetrace.verify import locating
from shapetrace.verify.engines import paddle2onnx
from shapetrace.verify.engines.process import Answer
from shapetrace.verify.pair import Case, Pair
from shapetrace.verify.pieces import opened
from shapetrace.verify.results import Place, Stage

_LONGEST = 400
_NOISE = re.compile(
    r"\(at [^)]*/[^)]*\)|\x1b\[[0-9;]*m"  # where in C++ it was raised; colours
    r"|Exception from \S+?:\d+:\s|Check '[^']*' failed at \S+?:\d+:\s"  # the same, in OpenVINO
    r"|\S*/(?=model\.onnx\b)"  # our own directory
)


def reason(answer: Answer) -> Sentence:
    """Why a process did not do what it was asked to, as one sentence."""
    told = words(answer)
    if not told:
        return answer.how or said("it ended without a word")
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]}..."


def words(answer: Answer) -> str:
    """All that a process said of why, without places in C++; empty where it said nothing."""
    return plain(paddle2onnx.told(answer.output) or answer.error)


def plain(text: str) -> str:
    """What an engine said, without places in C++."""
    return " ".join(_NOISE.sub("", text).split())


@dataclass(frozen=True)
class Blame:
    """What is to blame."""

    place: Place | None = None
    said: Sentence = ""
    """Better words than the engine's own; empty where there are none."""


def blame(stage: Stage, answer: Answer | None, locate: Callable[[], int | None], pair: Pair, case: Case) -> Blame:
    """The op that is to blame.

    Args:
        stage: Where it went wrong.
        answer: What the process told.
        locate: Finds the op by cutting the program.
        pair: The model and its export.
        case: The run at which it went wrong.
    """
    if stage == "convert" and answer is not None and paddle2onnx.lacks_mappers(answer.output):
        with opened(pair.path, {}) as pieces:
            found = _unsupported(pair.watched(), pieces.names())
        if found is not None:
            return found
    index = locate()
    if index is None:
        return Blame()
    return Blame(locating.at(pair.path, index, case.fed, pair.watched()))


def advice(engine: plugin.Engine, trouble: str, place: Place | None) -> list[Sentence]:
    """What is known of a failure, and what to write.

    Args:
        engine: The engine.
        trouble: What it said.
        place: The op that is to blame.
    """
    known = known_clashes.of_failure(_where(engine), trouble, place.op if place is not None else "")
    if known is None:
        return []
    threads = ", ".join(map(_short_thread, known.threads)) or said("not reported")
    return [said("known: {} ({})", known.says, threads), known.do]


def is_known(engine: plugin.Engine, trouble: str, op: str) -> bool:
    """Whether an op of this name is known to go wrong with these words, and few others are.

    Args:
        engine: The engine.
        trouble: What it said.
        op: Name of an op.
    """
    known = known_clashes.of_failure(_where(engine), trouble, op)
    return known is not None and bool(known.ops)


def _where(engine: plugin.Engine) -> tuple[known_clashes.Where, ...]:
    if engine.format != "onnx":
        return ("Paddle Inference",)
    return ("OpenVINO", "Paddle2ONNX") if engine.name == "openvino" else ("Paddle2ONNX",)


def _short_thread(address: str) -> str:
    """`Paddle#79749` for the address of a thread."""
    repository, _, number = address.rpartition("/issues/")
    return f"{repository.rpartition('/')[2]}#{number}"


def baked(problems: Sequence[lint.Problem], aligned: Aligned, place: Place) -> list[Sentence]:
    """What the lint of the ONNX file found at the op of a place."""
    return [
        problem.said
        for problem in problems
        if problem.op is not None
        and aligned.conversion.ops[problem.op].name == place.op
        and locating.site(aligned.conversion, problem.op) == place.site
    ]


def lacking(trace: Trace) -> Blame | None:
    """The ops of the last conversion that Paddle2ONNX has no mapper for, each with its line and layer; None where all have one."""
    conversion = next((each for each in reversed(trace.conversions) if each.failure is None), None)
    if conversion is None:
        return None
    kept = sorted(blocks.needed(conversion))  # Paddle leaves out what no output needs
    return _unsupported(trace, [conversion.ops[index].name for index in kept])


def _unsupported(trace: Trace, ops: Iterable[str]) -> Blame | None:
    lacking = paddle2onnx.without_mapper(ops)
    if not lacking:
        return None
    places = [_first(trace, name) for name in lacking]
    return Blame(places[0], said("Paddle2ONNX has no mapper for {}", joined("{}; nor for {}", [*map(_told, places)])))


def _first(trace: Trace, name: str) -> Place:
    """The first op of a name in the trace."""
    for conversion in reversed(trace.conversions):
        if conversion.failure is None:
            kept = blocks.needed(conversion)  # Paddle leaves out what no output needs
            index = next((number for number in sorted(kept) if conversion.ops[number].name == name), None)
            if index is not None:
                return locating.of_trace(conversion, index)
    return Place(name)


def _told(place: Place) -> Sentence:
    site = place.site
    told: Sentence = place.op
    if site is not None:
        told = said("{} at {}:{}", told, Path(site.file).name, site.line)
    if place.layer:
        told = said("{}, layer {}", told, place.layer)
    other = known_clashes.in_place_of(place.op)
    return said("{} ({})", told, other) if other else told
