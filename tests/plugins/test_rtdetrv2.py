"""The remedy `rtdetrv2` finds the bug and repairs exports, of a stand-in and, where there is one, of PaddleDetection."""

from __future__ import annotations

import functools
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shapetrace_rtdetrv2
from shapetrace.patching import Transaction
from shapetrace.remedies import applying
from shapetrace_rtdetrv2 import patch
from subprocess_run import run_python

pytestmark = pytest.mark.paddle

LAYER = "MSDeformableAttention"
NEWER, OLDER = "deformable_attention_core_func_v2", "deformable_attention_core_func"


def layer() -> Any:
    module = importlib.import_module("ppdet.modeling.transformers.rtdetr_transformerv2")
    return module.MSDeformableAttention(8, 2, 2, [2, 1])


# --- probing


def test_the_bug_is_found_where_a_partial_keeps_the_function(stand_in: None) -> None:
    layer()
    found = applying.probe(shapetrace_rtdetrv2.RTDETRv2())
    assert (found.state, str(found.reason)) == (
        "present",
        "deformable_attention_core_func_v2 cannot be called with an unknown batch in a conversion",
    )


@pytest.fixture
def older(stand_in: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module of the older layer, in a release that does not have the newer one."""
    monkeypatch.delattr(importlib.import_module("ppdet.modeling.transformers.rtdetr_transformerv2"), LAYER)
    return importlib.import_module("ppdet.modeling.transformers.deformable_transformer")


def test_a_function_that_the_conversion_rewrites_has_no_bug(older: Any) -> None:
    assert applying.probe(shapetrace_rtdetrv2.RTDETRv2()).state == "absent"


def test_both_functions_can_have_the_bug(stand_in: None, monkeypatch: pytest.MonkeyPatch) -> None:
    layer()
    utils = importlib.import_module("ppdet.modeling.transformers.utils")
    monkeypatch.setattr(utils, OLDER, functools.partial(getattr(utils, OLDER)))
    assert "deformable_attention_core_func_v2 and deformable_attention_core_func cannot" in (
        str(applying.probe(shapetrace_rtdetrv2.RTDETRv2()).reason)
    )
    with Transaction() as transaction:
        shapetrace_rtdetrv2.RTDETRv2().apply(transaction)
    try:
        assert applying.probe(shapetrace_rtdetrv2.RTDETRv2()).state == "absent"
    finally:
        transaction.undo()


def test_a_compiled_op_has_no_bug(older: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.import_module("ppdet.modeling.transformers.utils"), OLDER, max)
    assert applying.probe(shapetrace_rtdetrv2.RTDETRv2()).state == "absent"


def test_without_paddledetection_it_does_not_apply(stand_in: None) -> None:
    found = applying.probe(shapetrace_rtdetrv2.RTDETRv2())
    assert (found.state, str(found.reason)) == (
        "not-applicable",
        "ppdet.modeling.transformers.utils was never imported",
    )
    assert patch.MODULE not in sys.modules


def test_once_repaired_the_bug_is_absent_and_back_when_undone(stand_in: None) -> None:
    layer()
    shapetrace_rtdetrv2.apply()
    assert applying.probe(shapetrace_rtdetrv2.RTDETRv2()).state == "absent"
    shapetrace_rtdetrv2.undo()
    assert applying.probe(shapetrace_rtdetrv2.RTDETRv2()).state == "present"


def test_a_probe_leaves_names_and_random_numbers_alone(stand_in: None) -> None:
    import paddle

    layer()
    paddle.seed(7)
    with paddle.utils.unique_name.guard():
        expected = paddle.nn.Linear(2, 2)
    paddle.seed(7)
    with paddle.utils.unique_name.guard():
        applying.probe(shapetrace_rtdetrv2.RTDETRv2())
        got = paddle.nn.Linear(2, 2)
    assert got.weight.name == expected.weight.name
    assert np.array_equal(got.weight.numpy(), expected.weight.numpy())


# --- exports


@pytest.fixture(scope="module")
def exports() -> dict[str, Any]:
    """What `rtdetrv2_exports.py` saw."""
    done = run_python(["-m", "plugins.rtdetrv2_exports"])
    assert done.returncode == 0, done.stderr
    return {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}


UNKNOWN = ("batch", "queries", "sides", "batch and queries", "batch and sides", "everything")
HARMLESS = ("default, queries", "default, sides")
"""Where the numbers that the function reads are right by luck: a reshape infers or is given them."""


@pytest.mark.parametrize("unknown", UNKNOWN)
@pytest.mark.parametrize("sampling", ["default", "discrete"])
def test_an_export_equals_dygraph_with_the_remedy_and_not_without(
    sampling: str, unknown: str, exports: dict[str, Any]
) -> None:
    without = exports[f"{sampling}, {unknown}: plain"]
    repaired = exports[f"{sampling}, {unknown}: watched"]
    if f"{sampling}, {unknown}" not in HARMLESS:
        assert "equal" not in without["runs"]
    assert repaired["runs"] == ["equal", "equal", "equal"]
    assert repaired["remedy"] == "rtdetrv2"
    assert repaired["changes"] == [f"replaced {patch.MODULE}.{NEWER}.__code__"]
    assert repaired["notes"] == []


def test_a_batch_and_sides_that_are_unknown_give_a_model_that_fails(exports: dict[str, Any]) -> None:
    import paddle

    if paddle.__version__.startswith("2."):
        pytest.skip("Paddle 2 refuses to export it")
    assert exports["default, batch and sides: plain"]["refused"] is None
    assert exports["default, batch and sides: plain"]["runs"] == ["fails", "fails", "fails"]


@pytest.mark.parametrize(
    "case",
    [
        "built_inside",
        "applied_before",
        "applied_after",
        "applied_to_model",
        "before_and_after_a_watch",
        "auto",
        "vendored: applied",
        "older: applied",
    ],
)
def test_it_does_not_matter_when_the_model_was_built(case: str, exports: dict[str, Any]) -> None:
    assert exports[case]["runs"] == ["equal", "equal", "equal"]


@pytest.mark.parametrize("case", ["vendored: plain", "older: plain"])
def test_the_others_fail_without_it(case: str, exports: dict[str, Any]) -> None:
    assert "shape[0] = -2" in exports[case]["refused"]


def test_it_is_gone_afterwards(exports: dict[str, Any]) -> None:
    around = exports["before_and_after_a_watch"]
    assert "shape[0] = -2" in around["before"]["refused"]
    assert around["afterwards"] == around["before"]
    assert "shape[0] = -2" in exports["applied_after"]["afterwards"]["refused"]
    assert "shape[0] = -2" in exports["older: applied"]["afterwards"]["refused"]


# --- PaddleDetection itself

CHECKOUT = os.environ.get("SHAPETRACE_PADDLEDETECTION", "")
real = pytest.mark.skipif(not CHECKOUT, reason="SHAPETRACE_PADDLEDETECTION names no checkout of PaddleDetection")
CONFIG = "configs/rtdetrv2/rtdetrv2_r18vd_120e_coco.yml"


def run_there(*arguments: str | Path) -> str:
    """Run Python in the checkout. Returns what it said."""
    done = run_python(arguments, cwd=Path(CHECKOUT), memory=12 << 30)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@real
def test_the_real_rtdetrv2_is_exported(tmp_path: Path) -> None:
    script, weights = Path(__file__).with_name("real_paddledetection.py"), tmp_path / "weights.pdparams"
    export = ["tools/export_model.py", "-c", CONFIG, "--output_dir", str(tmp_path)]
    options = ["-o", f"weights={weights}", "pretrain_weights=null", "use_gpu=false"]

    run_there(script, "look", weights)
    said = run_there("-m", "shapetrace", "run", "--remedy", "rtdetrv2", "--fail-on", "warning", *export, *options)
    assert "no findings in 1 conversion" in said
    run_there(script, "compare", weights, tmp_path / "rtdetrv2_r18vd_120e_coco" / "model")


@real
def test_the_stand_in_is_like_the_real_attention() -> None:
    run_there(
        Path(__file__).with_name("real_paddledetection.py"), "stand-in", Path(__file__).parent / "ppdet_like" / "ppdet"
    )
