"""Lets RT-DETRv2's deformable attention be exported with an unknown batch, query length and image size.

PaddleDetection's `MSDeformableAttention` of RT-DETRv2 (D-FINE shares it) keeps `functools.partial(
deformable_attention_core_func_v2, ...)`. Paddle's conversion runs a partial as it stands, so `value.shape[0]` in it is
the Python int -1, and `batch * heads` becomes -8: the export fails, or, with unknown height and width too, succeeds and
gives a model that fails whenever it is run.

While the remedy is applied, that function runs the code in `attention.py`, which needs no such number. Because the
code object is exchanged and not the function, every layer sees it: those built before, those built later, and partials
that hold the function already. The results in dygraph are the same bits. `deformable_attention_core_func` of RT-DETR,
Deformable-DETR and DINO is treated alike where it has the bug (in PaddleDetection 2.8 it has not: it is converted).

    import shapetrace_rtdetrv2

    shapetrace_rtdetrv2.apply()
    paddle.jit.save(model, "out/model", input_spec=[...])
    shapetrace_rtdetrv2.undo()

or `shapetrace.watch(remedies="rtdetrv2")`, which undoes it by itself.
"""

from __future__ import annotations

from typing import Any

from shapetrace.errors import RemedyError
from shapetrace.plugin import Transaction, hookimpl, said
from shapetrace_rtdetrv2 import patch
from shapetrace_rtdetrv2.remedy import RTDETRv2

__all__ = ["RTDETRv2", "apply", "shapetrace_remedies", "undo"]

_standing = Transaction()


def apply(model: Any = None) -> list[str]:
    """Repair deformable attention until `undo()`, without a watch.

    Args:
        model: A `paddle.nn.Layer`. What its attention layers call is repaired, wherever it is defined, so this also
            serves a copy of PaddleDetection under another name. Without it PaddleDetection is imported if it was not,
            and its functions are repaired for all models.

    Returns:
        What was changed, one entry each.

    Raises:
        RemedyError: PaddleDetection is not installed, the model has no such attention, or the function has other
            parameters than the ones known. Nothing was changed.
    """
    functions = patch.of_modules(import_them=True) if model is None else patch.of_model(model)
    if not functions:
        where = "PaddleDetection as installed" if model is None else f"{type(model).__name__}"
        raise RemedyError(said("{} has none of the functions that are repaired: {}", where, ", ".join(patch.STAND_INS)))
    with _standing.part() as part:
        for function in functions:
            patch.repair(function, part)
    return part.changes


def undo() -> None:
    """Take back everything that `apply` of this module did. Without that it does nothing.

    Raises:
        RestoreError: Something could not be put back; everything else was.
    """
    _standing.undo()


@hookimpl
def shapetrace_remedies() -> list[RTDETRv2]:
    """The remedy of this plugin."""
    return [RTDETRv2()]
