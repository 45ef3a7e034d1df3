"""The attention layer that keeps its function in a partial, which the conversion runs as it stands: here is the bug."""

from __future__ import annotations

import functools
from typing import Any

import paddle
import paddle.nn.functional as F
from paddle import Tensor, nn

from .utils import deformable_attention_core_func_v2


class MSDeformableAttention(nn.Layer):
    """Each query looks at a few places around its box, on every level."""

    def __init__(
        self,
        embed_dim: int = 256,
        num_heads: int = 8,
        num_levels: int = 4,
        num_points: int | list[int] = 4,
        sampling_method: str = "default",
    ) -> None:
        super().__init__()
        self.heads, self.width = num_heads, embed_dim // num_heads
        points = num_points if isinstance(num_points, list) else [num_points] * num_levels
        self.points = sum(points)
        self.sampling_offsets = nn.Linear(embed_dim, num_heads * self.points * 2)
        self.attention_weights = nn.Linear(embed_dim, num_heads * self.points)
        self.into, self.out_of = nn.Linear(embed_dim, embed_dim), nn.Linear(embed_dim, embed_dim)
        settings = {"num_points_list": points, "sampling_method": sampling_method}
        self.ms_deformable_attn_core = functools.partial(deformable_attention_core_func_v2, **settings)

    def forward(self, query: Tensor, boxes: Tensor, value: Tensor, value_spatial_shapes: Any) -> Tensor:
        """Attend from `query` `[batch, queries, channels]` with `boxes` `[batch, queries, 4]` to `value`."""
        batch, queries = query.shape[:2]
        value = self.into(value).reshape([batch, value.shape[1], self.heads, self.width])
        offsets = self.sampling_offsets(query).reshape([batch, queries, self.heads, self.points, 2])
        weights = self.attention_weights(query).reshape([batch, queries, self.heads, self.points])
        around = boxes.unsqueeze([2, 3])
        places = around[..., :2] + 0.1 * paddle.tanh(offsets) * around[..., 2:]
        found = self.ms_deformable_attn_core(value, value_spatial_shapes, places, F.softmax(weights, axis=-1))
        return self.out_of(found)
