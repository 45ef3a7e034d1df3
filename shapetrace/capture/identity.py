"""Which op made a tensor of a program, on either kind of program.

On Paddle 3.x such a tensor is a `paddle.pir.Value`, which knows its op. On 2.6, and on 3.x where `FLAGS_enable_pir_api` is off, it is
a `paddle.static.Variable`: a name in a block, which several ops may write in turn, and whose `op` is the last of them so far.
"""

from __future__ import annotations

import sys
from typing import Any

from shapetrace.dim import value_of

Made = tuple[int | str, int]
"""What stands for the op in its program (its id, or the name of a variable that no op writes), and which result."""

UNTOLD = frozenset({"XShape", "Scope", "StepScopes"})
"""Results of ops of 2.6 that are no tensors of the model's: what the gradient needs, and scopes."""


def has_pir() -> bool:
    """Whether the Paddle that is imported has the programs of 3.x. It can build those of 2.6 all the same."""
    return not sys.modules["paddle"].__version__.startswith("2.")


def is_pir() -> bool:
    """Whether the programs that are built now are those of 3.x: a flag or a guard has Paddle 3 build those of 2.6."""
    return has_pir() and bool(sys.modules["paddle.base.framework"].use_pir_api())


def is_pir_program(program: Any) -> bool:
    """Whether a program is one of 3.x."""
    return not isinstance(program, sys.modules["paddle.base.framework"].Program)


def tensor_classes() -> tuple[Any, ...]:
    """The classes of the tensors of programs: one for each kind of program that this Paddle can build."""
    import paddle

    return (paddle.pir.Value, paddle.static.Variable) if has_pir() else (paddle.static.Variable,)


def is_symbolic(value: Any) -> bool:
    """Whether it is a tensor of a program that is being built, as opposed to one that holds numbers."""
    return hasattr(value, "get_defining_op") or _is_variable(value)


def is_dense(value: Any) -> bool:
    """Whether a tensor of a program has a shape: it is no array of tensors and the like."""
    if _is_variable(value):
        from paddle.base.core import VarDesc  # not compared as text: 2.6 takes long to print it

        return value.type in (VarDesc.VarType.LOD_TENSOR, VarDesc.VarType.SELECTED_ROWS)
    return bool(value.is_dense_tensor_type())


def is_dense_and_there(value: Any) -> bool:
    """The same, and it is no result that was left out."""
    return (_is_variable(value) or value.initialized()) and is_dense(value)


def shape(value: Any) -> tuple[int, ...]:
    """The shape of a dense tensor of a program, as plain ints."""
    return tuple(map(value_of, value.shape))


def made(value: Any) -> Made | None:
    """The op that made a tensor, and which of its results it is; None where that cannot be told."""
    if hasattr(value, "get_defining_op"):
        op = value.get_defining_op()
        if op is None:
            return None
        results = op.results()
        place = next((i for i, result in enumerate(results) if result.is_same(value)), 0) if len(results) > 1 else 0
        return op.id(), place
    if not _is_variable(value):
        name = getattr(value, "name", None)  # a parameter or buffer, which 2.6 makes a variable of when an op takes it
        return (name, 0) if isinstance(name, str) else None
    if value.op is None:
        return value.name, 0
    names = results_of(value.op.desc)
    return (id(value.op), names.index(value.name)) if value.name in names else None


def results_of(desc: Any) -> list[str]:
    """Names of the variables that an op of 2.6 writes, in order."""
    return [name for slot in desc.output_names() if slot not in UNTOLD for name in desc.output(slot)]


def attribute_tensors(desc: Any) -> tuple[list[str], list[str]]:
    """The attributes in whose place an op of 2.6 takes variables, and the names of these variables.

    Which is for which is not asked: Python would then free a variable that is not its own.
    """
    inputs = desc.input_arg_names()
    every = desc.input_arg_names(True)
    if len(every) == len(inputs):
        return [], []
    names = [name for name in desc.attr_names(True) if desc.attr_type(name, True).name in ("VAR", "VARS")]
    return names, every[len(inputs) :]


def _is_variable(value: Any) -> bool:
    framework = sys.modules.get("paddle.base.framework")
    # Not by `isinstance`: outside of programs Paddle has that say yes to any tensor.
    return framework is not None and framework.Variable in type(value).__mro__
