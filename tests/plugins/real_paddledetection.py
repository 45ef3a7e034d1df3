"""What is tried on PaddleDetection itself. Run it in a checkout, each time in a process of its own.

python real_paddledetection.py look WEIGHTS         compare the functions with the repaired ones, probe, save WEIGHTS
python real_paddledetection.py compare WEIGHTS MODEL    compare an exported model with dygraph
python real_paddledetection.py stand-in PACKAGE     compare attention with that of a package of the same modules, `ppdet_like/ppdet`
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from types import ModuleType
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


def stand_in(package: str) -> None:
    """The stand-in gives what the original gives, from the same weights and buffers, by either way of sampling."""
    theirs = sys.modules["ppdet.modeling.transformers.rtdetr_transformerv2"]
    ours, our_utils = other_modules(Path(package))
    for seed in same_bits.SEEDS:
        inputs = same_bits.drawn(seed)
        for got, wanted in zip(same_bits.results(our_utils, inputs), same_bits.results(utils, inputs), strict=True):
            np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)
    for points, sampling in ((4, "default"), ([3, 6], "discrete")):
        settings = {"embed_dim": 32, "num_heads": 4, "num_levels": 2, "num_points": points, "sampling_method": sampling}
        original, attention = (module.MSDeformableAttention(**settings) for module in (theirs, ours))
        assert {*dict(original.named_buffers())} == {*dict(attention.named_buffers())}
        missing, unexpected = attention.set_state_dict(original.state_dict())
        assert not missing and not unexpected
        random = np.random.RandomState(0)
        sizes = [[4, 6], [2, 3]]
        query, boxes, value = (
            paddle.to_tensor(random.rand(*shape).astype("float32")) for shape in ((2, 5, 32), (2, 5, 1, 4), (2, 30, 32))
        )
        np.testing.assert_allclose(
            attention(query, boxes, value, sizes).numpy(),
            original(query, boxes, value, sizes).numpy(),
            rtol=1e-4,
            atol=1e-5,
        )


def other_modules(package: Path) -> tuple[ModuleType, ModuleType]:
    """The attention and its functions of another package `ppdet`, imported beside this one."""
    imported = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "ppdet"}
    sys.path.insert(0, str(package.parent))
    try:
        names = ("rtdetr_transformerv2", "utils")
        attention, functions = (importlib.import_module(f"ppdet.modeling.transformers.{name}") for name in names)
    finally:
        sys.path.remove(str(package.parent))
        sys.modules.update(imported)
    assert Path(str(functions.__file__)).is_relative_to(package)
    return attention, functions


if __name__ == "__main__":
    {"look": look, "compare": compare, "stand-in": stand_in}[sys.argv[1]](*sys.argv[2:])
