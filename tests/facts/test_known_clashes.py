"""The table of what engines and converters do wrong: what it is read for, and that the docs have it."""

from __future__ import annotations

import re

import pytest

from shapetrace.doctor import clashes, versions
from shapetrace.facts import known_clashes
from subprocess_run import ROOT


def test_the_page_has_a_row_for_each() -> None:
    page = (ROOT / "docs/reference/known-clashes.md").read_text(encoding="utf-8")
    rows = [row.removeprefix("| ").split(" | ") for row in page.splitlines() if row.startswith("| ")][2:]
    rows = [row for row in rows if len(row) == 5]
    wanted = [[each.where, str(each.says), ", ".join(each.measured)] for each in known_clashes.KNOWN]
    assert [row[:3] for row in rows] == wanted
    for row, each in zip(rows, known_clashes.KNOWN, strict=True):
        assert all(thread in row[3] for thread in each.threads)
        assert row[4] == f"{each.do} |"


@pytest.mark.parametrize("known", known_clashes.KNOWN, ids=lambda known: str(known.says)[:40])
def test_it_was_measured_on_versions_that_it_names(known: known_clashes.Clash) -> None:
    assert known.measured and known.do
    assert all(versions.within(version, *known.paddle) for version in known.measured)
    re.compile(known.message), re.compile(known.ops)


@pytest.mark.parametrize(
    ("where", "message", "op", "do"),
    [
        ("Paddle2ONNX", "Can not get input 'axis(dim)' value.", "pd_op.mean", "name the axes"),
        ("Paddle2ONNX", "[OP: pd_op.pool2d] Adaptive only support static input shape.", "pd_op.pool2d", "fix height"),
        (
            "Paddle2ONNX",
            "the 0th elementwise MUST be ir::FloatAttribute",
            "pd_op.bilinear_interp",
            "convert with Paddle",
        ),
        ("Paddle Inference", "the output differs in 3 of 5 values", "pd_op.pool2d", "config.disable_mkldnn()"),
        ("Paddle Inference", "the output differs in 3 of 5 values", "pd_op.conv2d", ""),
        ("Paddle2ONNX", "something new", "pd_op.conv2d", ""),
        (
            "Paddle2ONNX",
            "Cannot convert split op, due to target dimension is dynamic.",
            "pd_op.split_with_num",
            "take the parts by slices",
        ),
        ("Paddle2ONNX", "running Tile node. Name:'Tile.0'", "pd_op.repeat_interleave", "repeat by a new axis"),
        ("Paddle2ONNX", "running Tile node. Name:'Tile.0'", "pd_op.tile", ""),
        ("Paddle2ONNX", "Graph output (fetch_name_0) does not exist in the graph.", "pd_op.roll", "put the parts"),
        ("Paddle2ONNX", "Node input 'a' is not a graph input, initializer, or output of", "pd_op.array_write_", ""),
        (
            "Paddle2ONNX",
            "Node input 'a' is not a graph input, initializer, or output of a previous node.",
            "pd_op.array_write_",
            "compute all rows at once",
        ),
        ("Paddle2ONNX", 'Input tensor isn\'t found for node "a"', "pd_op.roll", "put the parts"),
        ("OpenVINO", "OpConversionFailure: -- Loop-17 with a message", "pd_op.while", "serve it in ONNX Runtime"),
        ("Paddle2ONNX", "OpConversionFailure: -- Loop-17 with a message", "pd_op.while", ""),
        ("Paddle Inference", "it died of SIGSEGV", "pd_op.leaky_relu", "config.disable_mkldnn()"),
        ("Paddle Inference", "it died of SIGSEGV", "pd_op.conv2d", ""),
        ("Paddle Inference", "RuntimeError: std::exception", "pd_op.pad3d", "crop by a slice"),
        ("Paddle Inference", "The size 0 of regions must be equal to 2.", "pd_op.if", "leave the if out"),
        ("Paddle Inference", "The size 0 of regions must be equal to 2.", "pd_op.while", ""),
    ],
)
def test_what_is_known_of_a_failure(where: known_clashes.Where, message: str, op: str, do: str) -> None:
    known = known_clashes.of_failure((where,), message, op)
    assert (str(known.do)[: len(do)] if known else "") == do


@pytest.mark.parametrize(
    ("packages", "told"),
    [
        ({"paddlepaddle": "3.3.1", "paddle2onnx": "2.1.0"}, ["Paddle2ONNX", "Paddle Inference", "Paddle Inference"]),
        ({"paddlepaddle": "3.3.1"}, ["Paddle Inference", "Paddle Inference"]),
        ({"paddlepaddle-gpu": "3.2.2", "paddle2onnx": "2.1.0"}, ["Paddle Inference", "Paddle Inference"]),
        ({"paddlepaddle": "2.6.2", "paddle2onnx": "1.2.11"}, []),
        ({"paddle2onnx": "2.1.0"}, []),
    ],
)
def test_the_installed_versions_are_told_before_a_conversion(
    packages: dict[str, str], told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "installed", packages.get)
    lines = clashes.lines()
    assert [line.subject for line in lines] == told
    assert {line.level for line in lines if line.subject == "Paddle2ONNX"} <= {"warning"}
