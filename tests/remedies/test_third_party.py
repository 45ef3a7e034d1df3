"""The example of a third party's plugin: installed by pip, and used by nothing but the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from subprocess_run import HUNG, ROOT, run_python

EXAMPLE = ROOT / "examples" / "third_party_remedy"
pytestmark = pytest.mark.paddle
Command = Callable[..., subprocess.CompletedProcess[str]]

COMPARE = """
import sys
import numpy, paddle
sys.path.insert(0, sys.argv[1])
from export import build

model, _ = build()
loaded = paddle.jit.load(sys.argv[2])
for batch in (1, 3):
    features = paddle.to_tensor(numpy.random.default_rng(batch).standard_normal((batch, 6)).astype("float32"))
    expected, got = model(features).numpy(), loaded(features).numpy()
    print(expected.shape == got.shape == (batch, 3), abs(expected - got).max())
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that the plugin, and nothing else, was installed into."""
    target = tmp_path_factory.mktemp("site")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(target)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(EXAMPLE)], check=True, timeout=HUNG)
    return target


@pytest.fixture
def shapetrace(site: Path, tmp_path: Path) -> Command:
    """The command line where the plugin is installed."""
    paths = os.pathsep.join(map(str, (site, ROOT, ROOT / "plugins")))

    def run(*arguments: str | Path, cwd: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        return run_python(["-m", "shapetrace", *arguments], cwd=cwd, env={"PYTHONPATH": paths})

    return run


def test_only_the_plugin_is_installed(site: Path) -> None:
    assert {path.name for path in site.glob("*.py")} == {"fast_norm_remedy.py"}


def test_it_is_listed_and_probed(shapetrace: Command) -> None:
    listed = shapetrace("remedies").stdout.splitlines()
    asked = shapetrace("remedies", "fast-norm", cwd=EXAMPLE).stdout  # where acme_norms can be imported

    assert listed[:3:2] == ["fast-norm  not-applicable", "    acme_norms was never imported"]
    assert asked.startswith("fast-norm  present\n")
    assert "a FastNorm fails with an unknown batch: AssertionError" in asked


def test_the_probe_sees_the_behaviour_and_not_the_version(shapetrace: Command, tmp_path: Path) -> None:
    repaired = (EXAMPLE / "acme_norms.py").read_text().replace("[batch * groups,", "[-1,").replace("[batch,", "[-1,")
    (tmp_path / "acme_norms.py").write_text(repaired)

    assert shapetrace("remedies", "fast-norm").stdout.startswith("fast-norm  absent\n")


def test_without_it_the_export_fails_and_it_is_named(shapetrace: Command, tmp_path: Path) -> None:
    done = shapetrace("run", "--report", "a.json", EXAMPLE / "export.py", "model")

    assert done.returncode == 1
    assert "But received shape[0] = -4." in done.stderr
    assert f"= next: shapetrace run --remedy fast-norm --report a.json {EXAMPLE / 'export.py'} model" in done.stderr
    (finding,) = json.loads((tmp_path / "a.json").read_text())["findings"]
    assert finding["remedies"][:2] == ["fast-norm", "callables"]
    assert not (tmp_path / "model.pdiparams").exists()


@pytest.mark.parametrize("remedy", ["fast-norm", "auto"])
def test_with_it_the_export_equals_dygraph(shapetrace: Command, tmp_path: Path, remedy: str) -> None:
    done = shapetrace("run", "--remedy", remedy, EXAMPLE / "export.py", "model")

    assert (done.returncode, done.stdout) == (0, "exported to model\n"), done.stderr
    text = " ".join(done.stderr.split())  # as it was before it was wrapped
    assert "fast-norm was applied, and taken back" in text
    assert "= repaired: ST101 at export.py:" in text or "= repaired: ST101 at acme_norms.py:" in text
    assert "(fast-norm)" in text
    assert run_python(["-c", COMPARE, EXAMPLE, tmp_path / "model"]).stdout == "True 0.0\n" * 2


def test_it_takes_everything_back(shapetrace: Command, tmp_path: Path, site: Path) -> None:
    code = """
import sys
sys.path.insert(0, sys.argv[1])
import acme_norms, paddle, shapetrace
from export import build

before = acme_norms.fast_norm.__code__
model, spec = build()
with shapetrace.watch(remedies="fast-norm") as trace:
    paddle.jit.save(model, "out", input_spec=spec)
    print(acme_norms.fast_norm.__code__ is before)
print(acme_norms.fast_norm.__code__ is before, [applied.name for applied in trace.remedies], trace.findings)
"""
    paths = os.pathsep.join(map(str, (site, ROOT, ROOT / "plugins")))

    done = run_python(["-c", code, EXAMPLE], cwd=tmp_path, env={"PYTHONPATH": paths})

    assert done.stdout == "False\nTrue ['fast-norm'] []\n", done.stderr


def test_it_is_not_named_for_the_code_of_others(shapetrace: Command, tmp_path: Path) -> None:
    done = shapetrace("run", "--report", "a.json", ROOT / "examples" / "rtdetrv2" / "export.py")

    assert done.returncode == 1
    named = [finding["remedies"] for finding in json.loads((tmp_path / "a.json").read_text())["findings"]]
    assert named
    assert all(remedies[0] == "callables" for remedies in named)
