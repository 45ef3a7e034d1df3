"""The remedy as watches, `shapetrace remedies` and reports see it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import FunctionType
from typing import Any, ClassVar

from shapetrace.plugin import Finding, Probe, Remedy, Transaction, joined, probing, said
from shapetrace_rtdetrv2 import patch


@dataclass(frozen=True)
class _Layer:
    """A layer that keeps one of the functions, and the smallest one of its kind that can be built."""

    module: str
    function: str
    built_with: dict[str, Any]


_EMBED, _HEADS = 4, 2
_LAYERS = (
    _Layer(
        "ppdet.modeling.transformers.rtdetr_transformerv2",
        "deformable_attention_core_func_v2",
        {"embed_dim": _EMBED, "num_heads": _HEADS, "num_levels": 1, "num_points": 1},
    ),
    _Layer(
        "ppdet.modeling.transformers.deformable_transformer",
        "deformable_attention_core_func",
        {"embed_dim": _EMBED, "num_heads": _HEADS, "num_levels": 1, "num_points": 1},
    ),
)


class RTDETRv2(Remedy):
    """See the package."""

    name = "rtdetrv2"
    summary = "RT-DETRv2's deformable attention takes the batch and the sizes from its tensors, also inside a partial"
    versions = "PaddleDetection 2.8 and the development branch of 2025; D-FINE, which shares the module"
    requires = (patch.MODULE,)
    specificity = 100
    rules = frozenset({"ST101", "ST102", "ST103", "ST202", "ST203", "ST503", "ST701"})
    causes: ClassVar[frozenset[str]] = frozenset({"partial", "not-global", "python"})

    def probe(self) -> Probe:
        """Build the smallest attention layer there is and call what it keeps with an unknown batch."""
        broken = [layer.function for layer in _LAYERS if _has_bug(layer)]
        if broken:
            return Probe(
                "present",
                said("{} cannot be called with an unknown batch in a conversion", joined("{} and {}", broken)),
            )
        return Probe("absent", said("the deformable attention that is installed takes an unknown batch"))

    def apply(self, transaction: Transaction) -> None:
        """Exchange the code of those functions that have the bug, and of RT-DETRv2's in any case."""
        broken = {layer.function for layer in _LAYERS if _has_bug(layer)} | {"deformable_attention_core_func_v2"}
        for function in patch.of_modules():
            if function.__name__ in broken:
                patch.repair(function, transaction)

    def answers(self, finding: Finding) -> bool:
        """Only what went wrong inside the functions that are repaired."""
        if finding.rule not in self.rules:
            return False
        names = [site.function for site in (finding.source, finding.sink) if site is not None]
        if finding.cause is not None:
            names.append(finding.cause.callable)
        return any(name.split(".")[-1] in {*patch.STAND_INS, "discrete_sample"} for name in names)


def _has_bug(layer: _Layer) -> bool:
    """Whether what such a layer keeps gives a wrong shape, or none, for an unknown batch."""
    import paddle
    from paddle.jit.dy2static.convert_call_func import convert_call

    kind = getattr(sys.modules.get(layer.module), "MSDeformableAttention", None)
    if kind is None:
        return False
    with probing.untouched():
        kept = getattr(kind(**layer.built_with), "ms_deformable_attn_core", None)
        if not isinstance(patch.unwrapped(kept), FunctionType):
            return False  # a compiled op, which has no Python code to go wrong
        _call(kept, layer.function, paddle.zeros, batch=1)  # must work with a known batch, or the probe tells nothing
        with probing.tiny_program():
            try:
                result = _call(convert_call(kept), layer.function, probing.unknown, batch=-1)
            except Exception:  # whatever it says: with a known batch it worked
                return True
            return probing.wrong_shape(result.shape)


def _call(function: Any, name: str, make: Any, batch: int) -> Any:
    """Call an attention function for one level of 2 by 2 cells, one query and one point."""
    value = make([batch, 4, _HEADS, _EMBED // _HEADS])
    if name.endswith("_v2"):
        return function(value, [[2, 2]], make([batch, 1, _HEADS, 1, 2]), make([batch, 1, _HEADS, 1]))
    return function(value, [[2, 2]], [0], make([batch, 1, _HEADS, 1, 1, 2]), make([batch, 1, _HEADS, 1, 1]))
