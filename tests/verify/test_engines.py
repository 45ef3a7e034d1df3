"""Engines have a process of their own: whatever they do in it comes back as a result. Paddle is not needed."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from shapetrace import discovery, plugin
from shapetrace.cli import main
from shapetrace.errors import UsageError
from shapetrace.forking import Limits
from shapetrace.trace import Site
from shapetrace.verify import blaming, results, tolerance
from shapetrace.verify.engines import paddle2onnx
from shapetrace.verify.engines.process import Answer, Note, Request, ask
from shapetrace.verify.pair import Case, Pair
from shapetrace.verify.results import Place
from shapetrace.verify.served import Served
from shapetrace.verify.serving import Attempt, Serving, Trouble
from verify.test_comparing import Value

PLUGIN = """
import os, signal, subprocess, sys, tempfile, time
from shapetrace.plugin import Engine, hookimpl

class Doubling(Engine):
    name, summary, modules, install = "doubling", "doubles", ("numpy",), "nothing"

    def load(self, model, variant):
        return self

    def inputs(self):
        return ["x"]

    def run(self, arrays):
        if arrays["x"].size == 3:
            self.misbehave()
        return [arrays["x"] * 2]

    def misbehave(self):
        pass

def named(kind, act):
    return type(kind, (Doubling,), {"name": kind, "misbehave": lambda self: act()})()

@hookimpl
def shapetrace_engines():
    return [
        Doubling(),
        named("aborting", os.abort),
        named("crashing", lambda: os.kill(os.getpid(), signal.SIGSEGV)),
        named("exiting", lambda: os._exit(255)),
        named("leaving", lambda: sys.exit("enough")),
        named("hanging", lambda: (tempfile.mkdtemp(), time.sleep(60))),
        named("installing", lambda: subprocess.run([sys.executable, "-m", "pip", "install", "nothing-of-that-name"])),
    ]
"""


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory on the path of processes, with a plugin that brings engines."""
    metadata = tmp_path / "engines_plugin-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: engines-plugin\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[shapetrace]\nengines-of-tests = engines_plugin\n")
    (tmp_path / "engines_plugin.py").write_text(PLUGIN)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    return tmp_path


def served(directory: Path, engine: str, seconds: float = 60.0) -> Answer:
    """What came of an engine that is run with two and with three numbers, and then the other way round."""
    cases = []
    for size in (2, 3):
        cases.append(str(directory / f"case{size}.npz"))
        np.savez(cases[-1], x=np.ones(size), y=np.ones(1))
    request = Request(step="run", engine=engine, export="m", model="m", cases=tuple(cases), orders=((0, 1), (1, 0)))
    request.limits = Limits(seconds=seconds, cpu=60.0)
    return ask(request, directory)


def test_an_engine_of_a_plugin_runs_at_all_sizes_in_both_orders(plugins: Path) -> None:
    answer = served(plugins, "doubling")
    assert answer.ended_well, answer.output
    assert [(note.order, note.case) for note in answer.at("run")] == [(0, 0), (0, 1), (1, 1), (1, 0)]
    with np.load(answer.at("run")[1].files) as outputs:
        assert outputs["arr_0"].tolist() == [2.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("engine", "seconds", "reason"),
    [
        ("aborting", 60.0, "it died of SIGABRT"),
        ("crashing", 60.0, "it died of SIGSEGV"),
        ("exiting", 60.0, "it ended the process with exit code 255"),
        ("leaving", 60.0, "SystemExit: enough"),
        ("hanging", 3.0, "it did not end within 3 s"),
        ("installing", 60.0, "PermissionError: an engine wanted to install a package, and was kept from it"),
    ],
)
def test_whatever_an_engine_does_the_size_that_it_did_it_at_is_known(
    plugins: Path, engine: str, seconds: float, reason: str
) -> None:
    answer = served(plugins, engine, seconds)
    assert not answer.ended_well
    assert str(blaming.reason(answer)) == reason
    assert [note.case for note in answer.at("run")] == [0]
    assert answer.at("tried")[-1].case == 1


def test_an_engine_that_is_killed_leaves_no_temporary_files(
    plugins: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    above = tmp_path_factory.mktemp("temporary")
    monkeypatch.setenv("TMPDIR", str(above))
    assert served(plugins, "hanging", 3.0).how
    assert list(above.iterdir()) == []


class Aborting(plugin.Engine):
    """As the one of the plugin, which is what the process loads."""

    name, summary, modules, install = "aborting", "aborts", ("numpy",), "nothing"

    def load(self, model: Path, variant: str) -> plugin.Session:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("sizes differ", Place("pd_op.concat", site=Site("/home/ann/net.py", 7))),
        ("it died of SIGABRT", None),  # nothing else is known of it, and an engine says the same
    ],
)
def test_where_jit_load_goes_wrong_too_no_engine_is_to_blame(
    plugins: Path, tmp_path: Path, said: str, place: Place | None
) -> None:
    pair = Pair(None, None, "m", [], [], (None, None), None)
    pair.cases = [Case({"n": 3}, {"x": np.ones(3)}, None, lambda: None)]
    loaded = results.Engine("jit.load", False, "run", said, place, [{"n": 3}])

    (engine,) = Serving(pair, tmp_path, loaded).results([Aborting()])
    assert (engine.ok, engine.stage, engine.place, engine.sizes) == (False, "run", place, [{"n": 3}])
    assert str(engine.said) == "it died of SIGABRT; jit.load goes wrong at these sizes too"


class Rounding(Aborting):
    """One that rounds to 16 bits, unless it is told not to."""

    variants = ("", "in full precision")
    exact = "in full precision"

    def missing(self, *, converting: bool = True) -> str:
        return ""


@pytest.mark.parametrize(
    "exact", [None, Trouble("compare", "the output differs in 3 of 3 values", "in full precision")]
)
def test_a_difference_that_rounding_makes_is_said_and_is_none(tmp_path: Path, exact: Trouble | None) -> None:
    pair = Pair(None, None, "m", [], [], (None, None), None)
    pair.cases = [Case({"n": 3}, {"x": np.ones(3)}, None, lambda: None)]
    serving = Serving(pair, tmp_path, results.Engine("jit.load", True, None, "gives the same"))
    rounded = Trouble("compare", "the output differs in 2 of 3 values")
    attempts = {"": Attempt(rounded, [], []), "in full precision": Attempt(exact, [], [])}
    serving._attempt = lambda engine, variant: attempts[variant]  # type: ignore[assignment, method-assign, index]
    serving._blame = lambda engine, trouble: blaming.Blame()  # type: ignore[assignment, method-assign]

    (engine,) = serving.results([Rounding()])
    assert engine.ok is (exact is None)
    assert str(engine.said) == (
        "gives the same; that is in full precision; "
        "by default it rounds to fewer bits on this CPU, and the output differs in 2 of 3 values"
        if exact is None
        else "the output differs in 3 of 3 values; in full precision as well"
    )


def test_an_engine_that_nobody_brings_is_told_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="there is no engine 'onnxruntme'; did you mean 'onnxruntime'"):
        discovery.engine("onnxruntme")
    with pytest.raises(UsageError, match=r"there are: jit.load \(always\), inference, onnxruntime, openvino, tensorrt"):
        discovery.engine("x")


def test_a_script_is_not_run_where_an_engine_is_unknown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "script.py").write_text("raise SystemExit(7)")
    assert main(["run", "--engine", "x", str(tmp_path / "script.py")]) == 2
    assert "there is no engine 'x'" in capsys.readouterr().err


def test_one_that_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shapetrace.plugin.find_spec", lambda name: None)
    said = "openvino cannot be imported: pip install 'shapetrace[openvino]'"
    assert said in str(discovery.engine("openvino").missing())


@pytest.mark.skipif(Path("/dev/nvidia0").exists(), reason="there is a GPU")
def test_tensorrt_says_that_it_needs_a_gpu() -> None:
    assert str(discovery.engine("tensorrt").missing()).startswith("it needs an NVIDIA GPU")


OUTPUT = """
[Paddle2ONNX] Start export pd_op.mean, op_id: 12
[ERROR][Paddle2ONNX] Can not get input 'axis(dim)' value.
[ERROR][Paddle2ONNX] There are unsupported features.
"""
LOGGED = "\x1b[0;31m2026 [ERROR]\tFailed to convert PaddlePaddle model: (Unimplemented) no double\x1b[0m"


def test_what_the_converter_printed_is_read_without_what_says_nothing() -> None:
    assert paddle2onnx.told(OUTPUT) == "Can not get input 'axis(dim)' value."
    assert paddle2onnx.told(LOGGED) == "(Unimplemented) no double"
    assert (
        str(blaming.reason(Answer([Note("load")], OUTPUT, "it died of SIGABRT")))
        == "Can not get input 'axis(dim)' value."
    )


def test_ops_without_a_mapper_are_those_that_are_registered_under_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paddle2onnx, "mappers", lambda: frozenset({"relu", "elementwise_add", "batch_norm"}))
    names = [
        "pd_op.data",
        "builtin.parameter",
        "pd_op.add",
        "pd_op.relu_",
        "pd_op.batch_norm_",
        "pd_op.logit",
        "pd_op.if",
    ]
    assert paddle2onnx.without_mapper([*names, "pd_op.logit", "pd_op.fetch"]) == ["pd_op.logit"]


@pytest.mark.skipif(not paddle2onnx.mappers(), reason="paddle2onnx is not installed")
def test_the_mappers_of_the_installed_converter_can_be_read() -> None:
    known = ["pd_op.conv2d", "pd_op.matmul", "pd_op.topk", "pd_op.mean", "pd_op.hardswish", "builtin.combine"]
    assert paddle2onnx.without_mapper([*known, "pd_op.logit", "pd_op.affine_grid"]) == [
        "pd_op.logit",
        "pd_op.affine_grid",
    ]


def compared(wanted: object, got: object, dtype: str = "float32", other: str | None = None) -> tuple[str, list[str]]:
    comparison = Served(None, None)
    difference = comparison.first_difference(Value(wanted, dtype), Value(got, other or dtype))
    return difference.message if difference else "", list(map(str, comparison.reshaped.values()))


def test_one_number_in_another_rank_is_said_once_and_no_difference() -> None:
    assert compared(2.0, [2.0]) == ("", ["the output is [1] where the model gives []"])
    assert compared(2.0, [3.0])[0].startswith("differs in 1 of 1 values")


def test_tolerance_follows_the_largest_value_of_the_output() -> None:
    assert compared([1000.0, 0.0], [1000.0, 0.09])[0] == ""
    assert compared([1000.0, 0.0], [1000.0, 0.11])[0] != ""
    assert compared([1e-6, 2e-6], [-2e-6, -4e-6])[0] != ""


def test_an_engine_may_round_what_is_below_the_smallest_normal_number_to_zero() -> None:
    assert compared([8.7e-39, 1e-39], [0.0, 0.0])[0] == ""
    assert compared([8.7e-37, 1e-39], [0.0, 0.0])[0] != ""


def test_integers_are_equal_whatever_their_width_and_floats_are_no_integers() -> None:
    assert compared([1, 2], [1, 2], "int64", "int32")[0] == ""
    assert compared([1, 2], [1, 3], "int64", "int32")[0] != ""
    assert compared([1, 2], [1, 2], "int64", "float32")[0] == "is float32; the model gives int64"


def test_arrays_that_are_served_alike() -> None:
    one = np.array([1.0, np.nan, np.inf], "float32")
    assert tolerance.served_alike(one, one + np.float32(1e-6))
    assert tolerance.served_alike(one, one[None])
    assert not tolerance.served_alike(one, np.array([1.0, np.nan, 3.0], "float32"))
    assert not tolerance.served_alike(one, one[:2])
    assert not tolerance.served_alike(np.array([1, 2]), np.array([1, 3]))


def test_what_can_take_the_place_of_another_has_its_shape_or_as_ints_its_values() -> None:
    one = np.array([[1.0, 2.0]], "float32")
    assert tolerance.fit_alike(one, one[0] + 1)
    assert not tolerance.fit_alike(one, one[:, :1])
    assert not tolerance.fit_alike(np.array([1, 2]), np.array([1, 3]))
