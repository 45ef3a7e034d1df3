"""The older attention layer: it keeps its function as it is, so that the conversion rewrites it."""

from __future__ import annotations

from paddle import nn

from .utils import directions


class MSDeformableAttention(nn.Layer):
    """Only what is kept, and how it is built, matters here."""

    def __init__(
        self,
        embed_dim: int = 256,
        num_heads: int = 8,
        num_levels: int = 4,
        num_points: int = 4,
        lr_mult: float = 0.1,
    ) -> None:
        from .utils import deformable_attention_core_func

        super().__init__()
        places = num_heads * num_levels * num_points
        self.sampling_offsets = nn.Linear(embed_dim, 2 * places)
        self.attention_weights = nn.Linear(embed_dim, places)
        self.value_proj = nn.Linear(embed_dim, embed_dim)
        self.output_proj = nn.Linear(embed_dim, embed_dim)
        self.sampling_offsets.bias.set_value(directions(num_heads, [num_points] * num_levels).flatten())
        self.ms_deformable_attn_core = deformable_attention_core_func
