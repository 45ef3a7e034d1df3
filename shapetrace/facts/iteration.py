"""What to write in place of Python that goes through a tensor of unknown length.

In rewritten code `range(n)` of an unknown `n` is `paddle.arange(n)`, and a tensor of a program gives elements without end
(`paddle/jit/dy2static/convert_call_func.py:convert_range`). So does a list that became an array of tensors in a loop. Paddle converts
`for` statements to a `while` of the program, and nothing else that iterates (3.0 to 3.3, and 2.6.2).
"""

from __future__ import annotations

import ast

from shapetrace.said import Said, said

_LISTS = frozenset({"list", "tuple", "sorted"})


def advice(code: str, iterated: str, array: bool = False) -> Said:
    """What to write.

    Args:
        code: What iterates: the comprehension, the call.
        iterated: What it iterates over; may be empty.
        array: Whether that is a list that became an array of tensors.
    """
    if array:
        return of_array(iterated)
    counted = _counted(iterated)
    if counted and _is_list_of(code, iterated):
        return said("write paddle.arange({})", counted)
    if counted:
        return said(
            "compute on whole tensors, or write a `for` statement, which Paddle converts to a loop of the program"
        )
    whole = said("the whole of `{}`", iterated) if iterated else said("the whole tensor")
    return said(
        "compute on {}, or write a `for` statement over it, which Paddle converts to a loop of the program", whole
    )


def is_compound(iterated: str) -> bool:
    """Whether it is no list by its name, but an expression that goes through lists: `zip(ones, others)`."""
    return not isinstance(_parsed(iterated), ast.Name | ast.Attribute)


def of_array(iterated: str) -> Said:
    """What to write where Python goes through a list that became an array of tensors."""
    if is_compound(iterated):
        return said("make one tensor of each list first (paddle.stack, paddle.concat), and compute on that")
    return said(
        "make one tensor of it first, paddle.stack({}) or paddle.concat({}), and compute on that", iterated, iterated
    )


def _counted(iterated: str) -> str:
    """The arguments of `range(...)`; empty for anything else."""
    node = _parsed(iterated)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id != "range":
        return ""
    return ", ".join(map(ast.unparse, node.args))


def _is_list_of(code: str, iterated: str) -> bool:
    """Whether the code makes nothing but a list of what it iterates over: `list(range(n))`, `[i for i in range(n)]`."""
    node = _parsed(code)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in _LISTS and ast.unparse(node.args[0]) == iterated
    if isinstance(node, ast.ListComp | ast.GeneratorExp):
        (first, *more) = node.generators
        return not more and not first.ifs and ast.unparse(node.elt) == ast.unparse(first.target)
    return isinstance(node, ast.List)


def _parsed(code: str) -> ast.expr | None:
    try:
        return ast.parse(code.strip(), mode="eval").body
    except SyntaxError:
        return None
