"""`shapetrace why-not`."""

from __future__ import annotations

from pathlib import Path

import pytest

from example_traces import Program
from recorded_traces import Recordings
from shapetrace import Trace
from shapetrace.cli import main
from sizes_traces import encoder, pyramid, scaled


@pytest.fixture
def saved(tmp_path: Path) -> str:
    path = tmp_path / "pyramid.st"
    pyramid().save(path)
    return str(path)


@pytest.mark.parametrize("name", ["H", "image[2]"])
def test_the_op_its_numbers_and_the_nearest_sizes(name: str, saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why-not", "--size", f"{name}=500", saved]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Fpn.forward does not take image[2]=500 (with image[0]=1)",
        "  add wants (image[2] - 1)//4 + 1 and 2*((image[2] - 1)//8) + 2 to be equal, or one of them 1: 125 and 126",
        "    /home/ann/detector/decoder.py:32",
        "  nearest sizes of image[2] that are taken: 496 and 503",
    ]


def test_a_size_that_is_taken(saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why-not", "--size", "H=503,B=3", saved]) == 0
    assert capsys.readouterr().out == "Fpn.forward takes image[2]=503, image[0]=3\n"


def test_axes_that_are_equal_are_asked_about_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    encoder(512).save(tmp_path / "encoder.st")
    assert main(["why-not", "--size", "ids[1]=600", str(tmp_path / "encoder.st")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Encoder.forward does not take ids[1]=600, mask[1]=600 (with ")
    assert lines[1].endswith(": 600 and 512")
    assert lines[-1] == "  nearest sizes of mask[1] that are taken: 512"


@pytest.mark.parametrize(
    ("sizes", "answer"),
    [
        ("maps[0]=4,sizes[0]=1", ["takes maps[0]=4, sizes[0]=1, scales[0]=4"]),
        (
            "maps[0]=4,sizes[0]=1,scales[0]=1",
            ["does not take maps[0]=4, sizes[0]=1, scales[0]=1", "to be equal: 4 and 1"],
        ),
        ("maps[0]=4,sizes[0]=2", ["does not take maps[0]=4, sizes[0]=2, scales[0]=4", "or one of them 1: 2 and 4"]),
    ],
)
def test_axes_that_are_equal_may_be_asked_about_each(
    sizes: str, answer: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scaled().save(tmp_path / "scaled.st")
    assert main(["why-not", "--size", sizes, str(tmp_path / "scaled.st")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(part in line for part, line in zip(answer, lines, strict=False))


def test_sizes_that_do_not_fit_each_other_have_no_nearest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    encoder(512).save(tmp_path / "encoder.st")
    assert main(["why-not", "--size", "ids[1]=20,mask[1]=30", str(tmp_path / "encoder.st")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Encoder.forward does not take ids[1]=20, mask[1]=30 (with ids[0]=1, mask[0]=1)",
        "  multiply wants broadcast(ids[1], min(ids[1], 512)) and mask[1] to be equal, or one of them 1: 20 and 30",
        "    /home/ann/detector/decoder.py:42",
    ]


def square_tokens() -> Trace:
    """Tokens that become a map again, whose side is the root of their number."""
    trace = Trace()
    program = Program(trace, "Tokens.forward")
    x = program.input("x", "S0; S1; 8")
    side = "Int(Root(S1))"
    program.op("pd_op.reshape", (x,), f"S0; 8; {side}; {side}")
    return trace


@pytest.mark.parametrize(
    ("size", "last"),
    [(63, "  nearest sizes of x[1] that are taken: 49 and 64"), (64, "Tokens.forward takes x[1]=64 (with x[0]=1)")],
)
def test_one_size_of_an_axis_that_is_not_decided(
    size: int, last: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    square_tokens().save(tmp_path / "tokens.st")
    assert main(["why-not", "--size", f"x[1]={size}", str(tmp_path / "tokens.st")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == last


@pytest.mark.paddle
def test_a_size_of_a_dim_that_has_leaked(
    recorded: Recordings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded.trace("models.to_float:broken").save(tmp_path / "leak.st")
    assert main(["why-not", "--size", "x[1]=7", str(tmp_path / "leak.st")]) == 0
    first, reason, place = capsys.readouterr().out.splitlines()
    assert first == "whether Broken.forward takes x[1]=7 is not decided:"
    assert reason.startswith("  ST301: ")
    assert "to_float.py:" in place


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ("K=3", "there is no axis K: there are image[0], image[1], image[2], image[3]"),
        ("image[3]=65", "image[3] is 64 in the spec, and no size of the export"),
        ("H=0", "the size of H is 0; it is a positive int"),
        ("H", "--size H is not of the form B=2,H=320"),
    ],
)
def test_what_cannot_be_asked(size: str, message: str, saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why-not", "--size", size, saved]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
