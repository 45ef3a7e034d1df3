"""Paddle's code that asks for exact types, `type(item) is int`, is answered as if the dim were the plain int.

`is` compares what nothing can stand in for, so the name `type` in the globals of these modules stands for a function
of ours while a watch is open. The dim itself goes on to the op, where its use is seen as any other.
`tests/capture/test_surveyed_calls.py` looks through the installed Paddle for modules that ask in this way, and for any call that
a dim changes.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from shapetrace.dim import plain_type

if TYPE_CHECKING:
    from shapetrace.capture.listener import Listener
    from shapetrace.patching import Transaction

MODULES = (
    "paddle.base.variable_index",  # x[:, n - 1], on all versions
    "paddle.tensor.manipulation",  # roll, and np.issubdtype(type(axes), np.integer) in tensordot
    "paddle.nn.functional.common",  # interpolate, from 3.3 on
    "paddle.compat",  # min and max, from 3.3 on
    "paddle.tensor.compat",  # the same, on 3.2
    "paddle.utils.decorator_utils",  # x.reshape(n, 2), on 3.2
    "paddle.jit.sot.opcode_translator.executor.variables.basic",
)
"""The modules whose functions call `type` to compare what it gives with a type of number; 2.6.2 and 3.0 to 3.3."""


def answer_exact_types(listener: Listener, transaction: Transaction) -> None:
    """Have these modules take a dim for the number it is."""
    for name in MODULES:
        module = sys.modules.get(name)
        if module is not None and "type" not in vars(module):
            transaction.set(module, "type", _answer)


def _answer(*asked: Any, **more: Any) -> Any:
    """Python's `type`, which also makes types, but of dims."""
    return plain_type(asked[0]) if len(asked) == 1 and not more else type(*asked, **more)
