"""What was asked of an axis by its spec, where something else arrived, and how to keep it."""

from __future__ import annotations

from collections.abc import Iterator

from shapetrace.said import said
from shapetrace.sizes.pattern import Pattern
from shapetrace.trace import Conversion, Input, Said, Symbol, Trace

_OVERRULED = ("ST501", "ST905")
"""Rules whose findings say that something else was asked for than what took effect."""
_TRAINER = "ppdet/engine/trainer.py"
_BATCHED = ("im_shape", "scale_factor")


def remarks(trace: Trace, number: int, symbol: Symbol, taken: Pattern, *, tied: bool) -> Iterator[Said]:
    """What is to be said of an axis that arrived unknown.

    Args:
        trace: The trace.
        number: Index of the conversion.
        symbol: The axis.
        taken: The sizes that it takes.
        tied: Whether that is so with the other axes held only, or not decided.
    """
    for finding in trace.findings:
        about = any((root.input, root.axis) == (symbol.input, symbol.axis) for root in finding.roots)
        if finding.conversion == number and about and finding.rule in _OVERRULED:
            yield said("{}: {}; to keep it, write it into the spec that counts", finding.rule, finding.said)
    batch = _fixed_beside(trace, trace.conversions[number], symbol)
    if batch is not None:
        yield said(
            "a batch of {} was asked for, and PaddleDetection's trainer makes that of the image unknown whenever post-processing is "
            "exported; export.post_process=False keeps it, and so does paddle.jit.save with a spec of your own",
            batch,
        )
    if taken.values is not None and len(taken.values) == 1 and not tied:
        yield said("the spec leaves it unknown, and the program does not: write {} into the spec", taken.values[0])


def _fixed_beside(trace: Trace, conversion: Conversion, symbol: Symbol) -> int | None:
    """The batch that the other inputs of PaddleDetection's trainer have, where that of the image is unknown."""
    inputs = {given.name: given for given in conversion.inputs if _is_trainers(trace, given)}
    if (symbol.input, symbol.axis) != ("image", 0) or "image" not in inputs:
        return None
    sizes = {inputs[name].shape[0] for name in _BATCHED if name in inputs and inputs[name].shape}
    return max(sizes) if sizes and min(sizes) > 0 else None


def _is_trainers(trace: Trace, given: Input) -> bool:
    return given.site >= 0 and trace.sites[given.site].file.replace("\\", "/").endswith(_TRAINER)
