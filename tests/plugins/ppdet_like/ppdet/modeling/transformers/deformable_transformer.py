"""The older attention layer: it keeps its function as it is, so that the conversion rewrites it."""

from __future__ import annotations

from paddle import nn

from .utils import deformable_attention_core_func


class MSDeformableAttention(nn.Layer):
    """Only what is kept matters here."""

    def __init__(self, embed_dim: int = 256, num_heads: int = 8, num_levels: int = 4, num_points: int = 4) -> None:
        super().__init__()
        self.ms_deformable_attn_core = deformable_attention_core_func
