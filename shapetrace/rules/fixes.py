"""Fixes in the user's own names: what to write in place of a shape that holds a leaked dim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapetrace.trace import Fix

if TYPE_CHECKING:
    from shapetrace.rules.evidence import Evidence

_INFERS = frozenset({"reshape", "reshape_", "view"})
"""Public functions whose shape argument may hold one -1 that means "infer" (paddle/tensor/manipulation.py)."""


def of_use(evidence: Evidence) -> Fix | None:
    """The fix for a use of a dim: a -1 that the op infers, else the dim as a tensor."""
    return _inferred(evidence) or _as_tensor(evidence)


def _inferred(evidence: Evidence) -> Fix | None:
    """`-1` in that place, where the op infers it, the rest of the shape is known and no other -1 stands."""
    use, sink = evidence.use, evidence.sink
    if use.op not in _INFERS or use.index is None or sink is None or not use.list_code:
        return None
    others = [element for position, element in enumerate(use.arguments) if position != use.index]
    if any(element.startswith("-") for element in others):
        return None
    written = list(use.written)
    written[use.index] = "-1"
    opening, closing = (use.list_code[0], use.list_code[-1]) if use.list_code[0] in "([" else ("", "")
    shape = f"{opening}{', '.join(written)}{closing}"
    return Fix(
        replacement=sink.code.replace(use.list_code, shape, 1),
        site=evidence.site(use.site),
        message=f"{use.op} infers one -1, and the rest of this shape is known",
    )


def _as_tensor(evidence: Evidence) -> Fix | None:
    """The dim read as a tensor, in the place where it is read."""
    read, source = evidence.read, evidence.source
    if source is None or not source.code.endswith(".shape"):
        return None
    tensor = f"paddle.shape({source.code.removesuffix('.shape')})[{read.axis}]"
    if read.name:
        return Fix(
            replacement=f"{read.name} = {tensor}",
            site=source,
            message=f"after this line, so that {read.name} is a tensor and follows the input",
        )
    return Fix(replacement=tensor, site=source, message="a tensor, which follows the input")
