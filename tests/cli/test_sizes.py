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
        "modulus": 8,
        "residues": [0, 7],
        "also": [1, 2],
        "at_least": None,
        "at_most": None,
        "values": None,
        "undecided": [],
    }
    assert [(each["line"], each["op"]) for each in because] == [(32, "add"), (31, "add")]
    assert (found["equal"], found["together"], found["proven"]) == ([], [], False)


def test_axes_that_are_equal_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    encoder(512).save(tmp_path / "encoder.st")
    assert main(["sizes", "--json", str(tmp_path / "encoder.st")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["equal"] == [["ids[0]", "mask[0]"], ["ids[1]", "mask[1]"]]
    assert [axis["at_most"] for axis in found["axes"]] == [None, 512, None, 512]


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
