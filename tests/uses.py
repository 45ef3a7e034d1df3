"""Uses of dims for traces that tests write by hand, whatever their kind."""

from __future__ import annotations

from typing import Any, get_args

from shapetrace.trace import AnyUse, OpArgument, Use

KINDS: dict[str, type[Use]] = {str(kind.__struct_config__.tag): kind for kind in get_args(AnyUse)}
_OPERAND = ("against", "container", "error")
"""What the other operand is called, by the kind of use."""


def use_of(kind: str, dim: int, **fields: Any) -> AnyUse:
    """A use of a dim. Fields that this kind does not have are left out, so that tests may go through several kinds alike.

    Args:
        kind: As files have it: `op`, `compare`.
        dim: Index of the dim.
        fields: Those of the record, and for any kind: `arguments`, which holds the other operand where it is no argument of an op, and
            `context`, which may be `numpy` or `message`.
    """
    record = KINDS[kind]
    known = record.__struct_fields__
    if record is not OpArgument and "arguments" in fields:
        (operand,) = fields.pop("arguments")
        fields |= {name: operand for name in _OPERAND if name in known}
    fields |= {"numpy": True} if fields.get("context") == "numpy" else {}
    fields |= {"message": True} if fields.get("context") == "message" else {}
    given: Any = record(dim=dim, **{name: value for name, value in fields.items() if name in known})
    return given  # type: ignore[no-any-return]
