"""Which remedies are worth naming beside a finding. Data about those that ship with shapetrace."""

from __future__ import annotations

from shapetrace.trace import Cause

_DEFORMABLE = frozenset({"deformable_attention_core_func_v2", "deformable_attention_core_func", "discrete_sample"})
"""Functions of PaddleDetection that the remedy `rtdetrv2` replaces (ppdet/modeling/transformers/utils.py)."""
_CONVERTIBLE = frozenset({"partial", "lambda", "not-global"})
"""Causes that the remedy `callables` removes."""


def answering(rule: str, cause: Cause | None) -> tuple[str, ...]:
    """Names of the remedies that remove a finding of `rule` with this cause, the most specific first."""
    names = []
    if cause is not None and cause.callable in _DEFORMABLE:
        names.append("rtdetrv2")
    if cause is not None and cause.kind in _CONVERTIBLE:
        names.append("callables")
    return (*names, "symbolic-dims") if rule.startswith("ST1") else tuple(names)
