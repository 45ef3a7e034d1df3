"""Compares what is written beside the lines of the real RT-DETRv2 with what they make in dygraph.

Run in a checkout of PaddleDetection, with `tests` on the path:

    python real_rtdetrv2.py [batch | sizes]

`batch`: the batch is unknown; `sizes`: height and width are, too. Prints how many shapes were compared; exits with 1 where one differs.
"""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any

import paddle
from paddle.static import InputSpec

import shapetrace
from annotated.test_truth import agrees, claims, ran, seen
from dygraph_lines import Listening

CONFIG = "configs/rtdetrv2/rtdetrv2_r18vd_120e_coco.yml"
SIZES = {"batch": ((1, 640, 640), (2, 640, 640)), "sizes": ((1, 320, 416), (2, 640, 512))}


def built(which: str) -> Any:
    """The model with random weights; with unknown sizes no anchors are kept for one size."""
    sys.path.insert(0, os.getcwd())
    from ppdet.core.workspace import create, load_config

    settings = load_config(CONFIG)
    settings["weights"] = settings["pretrain_weights"] = None
    for section in [settings, *(part for part in settings.values() if isinstance(part, dict))]:
        if section.get("pretrained"):
            section["pretrained"] = None
        if which == "sizes" and "eval_size" in section:
            section["eval_size"] = None
    model = create(settings["architecture"])
    model.eval()
    for layer in model.sublayers():
        if hasattr(layer, "convert_to_deploy"):
            layer.convert_to_deploy()
    return model


def main(which: str) -> int:
    """Run from the command line."""
    model = built(which)
    dygraph = model.forward
    size = 640 if which == "batch" else -1
    spec = {"image": [-1, 3, size, size], "im_shape": [-1, 2], "scale_factor": [-1, 2]}
    specs = {name: InputSpec(shape, "float32", name=name) for name, shape in spec.items()}
    with tempfile.TemporaryDirectory() as folder, shapetrace.watch(remedies=["rtdetrv2"]) as trace:
        paddle.jit.save(paddle.jit.to_static(model, input_spec=[specs]), f"{folder}/model")
    print(trace)
    model.forward = dygraph
    compared, wrong = 0, []
    for batch, height, width in SIZES[which]:
        given = {
            "image": paddle.rand([batch, 3, height, width]),
            "im_shape": paddle.to_tensor([[float(height), float(width)]] * batch),
            "scale_factor": paddle.ones([batch, 2]),
        }
        listening = Listening()
        sys.settrace(listening)
        try:
            model(given)
        finally:
            sys.settrace(None)
        run = [list(each) for each in listening.seen]
        shapes = [list(given[each.name].shape) for each in trace.conversions[-1].inputs]
        for place, claim in claims(trace, shapes):
            if ran(run, place):
                compared += 1
                if not agrees(claim, seen(run).get(place, [])):
                    wrong.append(f"{place} has {claim} at {shapes}, and dygraph {seen(run).get(place)}")
    print(f"{compared} compared, {len(wrong)} wrong", *wrong, sep="\n")
    return 1 if wrong or not compared else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
