"""What PaddleDetection's functions run while the remedy is applied.

Only the code objects of these functions are used: they run with the globals of the function they stand in
for, so they import what they need. Names and order of the parameters are PaddleDetection's.
"""

from __future__ import annotations

from typing import Any


def deformable_attention_core_func_v2(  # noqa: D103  its contract is that of `attention.attend`
    value: Any,
    value_spatial_shapes: Any,
    sampling_locations: Any,
    attention_weights: Any,
    num_points_list: Any,
    sampling_method: Any = "default",
) -> Any:
    from shapetrace_rtdetrv2.attention import attend

    return attend(value, value_spatial_shapes, sampling_locations, attention_weights, num_points_list, sampling_method)


def deformable_attention_core_func(  # noqa: D103  the same, with equally many points in every level
    value: Any,
    value_spatial_shapes: Any,
    value_level_start_index: Any,
    sampling_locations: Any,
    attention_weights: Any,
) -> Any:
    from shapetrace_rtdetrv2.attention import attend_evenly

    return attend_evenly(value, value_spatial_shapes, sampling_locations, attention_weights)
