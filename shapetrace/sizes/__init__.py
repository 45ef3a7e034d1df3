"""Which sizes does an export take? Derived from the trace of its conversion, without Paddle.

Every op demands something of the dims it works on (`demands.py`), and every dim is an expression over the axes of inputs. So
the sizes of an axis at which all demands hold can be decided (`solving.py`), and be told with the op and line of each demand that
leaves it fewer. `deriving.derived` does it; it brings in the rules, and is imported when it is asked for.
"""

from __future__ import annotations

from shapetrace.sizes.results import Axis, Because, Sizes

__all__ = ["Axis", "Because", "Sizes"]
