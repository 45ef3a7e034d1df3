"""The spec in effect: which axes of which inputs the conversion would leave unknown."""

from __future__ import annotations

from typing import Any

from shapetrace.doctor.first_conversion import Conversion
from shapetrace.doctor.lines import Line
from shapetrace.verify import sizes as choosing


def lines(conversion: Conversion) -> list[Line]:
    """One line on the inputs.

    Args:
        conversion: What was to be converted.
    """
    import paddle

    given = paddle.utils.flatten([list(conversion.input_spec), dict(conversion.keywords)])
    specs = choosing.specs(given, None)
    if not specs:
        return [Line("note", "inputs", "there are none: nothing can be unknown, and the model is not run")]
    shapes = ", ".join(f"{spec.name} [{', '.join(map(_axis, spec.axes))}] {spec.dtype}" for spec in specs)
    names = unknown(conversion)
    constants = sum(not choosing.is_input(each) for each in given)
    also = f"; {constants} more argument{'s are' if constants > 1 else ' is'} no tensor" if constants else ""
    if not names:
        return [
            Line(
                "note",
                "inputs",
                f"{shapes}: no axis is unknown, so the export takes these sizes only{also}",
                "give -1 for an axis that is to vary",
            )
        ]
    return [Line("ok", "inputs", f"{shapes}; unknown: {', '.join(names)}{also}")]


def unknown(conversion: Conversion) -> list[str]:
    """The unknown axes, such as `image[0]`."""
    import paddle

    specs = choosing.specs(paddle.utils.flatten([list(conversion.input_spec), dict(conversion.keywords)]), None)
    return [f"{spec.name}[{place}]" for spec in specs for place, axis in enumerate(spec.axes) if isinstance(axis, str)]


def _axis(axis: Any) -> str:
    return "-1" if isinstance(axis, str) else str(axis)
