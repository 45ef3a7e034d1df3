"""What is said of a config of PaddleDetection. The config is data: PaddleDetection is not needed."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from shapetrace.doctor import detection_config

RTDETR = {
    "architecture": "DETR",
    "eval_size": [640, 640],
    "export": {"post_process": True, "nms": True, "benchmark": False},
    "DETR": {"backbone": "ResNet", "transformer": "RTDETRTransformerv2"},
    "ResNet": {"depth": 18},
    "RTDETRTransformerv2": {"feat_strides": [8, 16, 32], "num_levels": 3, "num_decoder_points": [4, 4, 4]},
    "Unused": {"num_levels": 3, "num_decoder_points": [4]},
    "TestReader": {"inputs_def": {"image_shape": [3, 640, 640]}},
}


def said(**changes: Any) -> list[tuple[str, str]]:
    """Level and text of the lines that are not ok, where these keys are others. A dict changes a section's keys."""
    config: dict[str, Any] = {
        **RTDETR,
        **{
            key: {**RTDETR[key], **value} if isinstance(value, dict) and isinstance(RTDETR.get(key), dict) else value
            for key, value in changes.items()
        },
    }
    return [(line.level, str(line.seen)) for line in detection_config.examined(config, "x.yml") if line.level != "ok"]


def image(*shape: int | None) -> dict[str, Any]:
    return {"TestReader": {"inputs_def": {"image_shape": list(shape)}}}


UNKNOWN_BATCH = ("note", "the batch is unknown in the export")


def test_a_sound_config_gets_a_note_on_its_batch() -> None:
    assert said() == [UNKNOWN_BATCH]


@pytest.mark.parametrize(
    ("section", "seen"),
    [
        ({"num_decoder_points": [4, 4]}, "num_decoder_points has 2 levels, num_levels is 3"),
        ({"num_levels": 2, "num_decoder_points": 4}, "feat_strides has 3 levels, num_levels is 2"),
    ],
)
def test_levels_must_agree(section: dict[str, Any], seen: str) -> None:
    level, text = said(RTDETRTransformerv2=section)[0]
    assert level == "error"
    assert f"RTDETRTransformerv2: {seen}" in text


def test_levels_that_are_added_above_are_fine() -> None:
    assert said(RTDETRTransformerv2={"num_levels": 4, "num_decoder_points": 4}) == [UNKNOWN_BATCH]


@pytest.mark.parametrize(("size", "levels", "largest"), [(650, 3, 32), (672, 4, 64)])
def test_the_image_must_be_a_multiple_of_the_largest_stride(size: int, levels: int, largest: int) -> None:
    section = {"num_levels": levels, "num_decoder_points": 4}
    [_, (level, text)] = said(**image(3, 640, size), eval_size=None, RTDETRTransformerv2=section)
    assert level == "warning"
    assert f"{size} is no multiple of {largest}, the largest stride" in text


def test_a_fixed_batch_that_the_trainer_undoes() -> None:
    [(level, text)] = said(**image(1, 3, 640, 640))
    assert level == "warning"
    assert "you asked for batch 1, None will arrive" in text


@pytest.mark.parametrize("export", [{"post_process": False}, {"benchmark": True}])
def test_a_fixed_batch_that_arrives(export: dict[str, Any]) -> None:
    assert said(**image(1, 3, 640, 640), export=export) == []


@pytest.mark.parametrize("shape", [(3, -1, -1), (None, 3, 640, -1)])
def test_eval_size_beside_unknown_height_or_width(shape: tuple[int | None, ...]) -> None:
    [_, (level, text)] = said(**image(*shape))
    assert level == "error"
    assert "eval_size is [640, 640] while height or width is unknown" in text
    assert said(**image(*shape), eval_size=None) == [UNKNOWN_BATCH]


def test_eval_size_beside_another_size() -> None:
    [_, (level, text)] = said(**image(3, 320, 320))
    assert level == "error"
    assert "eval_size is [640, 640], the image 320 x 320" in text


def test_without_a_shape_the_trainers_default_counts() -> None:
    assert detection_config.image_shape({"TestReader": {}}) == [None, 3, -1, -1]


@pytest.mark.parametrize(
    ("arguments", "config"),
    [
        (["-c", "a/b.yml", "-o", "x=1"], "a/b.yml"),
        (["--config=b.yaml"], "b.yaml"),
        (["-c"], None),
        (["-c", "print()"], None),
        ([], None),
    ],
)
def test_the_config_that_arguments_name(arguments: list[str], config: str | None) -> None:
    assert detection_config.named(arguments) == config


def test_a_config_of_something_else_is_left_alone() -> None:
    assert detection_config.lines("train.py", ["-c", "b.yml"]) == []


@pytest.mark.skipif("ppdet" in sys.modules, reason="PaddleDetection was imported")
def test_without_paddledetection_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ppdet.core", None)
    [line] = detection_config.lines("tools/export_model.py", ["-c", "b.yml"])
    assert (line.level, line.subject) == ("note", "config")
    assert "b.yml was not checked" in str(line.seen)
