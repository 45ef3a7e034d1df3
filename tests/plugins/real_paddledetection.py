"""What is tried on PaddleDetection itself. Run it in a checkout, each time in a process of its own.

python real_paddledetection.py look WEIGHTS         compare the functions with the repaired ones, probe, save WEIGHTS
python real_paddledetection.py compare WEIGHTS MODEL    compare an exported model with dygraph
"""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy as np

sys.path.insert(0, os.getcwd())

import paddle
from ppdet.core.workspace import create, load_config
from ppdet.modeling.transformers import utils

from plugins import same_bits
from shapetrace.remedies import applying
from shapetrace_rtdetrv2 import RTDETRv2

CONFIG = "configs/rtdetrv2/rtdetrv2_r18vd_120e_coco.yml"


def model() -> Any:
    config = load_config(CONFIG)
    config["pretrain_weights"] = None
    paddle.seed(0)
    return create(config.architecture)


def look(weights: str) -> None:
    for seed in same_bits.SEEDS:
        same_bits.check(utils, seed)
    found = applying.probe(RTDETRv2())
    assert found.state == "present", found
    paddle.save(model().state_dict(), weights)


def compare(weights: str, exported: str) -> None:
    """The export merges branches of convolutions, so the last bits may differ, and with them the order of equal scores."""
    detector, loaded = model(), paddle.jit.load(exported)
    detector.set_state_dict(paddle.load(weights))
    detector.eval()
    for batch in (1, 2):
        image = np.random.RandomState(batch).rand(batch, 3, 640, 640).astype("float32")
        given = {
            "image": paddle.to_tensor(image),
            "im_shape": paddle.full([batch, 2], 640.0),
            "scale_factor": paddle.ones([batch, 2]),
        }
        expected = detector(given)
        boxes, counts = loaded(given["im_shape"], given["image"], given["scale_factor"])
        assert counts.tolist() == expected["bbox_num"].tolist()
        got, wanted = (found.numpy().reshape(batch, -1, 1, 6) for found in (boxes, expected["bbox"]))
        np.testing.assert_allclose(got[..., 1], wanted[..., 1], rtol=1e-4)
        same = np.isclose(got, wanted.swapaxes(1, 2), rtol=1e-4, atol=1e-4).all(axis=-1)  # each with each of its image
        assert same.any(axis=1).all()
        assert same.any(axis=2).all()


if __name__ == "__main__":
    {"look": look, "compare": compare}[sys.argv[1]](*sys.argv[2:])
