"""What a negative number that stands for an unknown dim means to each argument of Paddle's API.

Facts, not opinions: `op_arguments.json` is written by `survey/op_arguments.py`, which converts one small
function for each argument, once with -1 and once with -8, alone and with a tensor beside it, and compares what it
computes with dygraph. The same page for people is `docs/reference/op-arguments.md`.

What the survey has no question for is derived from Paddle's own declarations, the C++ headers in its wheel
(`survey/c_op_signatures.py`): an `IntArray`, a `Scalar`, or a parameter that is a list of ints in one
`Build` function and a tensor in another may be computed from shapes; any other int is a number that Paddle takes as it
is, or an axis number if it is named so.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Literal

import msgspec
from msgspec import Struct

from shapetrace.said import Said, said

Kind = Literal["infer", "keep", "last", "invalid", "runtime", "number", "axis", "ignored"]
"""`infer`: one -1 is inferred. `keep`: -1 keeps the operand's own dim. `last`: counts from the end. `invalid`: a size or
count that Paddle refuses. `runtime`: the same, but refused by the exported model only. `number`: taken as it is.
`axis`: the number of an axis. `ignored`: no number that a shape could matter to."""

Outcome = Literal["healthy", "wrong", "raises", "fails-at-run-time"]
"""What becomes of the export: right, silently wrong, refused at conversion, or failing at every inference."""

Form = Literal["", "scalar", "kept", "known", "new-axis", "several"]
"""Which use of an argument: `scalar`, not in a list; `kept`, the operand has an unknown dim there; `known`, it has a
known one; `new-axis`, it has no such axis; `several`, more than one -1 in the list."""

_GETITEM, _SETITEM = "getitem", "setitem"
_FRAMES = {
    "_getitem_static": _GETITEM,
    "__getitem__": _GETITEM,
    "_setitem_static": _SETITEM,
    "__setitem__": _SETITEM,
    "_scalar_add_": "add",
    "_scalar_sub_": "subtract",
    "_scalar_rsub_": "subtract",
    "_scalar_mul_": "multiply",
    "_scalar_div_": "divide",
}
"""Functions of Paddle that go by another name than the API (`paddle/base/variable_index.py`, `paddle/pir/math_op_patch.py`)."""

AXES = frozenset({"axis", "dim", "axes", "start_axis", "stop_axis", "axis1", "axis2", "dim1", "dim2", "dims"})
"""Parameters of Paddle's functions that number axes of the first tensor."""
_AXES = AXES | frozenset(
    [
        *("perm", "source", "destination", "begin_norm_axis", "end_norm_axis", "decrease_axis", "decrease_axes"),
        *("none_axes", "rank_dim", "concat_axis", "softmax_dim", "quant_axis"),
    ]
)
"""All parameters that number axes."""
LISTS = frozenset({"shape", "repeat_times", "num_or_sections", "perm", "sections"})
"""Parameters that are lists of plain numbers or tensors."""
_IGNORED = frozenset(
    [
        "name",
        "dtype",
        "place",
        "keepdim",
        "keepdims",
        "keep_dim",
        "training",
        "data_format",
        "mode",
        "padding_mode",
        "layout",
        "ring_id",
        "seed",
        "stop_gradient",
        "infer_flags",
        "out",
        "out_dtype",
        "use_calc_stream",
        "align_mode",
    ]
)


class Meaning(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an argument does with a negative number in place of a size."""

    kind: Kind
    text: str
    """One short phrase for people: "reshape infers one -1". With `values`, a template."""
    values: tuple[str, ...] = ()
    bare: Outcome = "healthy"
    """What becomes of an unmodified -1."""
    computed: Outcome = "healthy"
    """What becomes of another negative number."""
    bare_beside_tensor: Outcome | None = None
    """The same with a tensor in the same list; None where that makes no difference, or cannot be."""
    computed_beside_tensor: Outcome | None = None

    @property
    def said(self) -> Said:
        """The phrase, to be worded in any language."""
        return said(self.text, *self.values)


class _Row(Meaning, frozen=True, kw_only=True, omit_defaults=True):
    apis: tuple[str, ...]
    arguments: tuple[str, ...]
    form: Form = ""


class Number(Struct, frozen=True, array_like=True):
    """An argument of a C op that is a number or a list of numbers."""

    name: str
    position: int
    """Among the positional arguments of the function in `paddle._C_ops`; -1 where it has none."""
    type: Literal["int", "ints", "number", "numbers"]
    computable: bool
    """Whether Paddle also takes a tensor there, as it does wherever a shape may be given."""


class _Table(Struct, frozen=True):
    paddle: str
    arguments: tuple[_Row, ...]
    c_ops: dict[str, tuple[Number, ...]]


def meaning(api: str, argument: str | None, index: int | None = None, form: Form = "") -> Meaning:
    """What a negative number means to an argument.

    Args:
        api: The function's name as its frame has it: `reshape`, `Tensor.reshape`, `_getitem_static`, or a C op's.
        argument: The parameter's name; None or empty for the one that matters most.
        index: Position in a list argument; None for a number by itself.
        form: Which use of the argument, where uses differ. Without it, `expand` and its like are taken to keep an unknown
            dim of the operand; see `kept_form`.

    Returns:
        Its meaning; one derived from Paddle's declarations or the argument's name for what no one measured.
    """
    name, argument = _name(api), argument or ""
    rows = _rows(name, argument)
    if not rows:
        return _derived(name, argument)
    wanted: Form = form or ("kept" if rows[0].kind == "keep" else "scalar" if index is None else "")
    return next((row for row in rows if row.form == wanted), next((row for row in rows if not row.form), rows[0]))


def kept_form(operand: Sequence[int], index: int, length: int) -> Form:
    """Which form an element of the shape given to `expand`, `broadcast_to` or `crop` has.

    Args:
        operand: The shape of the tensor that they are given, unknown dims below zero.
        index: Position of the element in the shape.
        length: How many elements that shape has.

    Returns:
        `kept` where the operand's own dim is unknown too, `new-axis` where it has none there, else `known`: it keeps the
        operand's known dim, usually 1, whatever the number stood for.
    """
    own = index - (length - len(operand))
    if own < 0:
        return "new-axis"
    return "kept" if operand[own] < 0 else "known"


def numbers(op: str) -> tuple[Number, ...]:
    """The numbers that a function of `paddle._C_ops` takes; empty if it takes none."""
    return _table().c_ops.get(op, ())


_NUMBERS_ONLY = frozenset(
    {
        ("split", "num_or_sections"),
        ("chunk", "chunks"),
        ("eye", "num_rows"),
        ("eye", "num_columns"),
        ("unbind", "axis"),
        ("tensor_split", "num_or_indices"),
        ("norm", "p"),
        ("logspace", "num"),
        ("vander", "n"),
        ("tril_indices", "row"),
        ("tril_indices", "col"),
        ("triu_indices", "row"),
        ("triu_indices", "col"),
    }
)
"""Arguments for which Paddle's Python refuses a tensor, on one of 2.6.2, 3.0.0 and 3.3.1, whatever its C op takes; in a list they may stand."""


_NUMBERS_ONLY_BEFORE: dict[tuple[str, str], tuple[str, ...]] = {
    **dict.fromkeys((("pad", "pad"), ("pad3d", "paddings")), ("2.", "3.0.", "3.1.")),
    **dict.fromkeys((("broadcast_to", "shape"), ("to_tensor", "data"), ("to_tensor", "")), ("2.",)),
}
"""Arguments for which some Paddles take no tensor that holds one number, in a list either: how their versions begin."""


def takes_tensor(api: str, argument: str, operation: str = "", index: int | None = None, paddle: str = "") -> bool:
    """Whether a tensor may stand for the number that an argument is; True for what is not known.

    Args:
        api: The function's name, as in `meaning`.
        argument: The parameter's name.
        operation: The C op that it calls, where that is known.
        index: Position in a list argument; None for a number by itself.
        paddle: Paddle's version; empty for the newest.
    """
    name = _name(api)
    if paddle.startswith(_NUMBERS_ONLY_BEFORE.get((name, argument), ())):
        return False
    if index is None and (name, argument) in _NUMBERS_ONLY:
        return False
    names = {argument, *(other for row in _rows(name, argument) for other in row.arguments if argument)}
    declared = (number for number in numbers(operation or name) if number.name in names)
    return all(number.computable for number in declared)


def takes_tensor_at(api: str, position: int, keyword: str | None = None) -> bool:
    """Whether a tensor may stand for the number at a place of a call, as it is written; True for what is not known.

    Args:
        api: The function's name.
        position: Among the positional arguments, of which the first is the tensor.
        keyword: The parameter's name, where that is written.
    """
    if keyword is not None:
        return takes_tensor(api, keyword)
    placed = (number for number in numbers(_name(api)) if number.position == position)
    return all(number.computable for number in placed)


def is_known(api: str, argument: str) -> bool:
    """Whether the argument was measured, or is by its name an axis or no number."""
    return bool(_rows(_name(api), argument)) or argument in _AXES or argument in _IGNORED


@cache
def _table() -> _Table:
    content = resources.files(__package__).joinpath("op_arguments.json").read_bytes()
    return msgspec.json.decode(content, type=_Table)


@cache
def _by_api() -> dict[str, list[_Row]]:
    rows: dict[str, list[_Row]] = {}
    for row in _table().arguments:
        for api in row.apis:
            rows.setdefault(api, []).append(row)
    return rows


def _name(api: str) -> str:
    """The name the table has for a function."""
    name = api.rpartition(".")[2]
    name = _FRAMES.get(name, name)
    rows = _by_api()
    candidates = (name, name.removeprefix("_"), name.rstrip("_"), name.removeprefix("sparse_"))
    return next((candidate for candidate in candidates if candidate in rows), name)


def _rows(name: str, argument: str) -> list[_Row]:
    rows = _by_api().get(name, [])
    if not argument:
        return [row for row in rows if row.arguments == rows[0].arguments]
    return [row for row in rows if argument in row.arguments]


def _derived(name: str, argument: str) -> Meaning:
    """The meaning of an argument that no one measured."""
    if argument in _AXES:
        return Meaning(
            kind="axis",
            text="{}'s {} is the number of an axis",
            values=(name, argument),
            bare="wrong",
            computed="wrong",
        )
    if argument in _IGNORED:
        return Meaning(kind="ignored", text="{}'s {} is no size", values=(name, argument))
    declared = next((number for number in numbers(name) if number.name == argument), None)
    if not argument or (declared is None and numbers(name)):
        return Meaning(
            kind="number", text="{} takes the number as it is", values=(name,), bare="wrong", computed="wrong"
        )
    return Meaning(
        kind="number",
        text="{}'s {} is taken as the number it is",
        values=(name, argument),
        bare="wrong",
        computed="wrong",
    )
