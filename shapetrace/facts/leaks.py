"""The functions of Paddle that read a size as an int and compute with it, so that they leak by themselves.

Found by converting the public API with unknown dims and comparing with dygraph: `leaks.json` is written by
`survey/paddle_leaks.py`, and the list for people is `docs/reference/paddle-apis-that-leak.md`.
Paddle's other code reads sizes too, mostly to compare them, and is not to blame.
"""

from __future__ import annotations

import os
from functools import cache
from importlib import resources
from types import CodeType

import msgspec

COMPREHENSIONS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})
"""Names of frames that are a part of the function around them, as they are before Python 3.12; a generator's always."""
DECIDING = frozenset({"tensor_split", "hsplit", "vsplit", "dsplit", "dice_loss"})
"""Functions that make something else of a dim that they take for a number. Others that test one go a faster way, say, with the same result."""
_DISTRIBUTIONS = f"{os.sep}paddle{os.sep}distribution{os.sep}"
"""Where everything keeps the shapes of its parameters, to draw samples of that shape."""
_OF_LAYERS = frozenset({"__call__", "_dygraph_call_func", "forward"})


def reads(code: CodeType) -> bool:
    """Whether this code of Paddle's reads sizes as ints to compute with."""
    return code.co_name in _readers() or _DISTRIBUTIONS in code.co_filename


def name(code: CodeType, owner: object) -> str:
    """What the user called, where `code` is of a method of Paddle's: `Normal.sample`, `Fold`; empty where it is of a function.

    Args:
        code: What runs.
        owner: Its `self`; None where it has none.
    """
    if _DISTRIBUTIONS in code.co_filename:
        qualified = str(getattr(code, "co_qualname", code.co_name))  # absent before Python 3.11
        return qualified.removesuffix(".__init__")
    return type(owner).__name__ if code.co_name in _OF_LAYERS and hasattr(owner, "sublayers") else ""


class _Data(msgspec.Struct, frozen=True):
    paddle: str
    functions: frozenset[str]
    """Names of the functions whose frames read the size."""


@cache
def _readers() -> frozenset[str]:
    content = resources.files(__package__).joinpath("leaks.json").read_bytes()
    return msgspec.json.decode(content, type=_Data).functions
