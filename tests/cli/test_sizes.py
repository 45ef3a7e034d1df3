"""`shapetrace sizes`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shapetrace import Trace
from shapetrace.cli import main
from sizes_traces import encoder, pyramid


@pytest.fixture
def saved(tmp_path: Path) -> str:
    path = tmp_path / "pyramid.st"
    pyramid().save(path)
    return str(path)


def test_the_sizes_of_a_trace(saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sizes", saved]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Fpn.forward takes:"
    assert lines[1] == "  image[0]  any size"
    assert lines[3].startswith("  image[2]  a multiple of 8; exactly, ")
    assert "      /home/ann/detector/decoder.py:32" in lines
    assert lines[-1] == "  derived, not run"


def test_the_json_form(saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sizes", "--json", saved]) == 0
    found = json.loads(capsys.readouterr().out)
    height = next(axis for axis in found["axes"] if axis["axis"] == 2)
    because = height.pop("because")
    assert height == {
        "input": "image",
        "axis": 2,
        "symbol": "image[2]",
        "state": "constrained",
        "says": "a multiple of 8; exactly, any size that leaves 0 or 7 when divided by 8, and 1 and 2",
        "multiple_of": 8,
        "square_and": None,
        "modulus": 8,
        "residues": [0, 7],
        "also": [1, 2],
        "at_least": None,
        "at_most": None,
        "values": None,
        "undecided": [],
        "held": {},
        "alone": None,
        "remarks": [],
    }
    assert [(each["line"], each["op"]) for each in because] == [(32, "add"), (31, "add")]
    assert (found["equal"], found["together"], found["proven"]) == ([], [], False)


def test_axes_that_are_equal_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    encoder(512).save(tmp_path / "encoder.st")
    assert main(["sizes", "--json", str(tmp_path / "encoder.st")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["equal"] == [["ids[0]", "mask[0]"], ["ids[1]", "mask[1]"]]
    assert found["or_one"] == found["equal"]
    assert [axis["at_most"] for axis in found["axes"]] == [None, 512, None, 512]


RANGE = ("--range", "B=1..8,H=32*k:320..640", "--opt", "B=4,H=512")


def test_the_ranges_of_a_trace(saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sizes", *RANGE, saved]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "       min         opt         max",
        "image  1x3x320x64  4x3x512x64  8x3x640x64",
    ]
    assert captured.err.endswith("an engine for 320 to 640 does not check that\n")


def test_the_ranges_for_an_engine_can_be_pasted(saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sizes", *RANGE, "--for", "tensorrt", saved]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "--optShapes=image:4x3x512x64"


def test_ranges_in_json_and_of_tensors_within(saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sizes", *RANGE, "--json", "--inner", saved]) == 0
    found = json.loads(capsys.readouterr().out)["ranges"]
    assert found["inputs"] == {"image": {"min": [1, 3, 320, 64], "opt": [4, 3, 512, 64], "max": [8, 3, 640, 64]}}
    assert len(found["notes"]) == 1
    first = found["tensors"][0]
    assert (first["op"], first["line"], first["max"]) == ("pd_op.conv2d", 20, [8, 8, 320, 32])
    assert main(["sizes", *RANGE, "--inner", saved]) == 0
    row = capsys.readouterr().out.splitlines()[2].split()
    assert row[1:] == ["conv2d", "1x8x160x32", "4x8x256x32", "8x8x320x32", "/home/ann/detector/decoder.py:20"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--for", "tensorrt"], "image[0] has no range: --range image[0]=1..8 says one"),
        (["--range", "B=1,H=500"], "the nearest sizes that are taken: 496 and 503"),
        (["--range", "B=1,H=64", "--opt", "H"], "--opt H is not of the form B=2,H=320"),
    ],
)
def test_a_range_that_cannot_be_had(
    options: list[str], message: str, saved: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sizes", *options, saved]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nowhere.st", "cannot read the trace nowhere.st"),
        ("nowhere.py:build", "there is no file nowhere.py"),
        ("EMPTY", "the trace holds no conversion"),
    ],
)
def test_what_cannot_be_told_is_said_in_one_sentence(
    source: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if source == "EMPTY":
        source = str(tmp_path / "empty.st")
        Trace().save(source)
    assert main(["sizes", source]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
