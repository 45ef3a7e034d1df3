"""Paddle 2.6: what a watch sees of its programs, and that it leaves them and the process as they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from saved_files import digests
from subprocess_run import ROOT, run_python
from versions import LEGACY

EXPORT = ROOT / "examples" / "rtdetrv2" / "export.py"
RunCode = Callable[..., "CompletedProcess[str]"]


pytestmark = [pytest.mark.paddle, pytest.mark.skipif(not LEGACY, reason="for Paddle 2.6")]

PREAMBLE = """
import json, sys
import paddle
from paddle import nn
from paddle.static import InputSpec
import shapetrace

def convert(layer, *shapes, **options):
    spec = [InputSpec(shape, "float32", name=name) for name, shape in zip("xyz", shapes)]
    with shapetrace.watch() as trace:
        paddle.jit.to_static(layer, input_spec=spec, full_graph=True).forward.concrete_program
    assert trace.notes == [], trace.notes
    return trace

def shapes(trace, op):
    tensors = trace.conversions[0].tensors
    return [list(tensor.symbolic or ("no",)) for tensor in tensors if tensor.op == "pd_op." + op]
"""


@pytest.fixture
def printed(run_code: RunCode) -> Callable[[str], Any]:
    """What a piece of code prints last, as JSON."""

    def run(code: str) -> Any:
        done = run_code(PREAMBLE + code)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    return run


def test_the_example_is_found_out_as_on_3x(tmp_path: Path) -> None:
    done = run_python(["-m", "shapetrace", "run", "--report", "out.json", EXPORT], cwd=tmp_path)
    assert "But received shape[0] = -8." in done.stderr
    assert "shapetrace/capture" not in done.stderr
    finding, hidden = json.loads((tmp_path / "out.json").read_text())["findings"]
    assert (finding["count"], hidden["sink"]["line"]) == (3, finding["sink"]["line"] + 10)
    assert (finding["rule"], finding["symbolic"], finding["expression"]) == ("ST101", "8*image[0]", "batch * heads")
    assert (finding["source"]["code"], finding["sink"]["op"], finding["sink"]["index"]) == (
        "memory.shape",
        "reshape",
        0,
    )
    assert finding["roots"] == [{"input": "image", "axis": 0, "symbol": "image[0]"}]
    assert finding["cause"]["kind"] == "partial"
    layers = [f"/Decoder/DecoderLayer{number}/DeformableAttention/" for number in ("", "_1", "_2")]
    assert finding["layers"] == layers
    assert finding["remedies"] == ["callables", "symbolic-dims"]


@pytest.mark.parametrize("remedy", ["callables", "symbolic-dims"])
def test_the_example_is_repaired(tmp_path: Path, remedy: str) -> None:
    done = run_python(["-m", "shapetrace", "run", "--remedy", remedy, EXPORT], cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "no findings" in done.stderr
    assert (tmp_path / "output" / "detector.pdmodel").is_file()


def test_sizes_of_convolutions_are_fitted(printed: Callable[[str], Any]) -> None:
    assert printed("""
class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv2D(3, 4, 3, stride=2, padding=1)
        self.cut = nn.Conv2D(4, 4, 7, stride=4)
    def forward(self, x):
        return self.cut(self.down(x)).flatten(2)
trace = convert(Net(), [-1, 3, -1, -1])
print(json.dumps(shapes(trace, "conv2d") + shapes(trace, "flatten")))
""") == [
        ["x[0]", "4", "(x[2] + 1)//2", "(x[3] + 1)//2"],
        ["x[0]", "4", "(x[2] - 5)//8", "(x[3] - 5)//8"],
        ["x[0]", "4", "((x[2] - 5)//8)*((x[3] - 5)//8)"],
    ]


def test_shapes_that_tensors_hold_are_followed(printed: Callable[[str], Any]) -> None:
    assert printed("""
class Net(nn.Layer):
    def forward(self, x):
        batch, length, width = x.shape
        table = paddle.arange(length).astype("float32")
        grid = paddle.zeros([batch * 2, length + 1, 4])
        return x.reshape([batch, length * width // 2, 2]), table * 2.0, grid + 1.0
trace = convert(Net(), [-1, -1, 6])
print(json.dumps([shapes(trace, op)[-1] for op in ("reshape", "arange")] + [shape for shape in shapes(trace, "full") if len(shape) == 3]))
""") == [["x[0]", "3*x[1]", "2"], ["x[1]"], ["2*x[0]", "x[1] + 1", "4"]]


def test_a_dim_that_only_data_decides_is_a_symbol_of_its_own(printed: Callable[[str], Any]) -> None:
    assert printed("""
class Net(nn.Layer):
    def forward(self, x):
        found = paddle.nonzero(x > 0)
        return (found.astype("float32") * 2.0).reshape([-1, 1]), paddle.concat([found, found])
trace = convert(Net(), [-1, 5])
print(json.dumps([shapes(trace, op)[-1] for op in ("nonzero", "scale", "reshape", "concat")]))
""") == [["u0", "2"], ["u0", "2"], ["2*u0", "1"], ["2*u0", "2"]]


def test_branches_and_loops_are_recorded_with_their_blocks(printed: Callable[[str], Any]) -> None:
    assert printed("""
class Net(nn.Layer):
    def forward(self, x):
        if x.mean() > 0:
            x = x * 2.0
        else:
            x = x + 1.0
        step = paddle.zeros([1], "int64")
        while step < 3:
            x = x + 1.0
            step = step + 1
        return x * 3.0
trace = convert(Net(), [-1, 5])
ops = trace.conversions[0].ops
nested = sorted({(ops[op.parent].name, op.name) for op in ops if op.parent >= 0 and op.name != "pd_op.cast"})
print(json.dumps([nested, shapes(trace, "select_input"), shapes(trace, "scale")[-1]]))
""") == [
        [
            ["pd_op.conditional_block", "cf.yield"],
            ["pd_op.conditional_block", "pd_op.assign"],
            ["pd_op.conditional_block", "pd_op.scale"],
            ["pd_op.while", "cf.yield"],
            ["pd_op.while", "pd_op.assign"],
            ["pd_op.while", "pd_op.full"],
            ["pd_op.while", "pd_op.less_than"],
            ["pd_op.while", "pd_op.scale"],
        ],
        [["x[0]", "5"]],
        ["x[0]", "5"],
    ]


def test_a_tensor_that_grows_in_a_loop_is_not_given_the_size_of_one_turn(printed: Callable[[str], Any]) -> None:
    assert printed("""
class Net(nn.Layer):
    def forward(self, x):
        grown = x
        step = paddle.zeros([1], "int64")
        while step < 3:
            grown = paddle.concat([grown, x])
            step = step + 1
        return grown * 3.0
trace = convert(Net(), [-1, 5])
print(json.dumps(shapes(trace, "scale")[-1]))
""") == ["u0", "5"]


def test_inputs_that_must_agree_are_given_sizes_that_do(printed: Callable[[str], Any]) -> None:
    assert printed("""
class Net(nn.Layer):
    def forward(self, x, y):
        return paddle.concat([x, y], axis=1) * 2.0
trace = convert(Net(), [-1, 5], [-1, -1])
print(json.dumps([shapes(trace, "concat")[-1], trace.conversions[0].symbolic_error]))
""") == [["x[0]", "y[1] + 5"], ""]


def test_a_tensor_in_the_place_of_an_attribute_is_an_operand(printed: Callable[[str], Any]) -> None:
    assert printed("""
class Net(nn.Layer):
    def forward(self, x):
        return x + paddle.full_like(x, x.shape[0])
conversion = convert(Net(), [-1, 3]).conversions[0]
(op,) = [op for op in conversion.ops if op.name == "pd_op.full_like"]
print(json.dumps([len(op.inputs), "value" in op.attrs, shapes(shapetrace.Trace(conversions=[conversion]), "full_like")]))
""") == [2, False, [["x[0]", "3"]]]


def test_the_process_is_as_before(printed: Callable[[str], Any]) -> None:
    assert printed("""
from paddle.base import framework
from paddle.jit import dy2static
from paddle.jit.dy2static import call_transformer, convert_call_func, error, program_translator

def attributes():
    owners = [framework, framework.Block, framework.Variable, nn.Layer, dy2static, convert_call_func, error,
              error.ErrorData, program_translator.ConcreteProgram, call_transformer.CallTransformer]
    return {(repr(owner), name): id(value) for owner in owners for name, value in vars(owner).items()
            if not name.startswith("__") or name in ("__init__", "__hash__", "__eq__", "__format__", "__str__")}

import functools
def merge(y, times):
    return y.reshape([y.shape[0] * times, -1])
class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.merge = functools.partial(merge, times=2)
    def forward(self, x):
        return self.merge(x)
convert(nn.Linear(4, 2), [-1, 4])
before = attributes()
convert(nn.Linear(4, 2), [-1, 4])
same = attributes() == before
try:
    convert(Net(), [-1, 4])
    same = "it must fail"
except AssertionError:
    pass
print(json.dumps([same, attributes() == before, sys.gettrace() is None]))
""") == [True, True, True]


SAVE = """
import contextlib, functools, sys
import paddle
from paddle.static import InputSpec

class Net(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.linear = paddle.nn.Linear(4, 4)
    def forward(self, x):
        x = self.linear(x)
        return x.reshape([x.shape[0], 2, 2]) * 2.0

def merge(y, times):
    return y.reshape([y.shape[0] * times, -1])

class Broken(Net):
    def __init__(self):
        super().__init__()
        self.merge = functools.partial(merge, times=2)
    def forward(self, x):
        return self.merge(self.linear(x))

def save(kind):
    paddle.seed(0)
    if sys.argv[2] == "watched":
        import shapetrace
    around = shapetrace.watch() if sys.argv[2] == "watched" else contextlib.nullcontext()
    with around:
        paddle.jit.save(kind(), sys.argv[1] + "/model", input_spec=[InputSpec([-1, 4], name="x")])

save(Net)
try:
    save(Broken)
except AssertionError as error:
    print(error)
"""


@pytest.mark.parametrize("how", ["watch", "run"])
def test_files_and_error_are_those_of_the_plain_export(tmp_path: Path, how: str) -> None:
    script = tmp_path / "save.py"
    script.write_text(SAVE, encoding="utf-8")
    results = []
    for kind in ("plain", "watched"):
        folder = tmp_path / kind
        command = ["-m", "shapetrace", "run"] if (how, kind) == ("run", "watched") else []
        done = run_python([*command, script, folder, kind if how == "watch" else "plain"], cwd=tmp_path)
        assert done.returncode == 0, done.stderr[-2000:]
        results.append((digests(folder), done.stdout))
    assert "shape[0] = -2" in results[0][1]
    assert results[0] == results[1]


def test_there_is_no_pass_to_check(printed: Callable[[str], Any]) -> None:
    notes = printed("""
with shapetrace.watch(check_shapes=True) as trace:
    pass
print(json.dumps(trace.notes))
""")
    assert notes == ["shapes are not checked: Paddle 2.6.2 has no symbolic pass, and all are fitted"]
