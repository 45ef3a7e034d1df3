"""What `shapetrace run` writes: refused or left out before the script starts, and said when it is written."""

from __future__ import annotations

import os
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from subprocess_run import ROOT, run_python


def run(place: Path, *options: str, script: str = "print('ran')", **variables: str) -> CompletedProcess[str]:
    """Run a script that needs no Paddle, with no Graphviz on the path."""
    (place / "paddle").mkdir(exist_ok=True)
    (place / "paddle" / "__init__.py").write_text("")
    (place / "script.py").write_text(script)
    code = (
        "import sys; sys.executable = '/nowhere/python'; from shapetrace.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    paths = os.pathsep.join(map(str, (place, ROOT)))
    return run_python(
        ["-c", code, "run", *options, "script.py"],
        cwd=place,
        env={"PYTHONPATH": paths, "PATH": "/nowhere", **variables},
    )


@pytest.mark.parametrize("code", [0, 7])
def test_a_report_that_cannot_be_made_is_said_before_the_script_and_costs_nothing_else(
    code: int, tmp_path: Path
) -> None:
    reports = [option for name in ("r.svg", "r.sarif", "r.png", "r.md", "r.pdf") for option in ("--report", name)]
    script = f"import sys; print('ran', file=sys.stderr); sys.exit({code})"

    done = run(tmp_path, *reports, script=script)

    assert done.returncode == code
    assert [line for line in done.stderr.splitlines() if "no findings" not in line and "nothing was" not in line] == [
        "shapetrace: r.svg will not be written: drawing svg needs Graphviz: `apt install graphviz`, `brew install "
        "graphviz`, or `pip install graphviz-pure`",
        "shapetrace: r.png will not be written: drawing png needs Graphviz: `apt install graphviz`, `brew install "
        "graphviz`, or `pip install graphviz-pure`",
        "shapetrace: r.pdf will not be written: drawing pdf needs Graphviz: `apt install graphviz`, `brew install "
        "graphviz`",
        "ran",
        "shapetrace: wrote r.sarif, r.md",
    ]
    assert sorted(path.name for path in tmp_path.glob("r.*")) == ["r.md", "r.sarif"]


def test_what_cannot_be_written_in_the_end_changes_no_exit_code(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    script = "import os, sys; os.rmdir('there'); sys.exit(5)"

    done = run(tmp_path, "--trace", "there/a.trace", "--report", "there/a.json", "--report", "a.md", script=script)

    assert done.returncode == 5
    assert "shapetrace: cannot write the trace there/a.trace: No such file or directory\n" in done.stderr
    assert "shapetrace: cannot write the report there/a.json: No such file or directory\n" in done.stderr
    assert done.stderr.endswith("shapetrace: wrote a.md\n")


def test_nothing_is_said_where_nothing_is_written(tmp_path: Path) -> None:
    done = run(tmp_path)

    assert (done.returncode, done.stdout) == (0, "ran\n")
    assert "wrote" not in done.stderr


def test_a_picture_of_nothing_is_said_after_the_rest(tmp_path: Path) -> None:
    """The endings are known; that there is nothing to draw is seen only in the end."""
    done = run(tmp_path, "--report", "r.dot", "--report", "r.json")

    assert done.returncode == 0
    assert (tmp_path / "r.json").exists()
    assert "Traceback" not in done.stderr
