"""Which axes of an op's operands must be equal, and which of them are those of its result.

Read off Paddle's shape inference, `paddle/phi/infermeta`; the function that decides stands beside each fact. Axes are counted
from the end, below zero, where leading axes are a batch of any rank.
"""

from __future__ import annotations

from typing import NamedTuple


class Matmul(NamedTuple):
    """The axes of the two matrices that are multiplied, counted from the end. What comes before them broadcasts."""

    across: int
    """The axis of the first that is summed over: of one size with `down`."""
    down: int
    """The axis of the second that is summed over."""
    rows: int | None
    """The axis of the first that is the result's last but one; None for a vector."""
    columns: int | None
    """The axis of the second that is the result's last."""


def matmul(left: int, right: int, transpose_x: bool = False, transpose_y: bool = False) -> Matmul:
    """The axes that `matmul` takes (MatmulInferMeta in binary.h). A vector is not transposed.

    Args:
        left: Rank of the first operand.
        right: Rank of the second.
        transpose_x: Whether the first is transposed.
        transpose_y: Whether the second is.
    """
    across, rows = (-2, -1) if transpose_x else (-1, -2)
    down, columns = (-1, -2) if transpose_y else (-2, -1)
    of_left = (across, rows) if left > 1 else (-1, None)
    of_right = (down, columns) if right > 1 else (-1, None)
    return Matmul(of_left[0], of_right[0], of_left[1], of_right[1])


JOINING = frozenset({"concat", "stack"})
"""Ops that join tensors of one rank."""


def joined_on(op: str, axis: int, rank: int) -> int | None:
    """The one axis on which tensors that are joined may differ.

    For `concat` it is the one that it joins on (ConcatInferMeta in multiary.h); for `stack`, which adds an axis, there is
    none (StackInferMeta).

    Args:
        op: One of `JOINING`.
        axis: What the op was given.
        rank: Of each tensor.
    """
    return axis % rank if op == "concat" and rank else None


REGIONS = frozenset({"roi_align", "roi_pool", "psroi_pool"})
"""Ops on regions of images. Their third operand says how many regions each image has: it has a number for each image (roi_align_kernel.cc, roi_pool_kernel.cc,
psroi_pool_kernel.cc)."""

ONE_MORE = frozenset({"unsqueeze", "unsqueeze_", "stack"})
"""Functions whose axis is one of the result, which has one more (UnsqueezeInferMeta in unary.h, StackInferMeta in multiary.h)."""

LOOKUPS = {"pd_op.gather_nd": (1, 0), "pd_op.embedding": (0, 1)}
"""Ops that look up by an index, and which operand is the index and which the table (GatherNdInferMeta, EmbeddingInferMeta in
binary.h). The result has the index's axes first, and then what is left of the table's."""
