"""`shapetrace run` with a remedy compares the export with the model, once the script has ended."""

from __future__ import annotations

import json
import os
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from subprocess_run import ROOT, run_python
from versions import LEGACY

pytestmark = pytest.mark.paddle

SCRIPT = """
import functools
import paddle
from paddle.static import InputSpec
from halving import halves

class Model(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.linear = paddle.nn.Linear(4, 4)
        self.halves = functools.partial(halves)

    def forward(self, inputs):
        return {"y": self.halves(self.linear(inputs["x"]))}

model = Model()
model.eval()
spec = [{"x": InputSpec([-1, 4], "float32", name="x"), "unused": InputSpec([-1, 2], "float32", name="unused")}]
static = paddle.jit.to_static(model, input_spec=spec, full_graph=True)
paddle.jit.save(static, "out/model", input_spec=[{"x": spec[0]["x"]}])
"""

HALVING = """
def halves(x):
    return x.reshape([x.shape[0] * 2, 2]) * 2.0
"""

WRONG_REMEDY = """
from shapetrace.remedies import Probe, Remedy, hookimpl

class Wrong(Remedy):
    name = "wrong"
    summary = "makes halving multiply by three"
    requires = ("halving",)

    def probe(self):
        return Probe("present")

    def apply(self, transaction):
        import halving

        transaction.set(halving.halves, "__code__", (lambda x: x.flatten().reshape([-1, 2]) * 3.0).__code__)

@hookimpl
def shapetrace_remedies():
    return [Wrong()]
"""


def run(place: Path, *options: str, script: str = SCRIPT, path: str = "") -> CompletedProcess[str]:
    (place / "export.py").write_text(script, encoding="utf-8")
    (place / "halving.py").write_text(HALVING, encoding="utf-8")
    arguments = ["-m", "shapetrace", "run", *options, "export.py"]
    return run_python(arguments, cwd=place, env={"PYTHONPATH": path} if path else None)


def test_a_repaired_export_is_verified(tmp_path: Path) -> None:
    done = run(tmp_path, "--remedy", "callables", "--report", "report.json")
    assert done.returncode == 0, done.stderr
    assert "= verify: Model: the exported model gives the same (out/model)" in done.stderr
    assert "          batch=2: same (largest difference 0)\n" in done.stderr
    (verified,) = json.loads((tmp_path / "report.json").read_text("utf-8"))["verified"]
    assert (verified["model"], verified["ok"]) == ("Model", True)


@pytest.mark.parametrize("options", [("--remedy", "callables", "--no-verify"), ()])
def test_without_a_remedy_or_when_asked_not_to_it_is_not(options: tuple[str, ...], tmp_path: Path) -> None:
    assert "verify" not in run(tmp_path, *options).stderr.partition("Traceback")[0]


def test_without_a_remedy_it_is_verified_when_asked_to(tmp_path: Path) -> None:
    """The baked batch of -1 passes the conversion, and changes what is computed."""
    wrong = SCRIPT.replace(
        "self.halves = ", "self.adds = functools.partial(lambda x: x * float(x.shape[0]))\n        self.halves = "
    )
    wrong = wrong.replace("self.halves(self.linear", "self.adds(self.linear")
    done = run(tmp_path, "--verify", "--report", "report.json", script=wrong)
    assert done.returncode == 3, done.stderr
    (verified,) = json.loads((tmp_path / "report.json").read_text("utf-8"))["verified"]
    assert (verified["ok"], verified["stage"], verified["sizes"][0]) == (False, "compare", "batch=1")
    assert verified["says"].startswith("y differs in ")
    assert LEGACY or (verified["op"], verified["site"]["function"]) == ("pd_op.scale", "<lambda>")


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        ("model.linear.weight.set_value(model.linear.weight * 2.0)", "the model's parameters have changed since"),
        ("paddle.enable_static()", "the script has left dygraph mode"),
        (
            "from shapetrace.verify import exports\nexports.Exports._run = lambda *anything: 1 / 0",
            "a fault of shapetrace's own: ZeroDivisionError('division by zero')",
        ),
    ],
)
def test_what_cannot_be_verified_is_told(ending: str, reason: str, tmp_path: Path) -> None:
    done = run(tmp_path, "--remedy", "callables", script=f"{SCRIPT}\n{ending}\n")
    assert done.returncode == 0, done.stderr
    assert f"= verify: not verified: {reason}" in " ".join(done.stderr.split())


DIFFERS = """
import os, signal, sys
import paddle
from paddle.static import InputSpec
from shapetrace.verify import locating

class Net(paddle.nn.Layer):
    def forward(self, x):
        return x * (1.0 if paddle.in_dynamic_mode() else 3.0)

def looking(*anything):
    os.kill(os.getpid(), signal.Signals[sys.argv[1]])

locating.differing = looking
paddle.jit.save(Net(), "out/model", input_spec=[InputSpec([-1, 4], "float32", name="x")])
"""


@pytest.mark.skipif(LEGACY, reason="on Paddle 2.6 the op is not looked for")
@pytest.mark.parametrize("ends", ["SIGTERM", "SIGKILL", "SIGINT"])
def test_a_difference_is_known_before_its_op_is(ends: str, tmp_path: Path) -> None:
    (tmp_path / "export.py").write_text(DIFFERS)
    options = ("--verify", "--report", "report.json")
    done = run_python(["-m", "shapetrace", "run", *options, "export.py", ends], cwd=tmp_path)
    assert done.returncode != 0
    (verified,) = json.loads((tmp_path / "report.json").read_text("utf-8"))["verified"]
    assert (verified["ok"], verified["stage"], verified["sizes"]) == (False, "compare", ["batch=1"]), done.stderr
    assert "the op was not found: the process ended while it was looked for" in " ".join(done.stderr.split())


@pytest.mark.parametrize(("ending", "code"), [("raise SystemExit(-1)", 255), ("raise ValueError('later')", 1)])
def test_what_was_exported_before_the_script_failed_is_verified_when_asked_to(
    ending: str, code: int, tmp_path: Path
) -> None:
    """Paddle2ONNX leaves a script by `sys.exit(-1)` where it cannot convert what was saved."""
    script = f"{SCRIPT.replace('functools.partial(halves)', 'halves')}\n{ending}\n"
    done = run(tmp_path, "--verify", script=script)
    assert done.returncode == code, done.stderr
    assert "= verify: Model: the exported model gives the same" in done.stderr


@pytest.mark.parametrize("gone", ["import shutil; shutil.rmtree('out')", "import os; os.rename('out', 'elsewhere')"])
def test_an_export_whose_files_are_gone_is_made_again(gone: str, tmp_path: Path) -> None:
    script = SCRIPT.replace(
        "static = paddle.jit.to_static(model, input_spec=spec, full_graph=True)\n", "static = model\n"
    )
    done = run(tmp_path, "--remedy", "callables", script=f"{script}\n{gone}\n")
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stderr.split())
    assert "Model: the exported model gives the same (made again for this, as its files are gone)" in said


def test_what_is_known_is_written_before_an_export_is_verified(tmp_path: Path) -> None:
    """Its model waits for the trace and the report, and is then interrupted as by Ctrl-C."""
    waiting = """
def waits(layer, inputs):
    if paddle.in_dynamic_mode() and exported:
        if not all(map(os.path.exists, ("a.trace", "a.json"))):
            raise RuntimeError("nothing is written")
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(60)

import os, signal, time
exported = False
model.register_forward_pre_hook(waits)
"""
    script = SCRIPT.replace("model.eval()\n", f"model.eval()\n{waiting}") + "exported = True\n"
    done = run(tmp_path, "--remedy", "callables", "--trace", "a.trace", "--report", "a.json", script=script)
    assert done.returncode == 0, done.stderr
    assert "= verify: not verified: interrupted" in done.stderr
    assert done.stderr.endswith("shapetrace: wrote a.trace, a.json\n")
    (verified,) = json.loads((tmp_path / "a.json").read_text("utf-8"))["verified"]
    assert verified["lines"] == ["not verified: interrupted"]


def test_a_repair_that_computes_something_else_exits_with_3(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "wrong-1.dist-info").mkdir(parents=True)
    (site / "wrong-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: wrong\nVersion: 1\n")
    (site / "wrong-1.dist-info" / "entry_points.txt").write_text("[shapetrace]\nwrong = wrong_remedy\n")
    (site / "wrong_remedy.py").write_text(WRONG_REMEDY)
    paths = os.pathsep.join(map(str, (site, ROOT, ROOT / "plugins")))
    done = run(tmp_path, "--remedy", "wrong", path=paths)
    assert done.returncode == 3, done.stderr
    assert "Model: the exported model does NOT give the same" in done.stderr
    assert LEGACY or "first seen at pd_op.scale" in done.stderr
    assert "= changed: wrong replaced halving.halves.__code__" in " ".join(done.stderr.split())
