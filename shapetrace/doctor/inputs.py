"""The spec in effect: which axes of which inputs the conversion would leave unknown."""

from __future__ import annotations

from collections.abc import Sequence

from shapetrace.doctor.first_conversion import Conversion
from shapetrace.doctor.lines import Line
from shapetrace.said import said
from shapetrace.verify import sizes as choosing


def lines(conversion: Conversion) -> list[Line]:
    """One line on the inputs, and one where they are not those that were asked for.

    Args:
        conversion: What was to be converted.
    """
    import paddle

    leaves = paddle.utils.flatten([list(conversion.input_spec), dict(conversion.keywords)])
    specs = choosing.specs(leaves, None)
    if not specs:
        return [Line("note", "inputs", said("there are none: nothing can be unknown, and the model is not run"))]
    names = unknown(conversion)
    constants = sum(not choosing.is_input(leaf) for leaf in leaves)
    if names:
        seen = said("{}; unknown: {}", _written(specs), ", ".join(names))
    else:
        seen = said("{}: no axis is unknown, so the export takes these sizes only", _written(specs))
    if constants:
        seen = said(
            "{}; {} more argument is no tensor" if constants == 1 else "{}; {} more arguments are no tensor",
            seen,
            constants,
        )
    line = (
        Line("ok", "inputs", seen)
        if names
        else Line("note", "inputs", seen, said("give -1 for an axis that is to vary"))
    )
    return [line, *_compared(conversion, specs)]


def _compared(conversion: Conversion, specs: Sequence[choosing.Spec]) -> list[Line]:
    """A warning where `paddle.jit.save` was given another spec: one that `to_static` knows goes before it."""
    import paddle

    if conversion.asked is None:
        return []
    asked = choosing.specs(paddle.utils.flatten(list(conversion.asked)), None)
    if len(asked) != len(specs) or all(_shape(one) == _shape(other) for one, other in zip(asked, specs, strict=True)):
        return []
    return [
        Line(
            "warning",
            "inputs",
            said(
                "jit.save was asked for {}, and converts {}: what to_static was given, or was last called with, "
                "goes before it",
                _written(asked),
                _written(specs),
            ),
            said("save a layer that to_static has not wrapped, or give to_static this spec and full_graph=True"),
        )
    ]


def _written(specs: Sequence[choosing.Spec]) -> str:
    return ", ".join(f"{spec.name} [{', '.join(map(str, _shape(spec)))}] {spec.dtype}" for spec in specs)


def _shape(spec: choosing.Spec) -> list[int]:
    return [-1 if isinstance(axis, str) else axis for axis in spec.axes]


def unknown(conversion: Conversion) -> list[str]:
    """The unknown axes, such as `image[0]`."""
    import paddle

    specs = choosing.specs(paddle.utils.flatten([list(conversion.input_spec), dict(conversion.keywords)]), None)
    return [f"{spec.name}[{place}]" for spec in specs for place, axis in enumerate(spec.axes) if isinstance(axis, str)]
