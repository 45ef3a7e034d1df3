"""A user's script, unaware of tests: builds a detector, whose package it can import only now, and exports it in one way.

export_ways.py WAY OUT REMEDY SAMPLING
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

CHANNELS, HEADS = 8, 2


def build(sampling: str) -> Any:
    """The detector, with random weights that are the same each time."""
    import paddle
    from paddle import Tensor, nn

    sys.path.insert(0, str(Path(__file__).parent))
    from ppdet.modeling.transformers.rtdetr_transformerv2 import MSDeformableAttention

    class Detector(nn.Layer):
        """Two maps of an image, and an attention to both."""

        def __init__(self) -> None:
            super().__init__()
            self.fine = nn.Conv2D(3, CHANNELS, 2, stride=2)
            self.coarse = nn.Conv2D(3, CHANNELS, 4, stride=4)
            self.query, self.boxes = nn.Linear(2, CHANNELS), nn.Linear(2, 4)
            self.attention = MSDeformableAttention(CHANNELS, HEADS, 2, [2, 1], sampling)

        def forward(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
            """The queries of `points` [batch, queries, 2] after they have looked at `image`."""
            maps = [self.fine(inputs["image"]), self.coarse(inputs["image"])]
            memory = paddle.concat([each.flatten(2).transpose([0, 2, 1]) for each in maps], axis=1)
            sides = [(each.shape[2], each.shape[3]) for each in maps]
            query, boxes = self.query(inputs["points"]), self.boxes(inputs["points"]).unsqueeze(2)
            return {"boxes": query + self.attention(query, boxes, memory, sides)}

    paddle.seed(0)
    model = Detector()
    model.eval()
    return model


def spec() -> list[Any]:
    """What is exported: the batch is unknown."""
    from paddle.static import InputSpec

    image = InputSpec([-1, 3, 8, 12], "float32", name="image")
    return [{"image": image, "points": InputSpec([-1, 5, 2], "float32", name="points")}]


def main(way: str, out: str, remedy: str, sampling: str) -> None:
    """Export."""
    if way == "watch_before_import":
        import shapetrace

        with shapetrace.watch(remedies=remedy):
            import paddle

            return paddle.jit.save(build(sampling), out, input_spec=spec())
    import paddle

    if way == "to_static_then_save":
        return paddle.jit.save(paddle.jit.to_static(build(sampling), input_spec=spec(), full_graph=True), out)
    if way == "save_with_spec":
        return paddle.jit.save(build(sampling), out, input_spec=spec())
    if way == "save_in_function":

        def export(layer: Any) -> None:
            static = paddle.jit.to_static(layer, input_spec=spec())
            paddle.jit.save(static, out)

        return export(build(sampling))
    if way == "converted_first":
        static = paddle.jit.to_static(build(sampling), input_spec=spec(), full_graph=True)
        static.forward.concrete_program  # noqa: B018 - a conversion in dygraph mode, before `save` has one of its own
        return paddle.jit.save(static, out)
    if way == "other_default_dtype":
        model = build(sampling)
        paddle.set_default_dtype("float64")
        return paddle.jit.save(model, out, input_spec=spec())
    model = build(sampling)
    if way == "watch_after_build":
        import shapetrace

        with shapetrace.watch(remedies=remedy):
            return paddle.jit.save(model, out, input_spec=spec())
    assert way == "plugin_apply", way
    import shapetrace_rtdetrv2

    shapetrace_rtdetrv2.apply(model)
    paddle.jit.save(model, out, input_spec=spec())
    shapetrace_rtdetrv2.undo()


if __name__ == "__main__":
    main(*sys.argv[1:])
