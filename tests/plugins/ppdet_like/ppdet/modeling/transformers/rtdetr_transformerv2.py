"""The attention layer that keeps its function in a partial, which the conversion runs as it stands: here is the bug."""

from __future__ import annotations

import functools
from typing import Any

import paddle
import paddle.nn.functional as F
from paddle import Tensor, nn

from .utils import deformable_attention_core_func_v2, directions


class MSDeformableAttention(nn.Layer):
    """Each query looks at a few places around its box, on every level."""

    def __init__(
        self,
        embed_dim: int = 256,
        num_heads: int = 8,
        num_levels: int = 4,
        num_points: int | list[int] = 4,
        sampling_method: str = "default",
        offset_scale: float = 0.5,
        lr_mult: float = 0.1,
    ) -> None:
        super().__init__()
        self.heads, self.width, self.offset_scale = num_heads, embed_dim // num_heads, offset_scale
        points = num_points if isinstance(num_points, list) else [num_points] * num_levels
        self.points = sum(points)
        # A tensor made here, and a value set below: what a layer cannot do while a program is built.
        shares = paddle.to_tensor([1 / count for count in points for _ in range(count)], dtype="float32")
        self.register_buffer("num_points_scale", shares)
        self.sampling_offsets = nn.Linear(embed_dim, num_heads * self.points * 2)
        self.attention_weights = nn.Linear(embed_dim, num_heads * self.points)
        self.value_proj, self.output_proj = nn.Linear(embed_dim, embed_dim), nn.Linear(embed_dim, embed_dim)
        self.sampling_offsets.bias.set_value(directions(num_heads, points).flatten())
        settings = {"num_points_list": points, "sampling_method": sampling_method}
        self.ms_deformable_attn_core = functools.partial(deformable_attention_core_func_v2, **settings)

    def forward(self, query: Tensor, boxes: Tensor, value: Tensor, value_spatial_shapes: Any) -> Tensor:
        """Attend from `query` `[batch, queries, channels]` with `boxes` `[batch, queries, 1, 4]` to `value`."""
        batch, queries = query.shape[:2]
        value = self.value_proj(value).reshape([batch, value.shape[1], self.heads, self.width])
        offsets = self.sampling_offsets(query).reshape([batch, queries, self.heads, self.points, 2])
        weights = self.attention_weights(query).reshape([batch, queries, self.heads, self.points])
        around = boxes.unsqueeze(2)
        reach = self.num_points_scale.unsqueeze(-1) * self.offset_scale
        places = around[..., :2] + offsets * around[..., 2:] * reach
        blended = self.ms_deformable_attn_core(value, value_spatial_shapes, places, F.softmax(weights, axis=-1))
        return self.output_proj(blended)
