"""`shapetrace doctor`, with and without a script."""

from __future__ import annotations

import json
import os
import textwrap
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from subprocess_run import run_python

paddle = pytest.mark.paddle

HEAD = """
import functools, math
import paddle
from paddle import nn
from paddle.static import InputSpec
"""
SAVE = """
paddle.jit.save(Model(), "out/deep/model", input_spec=[InputSpec(SPEC, "float32", name="x")])
print("EXPORTED")
"""


class Seen(NamedTuple):
    code: int
    lines: list[dict[str, Any]]
    stderr: str

    def about(self, subject: str) -> list[tuple[str, str]]:
        return [(line["level"], line["seen"]) for line in self.lines if line["subject"] == subject]

    def only(self, subject: str) -> tuple[str, str]:
        [found] = self.about(subject)
        return found


def doctor(folder: Path, code: str = "", *arguments: str) -> Seen:
    """Run it on a script of this code; on none where there is no code."""
    script = []
    if code:
        (folder / "script.py").write_text(textwrap.dedent(code), encoding="utf-8")
        script = ["script.py"]
    done = run_python(["-m", "shapetrace", "doctor", "--json", *script, *arguments], cwd=folder)
    assert "Traceback" not in done.stderr
    found = json.loads(done.stdout)
    assert found["ok"] is (done.returncode == 0)
    return Seen(done.returncode, found["lines"], done.stderr)


# --- what is installed


def test_without_paddle(tmp_path: Path) -> None:
    hide = """
        import sys
        class Hide:
            def find_spec(self, name, path=None, target=None):
                if name == "paddle":
                    raise ModuleNotFoundError(name)
        sys.meta_path.insert(0, Hide())
        from shapetrace.cli import main
        sys.exit(main(sys.argv[1:]))
    """
    (tmp_path / "script.py").write_text("raise SystemExit(7)")
    done = run_python(["-c", textwrap.dedent(hide), "doctor", "--color", "never", "script.py"], cwd=tmp_path)

    assert done.returncode == 3
    assert done.stderr == ""
    rows = [" ".join(row.split()) for row in done.stdout.splitlines()]
    assert "error Paddle not installed" in rows
    assert "do: pip install 'shapetrace[cpu]', or 'shapetrace[gpu]'" in rows
    assert "note script script.py was not run: Paddle is missing" in rows


@paddle
def test_what_is_installed(tmp_path: Path) -> None:
    seen = doctor(tmp_path)

    assert seen.code == 0
    level, text = seen.only("Paddle")
    assert level in ("ok", "note")
    assert text.startswith(f"{version('paddlepaddle')}, CPU build, ")
    assert {"Python", "shapetrace", "Paddle", "SOT", "NumPy", "drawing"} <= {line["subject"] for line in seen.lines}


@paddle
def test_sot_switched_off(tmp_path: Path) -> None:
    done = run_python(["-m", "shapetrace", "doctor", "--json"], cwd=tmp_path, env={"ENABLE_FALL_BACK": "False"})
    assert ("ok", "SOT") in [(line["level"], line["subject"]) for line in json.loads(done.stdout)["lines"]]


# --- a script


LEAKING = (
    HEAD
    + """
import sys
def merge(x, heads):
    return x.reshape([x.shape[0] * heads, -1])
class Block(nn.Layer):
    def __init__(self):
        super().__init__()
        self.core = functools.partial(merge, heads=8)
    def forward(self, x):
        return self.core(x)
class Model(nn.Layer):
    def __init__(self):
        super().__init__()
        self.blocks = nn.LayerList([Block(), Block()])
    def forward(self, x):
        return self.blocks[0](x), self.blocks[1](x).sum(1)
print("hello", sys.argv)
"""
    + SAVE
)


@paddle
def test_a_model_that_would_leak(tmp_path: Path) -> None:
    seen = doctor(tmp_path, LEAKING.replace("SPEC", "[-1, 8, 4]"), "--an", "argument")

    assert seen.code == 0
    assert "hello ['script.py', '--an', 'argument']" in seen.stderr
    assert "EXPORTED" not in seen.stderr
    assert sorted(os.listdir(tmp_path)) == ["script.py"]  # no file, and no directory for one
    assert seen.only("inputs") == ("ok", "x [-1, 8, 4] float32; unknown: x[0]")
    level, text = seen.only("dygraph")
    assert (level, text) == ("ok", "works at batch=1 and at batch=2; outputs: [0] [8*batch, 4], [1] [8*batch]")
    [warning] = [line for line in seen.lines if line["subject"] == "callables"]
    assert warning["level"] == "warning"
    assert warning["seen"].startswith("blocks.0.core and 1 more like it (partial): `merge` (script.py:8) reads a shape")
    assert warning["do"] == "shapetrace run --remedy callables SCRIPT"
    level, text = seen.only("script")
    assert (level, text) == (
        "ok",
        "stopped before its first conversion, of Model.forward (script.py:24); nothing was exported",
    )


@paddle
def test_without_an_unknown_axis_nothing_can_leak(tmp_path: Path) -> None:
    seen = doctor(tmp_path, LEAKING.replace("SPEC", "[2, 8, 4]"))
    assert {level for level, _ in seen.about("callables")} == {"note"}
    level, text = seen.only("inputs")
    assert level == "note"
    assert "no axis is unknown" in text


@paddle
def test_what_is_converted_is_not_named(tmp_path: Path) -> None:
    code = (
        HEAD
        + """
def rows(x):
    return x.reshape([x.shape[0] * 2, -1])
class Scale:
    def __call__(self, x):
        return x.reshape([x.shape[0], -1]) * 2.0
class Model(nn.Layer):
    def __init__(self):
        super().__init__()
        self.activation = nn.functional.relu
        self.wide = functools.partial(nn.functional.pad, pad=[0, 0])
        self.rows = rows
        self.own = self.kept
        self.scale = Scale()
        self.norm = nn.LayerNorm
        self.root = math.sqrt
        self.twice = lambda x: x * 2.0
    def kept(self, x):
        return x.reshape([x.shape[0], -1])
    def forward(self, x):
        return self.scale(self.own(self.rows(self.twice(self.activation(x)))))
"""
        + SAVE
    )
    seen = doctor(tmp_path, code.replace("SPEC", "[-1, 4]"))
    assert seen.only("callables") == ("note", "run as they stand, and read no shape: root (c-callable), twice (lambda)")


@paddle
@pytest.mark.parametrize(
    ("forward", "spec", "level", "text"),
    [
        ("x + paddle.ones([1, 3])", "[-1, 4]", "error", "the model itself fails at batch=1: ValueError: "),
        ("x.reshape([1, 4]) + 1.0", "[-1, 4]", "error", "the model itself works at batch=1 only; at batch=2: "),
        ("x + paddle.ones([1, 640])", "[-1, -1]", "warning", "the model itself works at batch=1, x[1]=640 only; at "),
        ("x[:, :300] + paddle.ones([300])", "[-1, -1]", "ok", "works at batch=1, x[1]=416 and at batch=2, x[1]=512; "),
        (
            "x.mean()",
            "[-1, 4]",
            "note",
            "works at batch=1 and at batch=2; no output follows the unknown axes: output []",
        ),
    ],
)
def test_the_model_itself(tmp_path: Path, forward: str, spec: str, level: str, text: str) -> None:
    code = f"{HEAD}\nclass Model(nn.Layer):\n    def forward(self, x):\n        return {forward}\n{SAVE}"
    seen = doctor(tmp_path, code.replace("SPEC", spec))
    found = seen.only("dygraph")
    assert found[0] == level
    assert found[1].startswith(text)
    assert seen.code == (3 if level == "error" else 0)


@paddle
@pytest.mark.parametrize(
    ("forward", "level", "text"),
    [
        # Two sizes only, which are tried with a batch of one
        ("(x * 2.0).mean(1) if x.shape[1] in (224, 640) else self.no", "ok", "works at batch=1, x[1]=224 and at batch=2, x[1]=640; outputs: output [batch]"),
        # It takes no values above one, whatever the size
        ("x * 2.0 if float(x.max()) <= 1.0 else self.no", "ok", "works at batch=1, x[1]=96 and at batch=2, x[1]=128; outputs: output [batch, x[1]]"),
        # It wants to be told its own width
        ("x * 2.0 if int(x.max()) == x.shape[1] or x.shape[0] == 1 else self.no", "ok", "works at batch=1, "),
    ],
)  # fmt: skip
def test_what_a_size_is_not_to_blame_for(tmp_path: Path, forward: str, level: str, text: str) -> None:
    code = f"""
class Model(nn.Layer):
    def forward(self, x):
        return {forward}
"""
    seen = doctor(tmp_path, HEAD + code + SAVE.replace("SPEC", "[-1, -1]"))

    found = seen.about("dygraph")[0]
    assert (found[0], found[1][: len(text)]) == (level, text)


@paddle
def test_a_function_with_a_constant(tmp_path: Path) -> None:
    code = f"""{HEAD}
def scaled(x, by=2.0):
    return x * by
static = paddle.jit.to_static(scaled, input_spec=[InputSpec([-1, 4], name="x")], full_graph=True)
paddle.jit.save(static, "out/model")
"""
    seen = doctor(tmp_path, code)
    assert seen.only("inputs") == ("ok", "x [-1, 4] float32; unknown: x[0]; 1 more argument is no tensor")
    assert seen.only("dygraph") == ("ok", "works at batch=1 and at batch=2; outputs: output [batch, 4]")
    assert "of scaled (script.py:" in seen.only("script")[1]


@paddle
def test_what_sot_compiles_is_passed_over(tmp_path: Path) -> None:
    code = f"""{HEAD}
class Model(nn.Layer):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 3)
    def forward(self, x):
        return self.linear(x)
model = paddle.jit.to_static(Model())
print("RAN", model(paddle.ones([2, 4])).shape)
paddle.jit.save(model, "out/model", input_spec=[InputSpec([-1, 4], name="x")])
"""
    seen = doctor(tmp_path, code)
    assert "RAN" in seen.stderr
    assert "of Model.forward (script.py:15)" in seen.only("script")[1]


@paddle
def test_the_spec_in_effect_is_not_always_the_one_asked_for(tmp_path: Path) -> None:
    code = (
        HEAD
        + """
class Model(nn.Layer):
    def forward(self, x):
        return x * 2.0
model = paddle.jit.to_static(Model(), input_spec=[InputSpec([2, 4], name="x")], full_graph=True)
paddle.jit.save(model, "out/model", input_spec=[InputSpec([-1, 4], name="x")])
"""
    )
    (note, text), (warning, compared) = doctor(tmp_path, code).about("inputs")
    assert (note, warning) == ("note", "warning")
    assert text.startswith("x [2, 4] float32: no axis is unknown")
    assert compared.startswith("jit.save was asked for x [-1, 4] float32, and converts x [2, 4] float32: ")


@paddle
def test_a_script_that_catches_everything_exports_nothing(tmp_path: Path) -> None:
    body = LEAKING.replace("SPEC", "[-1, 8, 4]").replace("paddle.jit.save(", "try:\n    paddle.jit.save(")
    code = body.replace('print("EXPORTED")', "except:\n    print('went on')")
    seen = doctor(tmp_path, code)
    assert "went on" in seen.stderr
    assert sorted(os.listdir(tmp_path)) == ["script.py"]
    assert seen.only("script")[1].startswith("stopped before its first conversion, of Model.forward")


@paddle
@pytest.mark.parametrize(
    ("code", "exit_code", "line"),
    [
        ("import paddle", 0, ("warning", "ended without a conversion: ")),
        ("import paddle, sys; sys.exit(2)", 3, ("error", "left with 2 before its first conversion")),
        (
            "import paddle\n1 / 0",
            3,
            ("error", "failed before its first conversion: ZeroDivisionError: division by zero (script.py:2)"),
        ),
    ],
)
def test_a_script_that_does_not_get_there(tmp_path: Path, code: str, exit_code: int, line: tuple[str, str]) -> None:
    seen = doctor(tmp_path, code)
    assert seen.code == exit_code
    level, text = seen.only("script")
    assert level == line[0]
    assert text.startswith(line[1])


def test_a_script_that_is_not_there(tmp_path: Path) -> None:
    done = run_python(["-m", "shapetrace", "doctor", "nowhere.py"], cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "shapetrace: there is no script nowhere.py\n")


# --- PaddleDetection itself

CHECKOUT = os.environ.get("SHAPETRACE_PADDLEDETECTION", "")


@pytest.mark.skipif(not CHECKOUT, reason="SHAPETRACE_PADDLEDETECTION names no checkout of PaddleDetection")
@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("use_gpu=false", {("callables", "warning"), ("config", "note"), ("dygraph", "ok")}),
        ("TestReader.inputs_def.image_shape=[1,3,640,640]", {("config", "warning"), ("dygraph", "ok")}),
        ("TestReader.inputs_def.image_shape=[3,-1,-1]", {("config", "error"), ("dygraph", "warning")}),
        ("RTDETRTransformerv2.num_decoder_points=[4,4]", {("config", "error"), ("script", "error")}),
    ],
)
def test_the_real_rtdetrv2(tmp_path: Path, option: str, expected: set[tuple[str, str]]) -> None:
    config = "configs/rtdetrv2/rtdetrv2_r18vd_120e_coco.yml"
    weights = tmp_path / "weights.pdparams"
    look = Path(__file__).parent.parent / "plugins" / "real_paddledetection.py"
    made = run_python([look, "look", weights], cwd=Path(CHECKOUT), memory=12 << 30)
    assert made.returncode == 0, made.stderr
    export = ["tools/export_model.py", "-c", config, "--output_dir", str(tmp_path)]
    options = ["-o", f"weights={weights}", "pretrain_weights=null", "use_gpu=false", option]
    done = run_python(["-m", "shapetrace", "doctor", "--json", *export, *options], cwd=Path(CHECKOUT), memory=12 << 30)
    lines = json.loads(done.stdout)["lines"]
    assert expected <= {(line["subject"], line["level"]) for line in lines}
    assert ("PaddleDetection", "warning") in {(line["subject"], line["level"]) for line in lines}
    assert not list(tmp_path.rglob("model.*"))
