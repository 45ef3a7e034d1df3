"""Functions that must know the size of an axis when a program is built, so that an unknown one ends the conversion.

Measured on 3.3.1; the checks are in `paddle/phi/infermeta` (unary.h, multiary.h). `unbind` and `unstack` end the whole process: they ask a vector for -1
elements (`paddle/fluid/pir/dialect/operator/ir/pd_op.cc`).
"""

from __future__ import annotations

AXIS = {"unbind": 0, "unstack": 0}
"""Those that give one tensor for each place of an axis, and the axis that they take where none is given."""
ALL_PLACES = frozenset({*AXIS, "unpack", "zip"})
"""Those, and Python that takes a tensor apart: `a, b = x`, `zip(x, y)`."""
_CHANNELS = (1,)
AXES = {
    "unpack": (0,),
    "zip": (0,),
    "pixel_shuffle": _CHANNELS,
    "pixel_unshuffle": (2, 3),
    "channel_shuffle": _CHANNELS,
    "maxout": _CHANNELS,
    "instance_norm": _CHANNELS,
    "conv2d_transpose": _CHANNELS,
    "conv3d_transpose": _CHANNELS,
}
"""The axes whose size the others must know, where the channels come second."""
