"""`shapetrace verify`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shapetrace.cli import main
from subprocess_run import run_python
from versions import LEGACY

HERE = Path(__file__).parent.parent


@pytest.mark.paddle
@pytest.mark.parametrize(("variant", "code"), [("healthy", 0), ("broken", 3)])
def test_the_exit_code_says_whether_they_are_the_same(variant: str, code: int) -> None:
    done = run_python(
        ["-m", "shapetrace", "verify", "--size", "batch=2", f"models.sum_to_expand:{variant}"],
        cwd=HERE,
        env={"PYTHONPATH": str(HERE)},
    )
    assert done.returncode == code, done.stderr
    assert ("does NOT give the same" in done.stdout) == bool(code)


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        ("nothing", "names no factory"),
        ("no.such.module:build", "there is no module no.such.module"),
        ("json:build", "the module json has no function build"),
        ("json:dmps", "the module json has no function dmps: did you mean dumps or dump?"),
        ("time:time", "must return a layer and its input spec, and returned float"),
        ("textwrap:dedent", "textwrap:dedent wants arguments, (text): give a function that takes nothing"),
        ("tests/nowhere.py:build", "there is no file tests/nowhere.py"),
        ("json.py:build", "there is no file json.py"),
        (":build", "names no factory"),
    ],
)
def test_a_bad_factory_is_told_in_one_sentence(factory: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", factory]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import paddle_of_nobody", "cannot be imported: ModuleNotFoundError: No module named 'paddle_of_nobody'"),
        ("def build(): return 1 / 0", "failed: ZeroDivisionError: division by zero (FILE:1)"),
        ("def build(:", "cannot be imported: SyntaxError: "),
        ("def build(size, *, wide=False): pass", "wants arguments, (size, *, wide=False): give a function"),
        ("class build:\n    pass", "must return a layer and its input spec, and returned build"),
        ("def build():\n    return 3, []", "must return a layer and its input spec: what it returned first is int"),
        ("import paddle", "Paddle is not installed: install shapetrace[cpu] or shapetrace[gpu]"),
    ],
)
@pytest.mark.parametrize("way", ["export_it.py:build", "./export_it.py:build", "export_it:build"])
def test_a_factory_that_does_not_work_is_told_in_one_sentence(
    way: str, code: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "export_it.py").write_text(code, encoding="utf-8")
    hiding = "import sys; sys.meta_path.insert(0, type('', (), {'find_spec': staticmethod(missing)}))"
    missing = "def missing(name, *_):\n    if name == 'paddle': raise ModuleNotFoundError(\"No module named 'paddle'\", name=name)\n"
    start = f"{missing}{hiding}\nfrom shapetrace.cli import main\nsys.exit(main(['verify', {way!r}]))"

    done = run_python(["-c", start], cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert message.replace("FILE", "export_it.py") in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.paddle
def test_json_is_one_object_whatever_the_model_prints(tmp_path: Path) -> None:
    (tmp_path / "export_it.py").write_text(
        """
from models.sum_to_expand import broken

def build():
    print("building")
    return broken()
""",
        encoding="utf-8",
    )

    done = run_python(["-m", "shapetrace", "verify", "--json", "--size", "batch=2", "export_it.py:build"], cwd=tmp_path)

    assert done.returncode == 3, done.stderr
    said = json.loads(done.stdout)
    assert (said["model"], said["ok"], len(said["runs"])) == ("Broken", False, 1)
    (engine,) = said["engines"]
    assert (engine["name"], engine["ok"]) == ("jit.load", False)
    assert engine["stage"] in ("run", "compare")
    assert engine["says"]
    assert [sizes["batch"] for sizes in engine["sizes"]] == [2]
    if not LEGACY:
        assert engine["place"]["file"].endswith("sum_to_expand.py")
        assert engine["place"]["op"].startswith("pd_op.")
        assert isinstance(engine["place"]["line"], int)
    assert "building" in done.stderr
    assert "pir_interpreter" not in done.stderr
