"""The contract of an export, and the check that needs nothing but Python."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from example_traces import Program
from shapetrace import Trace
from shapetrace.cli import main
from shapetrace.said import said
from shapetrace.sizes import checking, ranges
from shapetrace.sizes.deriving import derived
from shapetrace.sizes.document import document
from shapetrace.sizes.results import Because, Tie, TieKind
from shapetrace.symbolic.form import Node
from sizes_traces import concatenated, encoder, pyramid, scaled, squares, stepped

IMAGES = document(derived(pyramid()))
WORDS = document(derived(encoder(512)))


@pytest.mark.parametrize("size", range(1, 70))
def test_it_takes_what_is_derived(size: int) -> None:
    axis = derived(pyramid())[0].axis("image[2]")
    assert checking.takes(IMAGES["axes"][2], size) == (size in axis.pattern)


@pytest.mark.parametrize("size", range(1, 70))
def test_it_takes_the_squares_that_are_derived(size: int) -> None:
    trace = squares(1)
    assert checking.takes(document(derived(trace))["axes"][0], size) == (size in (2, 5, 10, 17, 26, 37, 50, 65))


@pytest.mark.parametrize(
    ("contract", "shapes", "message"),
    [
        (IMAGES, {"image": [1, 3, 500, 64]}, r"image\[2\] is 500, and must be a multiple of 8; .* \(decoder.py:32\)"),
        (IMAGES, {"image": [1, 4, 64, 64]}, r"image\[1\] is 4, and must be 3, by the spec"),
        (IMAGES, {"image": [3, 64, 64]}, "image has 3 axes, and must have 4"),
        (IMAGES, {"picture": [3]}, "picture has 1 axes, and must have 0"),
        (WORDS, {"ids": [2, 513]}, r"ids\[1\] is 513, and must be any size up to 512 \(decoder.py:41\)"),
        (WORDS, {"ids": [2, 8], "mask": [2, 9]}, r"ids\[1\] and mask\[1\] must be equal: ids\[1\] is 8, mask\[1\] is 9"),
    ],
)  # fmt: skip
def test_what_is_not_taken_is_told_with_its_line(contract: dict, shapes: dict, message: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(ValueError, match=message):
        checking.check(contract, **shapes)


def test_only_what_is_broadcast_may_be_1_alone() -> None:
    contract = document(derived(concatenated()))
    with pytest.raises(ValueError, match=r"a\[0\] and b\[0\] must be equal: a\[0\] is 1, b\[0\] is 4"):
        checking.check(contract, a=(1, 8), b=(4, 8))
    checking.check(contract, a=(1, 8), b=(1, 8))
    long = {**WORDS, "axes": [{**axis, "at_least": 7 if axis["axis"] else None} for axis in WORDS["axes"]]}
    checking.check(long, ids=(2, 9), mask=(2, 1))
    with pytest.raises(ValueError, match=r"ids\[1\] is 1, and must be any size up to 512"):
        checking.check(long, ids=(2, 1), mask=(2, 1))


def test_each_of_two_axes_may_be_1_but_not_both() -> None:
    contract = json.loads(json.dumps(document(derived(scaled()))))
    maps = (4, 255, 8, 8)
    for sizes, scales in ((4, 4), (1, 4), (4, 1)):
        checking.check(contract, maps=maps, sizes=(sizes, 2), scales=(scales, 2))
    checking.check(contract, maps=maps, sizes=(1, 2))
    with pytest.raises(ValueError, match=r"must be equal: maps\[0\] is 4, sizes\[0\] is 1, scales\[0\] is 1"):
        checking.check(contract, maps=maps, sizes=(1, 2), scales=(1, 2))


def test_what_ties_axes_is_computed_anew() -> None:
    """Two images that are compared in steps of 4: any sizes of as many steps, of which an axis alone cannot tell."""
    contract = json.loads(json.dumps(document(derived(stepped()))))
    assert contract["axes"][0]["alone"]["at_least"] == 4
    for before, after in ((32, 35), (65, 64), (7, 60), (500, 500)):
        checking.check(contract, before=(before, 8), after=(after, 8))
    with pytest.raises(
        ValueError, match=r"before\[0\] is 32, after\[0\] is 36, and subtract wants .* \(decoder.py:20\)"
    ):
        checking.check(contract, before=(32, 8), after=(36, 8))
    with pytest.raises(ValueError, match=r"after\[0\] is 3, and must be any size from 4 on"):
        checking.check(contract, before=(32, 8), after=(3, 8))
    checking.check(contract, before=(32, 8))


def test_a_tie_to_what_was_broadcast() -> None:
    program = Program(Trace())
    a, b, c = (program.input(name, f"S{place}; 8") for place, name in enumerate("abc"))
    half = program.op("pd_op.pool2d", (a,), "Div(S0, 2); 8")
    both = program.op("pd_op.add", (half, b), "Broadcast(Div(S0, 2), S1); 8")
    program.op("pd_op.add", (both, c), "Broadcast(Div(S0, 2), S1, S2); 8")
    contract = json.loads(json.dumps(document(derived(program.trace))))
    for sizes in ((8, 4, 4), (8, 1, 4), (2, 3, 3), (8, 4, 1), (2, 1, 3)):
        checking.check(contract, **{name: (size, 8) for name, size in zip("abc", sizes, strict=True)})
    for sizes, told in (((8, 4, 3), r"c\[0\] is 3"), ((2, 3, 4), r"c\[0\] is 4"), ((8, 3, 1), r"b\[0\] is 3")):
        with pytest.raises(ValueError, match=rf"{told}, and add wants .* to be equal, or one of them 1"):
            checking.check(contract, **{name: (size, 8) for name, size in zip("abc", sizes, strict=True)})


def test_a_tie_to_an_axis_that_is_left_out_or_1_goes_by_its_equal() -> None:
    program = Program(Trace())
    a, b, c = (program.input(name, f"S{place}; 8") for place, name in enumerate("abc"))
    both = program.op("pd_op.add", (a, b), "Broadcast(S0, S1); 8")
    parts = program.op("pd_op.pool2d", (both,), "Div(Broadcast(S0, S1), 4); 8")
    program.op("pd_op.subtract", (parts, c), "Broadcast(Div(Broadcast(S0, S1), 4), S2); 8")
    contract = json.loads(json.dumps(document(derived(program.trace))))
    for sizes in ({"a": 32, "b": 32}, {"a": 1, "b": 32}, {"a": 32, "b": 1}, {"b": 32}, {"a": 32}):
        shapes = {name: (size, 8) for name, size in sizes.items()}
        checking.check(contract, **shapes, c=(8, 8))
        with pytest.raises(ValueError, match=r"c\[0\] is 9, and subtract wants"):
            checking.check(contract, **shapes, c=(9, 8))


def test_what_ties_axes_under_a_condition() -> None:
    trace = Trace()
    program = Program(trace)
    x = program.input("x", "S0; S1; 8")
    program.op("pd_op.if", (program.op("pd_op.greater_than", (program.constant("S1"), program.constant("10")), ""),))
    program.parent = len(trace.conversions[0].ops) - 1
    program.op("pd_op.reshape", (x,), "Div(Mul(S0, S1), 3); 24")
    contract = document(derived(trace))
    checking.check(contract, x=(2, 10, 8))
    checking.check(contract, x=(2, 12, 8))
    with pytest.raises(ValueError, match=r"x\[0\] is 2, x\[1\] is 11, and reshape wants .*, where x\[1\] > 10"):
        checking.check(contract, x=(2, 11, 8))


NODES = st.recursive(
    st.one_of(st.sampled_from(["x[0]", "y[0]"]), st.integers(-3, 9)),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["Add", "Mul", "Max", "Min", "Broadcast"]), inner, inner),
        st.tuples(st.sampled_from(["Sub", "Div", "Mod", "TrueDiv"]), inner, inner),
        st.tuples(st.sampled_from(["Neg", "Abs", "Float", "Floor", "Ceil", "Int", "Trunc", "Root"]), inner),
        st.tuples(st.sampled_from(["IfEqual", "IfLeast"]), inner, inner, inner, inner),
    ),
    max_leaves=5,
)
KINDS = st.sampled_from(["equal", "at_least", "differ", "broadcast"])
CONDITIONS = st.lists(st.tuples(NODES, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), NODES), max_size=1)


@settings(max_examples=300, deadline=None)
@given(KINDS, NODES, NODES, CONDITIONS, st.integers(1, 9), st.integers(1, 9))
def test_a_server_sees_what_shapetrace_sees(
    kind: TieKind, left: Node, right: Node, when: list[tuple[Node, str, Node]], x: int, y: int
) -> None:
    """The two work the functions out by themselves, for a server has this one file alone."""
    tie = Tie(kind, left, right, tuple(when), Because(said("wants"), "add", None))
    sizes = {"x[0]": x, "y[0]": y}
    written = {"kind": kind, "left": left, "right": right, "when": when}
    assert checking._holds(written, sizes) == tie.holds(sizes)


def test_what_is_taken_passes() -> None:
    checking.check(IMAGES, image=(5, 3, 72, 64))
    checking.check(WORDS, ids=(2, 512), mask=(2, 512))
    checking.check(WORDS, ids=(2, 512), mask=(1, 512))


def test_an_engine_takes_its_range_only() -> None:
    trace = pyramid()
    found = derived(trace)
    known = ranges.of_conversion(trace, found[0], ranges.read(["B=1..8,H=32*k:320..640"]), {})
    contract = document(found, known)
    checking.check(contract, image=(8, 3, 352, 64))
    with pytest.raises(ValueError, match=r"image\[2\] is 704, and the engine is built for 320 to 640"):
        checking.check(contract, image=(8, 3, 704, 64))


def test_a_server_needs_the_file_alone(tmp_path: Path) -> None:
    pyramid().save(tmp_path / "saved")
    assert main(["sizes", "--contract", str(tmp_path / "model.shapes.json"), str(tmp_path / "saved")]) == 0
    (tmp_path / "checking.py").write_text(Path(checking.__file__).read_text("utf-8"), "utf-8")
    code = "from checking import check; check('model.shapes.json', image=(1, 3, 64, 64)); check('model.shapes.json', image=(1, 3, 65, 64))"
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1].startswith("ValueError: image[2] is 65, and must be a multiple of 8")


def test_a_contract_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pyramid().save(tmp_path / "saved")
    assert main(["sizes", "--contract", str(tmp_path / "no" / "where.json"), str(tmp_path / "saved")]) == 2
    assert "cannot write" in capsys.readouterr().err
