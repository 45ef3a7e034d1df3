"""A script sees under `shapetrace run` just what it sees under `python`. Paddle is not needed to show it."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
import time
import zipfile
from pathlib import Path
from subprocess import PIPE, CompletedProcess, Popen

import pytest

from subprocess_run import HUNG, ROOT, heed_ctrl_c, run_python

SHOW = """
import sys, __main__
names = {name: value for name, value in vars(__main__).items() if name not in ("names", "sys")}
print(sorted((name, str(value).partition(" object at ")[0]) for name, value in names.items() if name != "__builtins__"))
print(type(__builtins__), sys.argv, sys.path[0], __name__, sys.modules["__main__"] is __main__)
"""

SCRIPTS = {
    "what it is": SHOW,
    "exits with a number": "import sys; sys.exit(7)",
    "exits with 256": "import sys; sys.exit(256)",
    "exits with a negative number": "import sys; sys.exit(-1)",
    "exits with a sentence": "import sys; sys.exit('no weights found')",
    "exits with None": "import sys; sys.exit(None)",
    "exits at once": "import os; os._exit(9)",
    "raises": "def inner():\n    raise ValueError('wrong')\ninner()",
    "raises from another": "try:\n    1 / 0\nexcept Exception as error:\n    raise KeyError('x') from error",
    "is no Python": "print('a'\nprint('b'",
    "is interrupted": "raise KeyboardInterrupt",
    "has its own excepthook": "import sys; sys.excepthook = lambda kind, *_: print('hook', kind.__name__); 1 / 0",
    "has a broken excepthook": "import sys; sys.excepthook = lambda *_: 1 / 0\nraise ValueError('original')",
    "exits in its excepthook": "import sys; sys.excepthook = lambda *_: sys.exit(4)\nraise ValueError('original')",
    "registers atexit": "import atexit; atexit.register(print, 'bye'); print('hello')",
    "reads stdin": "import sys; print(sys.stdin.read().upper()); print(input)",
    "pickles its own class": "import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))))",
    "reads its own source": "import inspect\ndef f(): return 1\nprint(inspect.getsource(f))",
    "starts a thread": "import threading\nthreading.Timer(0.1, print, ['done']).start()",
    "spawns": """
        import multiprocessing
        def work(number): return number * 2
        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map(work, [1, 2]))
        """,
    "has an encoding": "# coding: latin-1\nprint(ascii('\u00e9'))",
    "has no future of ours": "def f(x: int): pass\nprint(f.__annotations__)",
    "raises an error of shapetrace's": "import shapetrace; raise shapetrace.UsageError('mine')",
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory to run in, with a module called paddle that a script may or may not import."""
    (tmp_path / "site" / "paddle").mkdir(parents=True)
    (tmp_path / "site" / "paddle" / "__init__.py").write_text("")
    return tmp_path


def run(place: Path, *arguments: str, under: bool, stdin: str = "", **variables: str) -> CompletedProcess[str]:
    """Run `python ARGUMENTS…` in `place`, or the same under `shapetrace run`."""
    paths = os.pathsep.join(map(str, (place / "site", ROOT)))
    code = ["-m", "shapetrace", "run"] if under else []
    return run_python([*code, *arguments], cwd=place, env={"PYTHONPATH": paths, **variables}, stdin=stdin)


def same(place: Path, *arguments: str, stdin: str = "", **variables: str) -> CompletedProcess[str]:
    """Run both ways; exit code, stdout and stderr must be equal but for our lines at the end."""
    plain = run(place, *arguments, under=False, stdin=stdin, **variables)
    watched = run(place, *arguments, under=True, stdin=stdin, **variables)
    lines = watched.stderr.splitlines(keepends=True)
    for ours in ("shapetrace: nothing was converted", "shapetrace: no findings", "shapetrace: the process ended with"):
        if lines and lines[-1].startswith(ours):
            del lines[-1]
    assert (watched.returncode, watched.stdout, "".join(lines)) == (plain.returncode, plain.stdout, plain.stderr)
    return plain


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_script_cannot_tell(place: Path, script: str) -> None:
    (place / "script.py").write_text(textwrap.dedent(script), encoding="latin-1")

    same(place, "script.py", stdin="one\ntwo\n")


def test_the_comparison_is_a_real_one(place: Path) -> None:
    (place / "script.py").write_text(SCRIPTS["raises"])

    plain = same(place, "script.py")

    assert (plain.returncode, "ValueError: wrong" in plain.stderr) == (1, True)


@pytest.mark.parametrize("arguments", [("--help",), ("-m", "x"), ("--", "--report", "a b")], ids=" ".join)
def test_all_after_the_script_is_its_own(place: Path, arguments: tuple[str, ...]) -> None:
    (place / "script.py").write_text(SHOW)

    same(place, "script.py", *arguments)


def test_a_script_elsewhere(place: Path) -> None:
    (place / "tools").mkdir()
    (place / "tools" / "script.py").write_text("import sibling")
    (place / "tools" / "sibling.py").write_text("from __main__ import __file__; print(__file__)\n" + SHOW)
    (place / "link.py").symlink_to("tools/script.py")

    same(place, "tools/script.py")
    same(place, "link.py")
    same(place, "./tools/../tools/script.py")


def test_a_module(place: Path) -> None:
    package = place / "package"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").write_text("print('imported')")
    (package / "__main__.py").write_text("from . import other\n" + SHOW)
    (package / "other.py").write_text(SHOW)
    (package / "inner" / "__init__.py").write_text("")

    same(place, "-m", "package", "--help")
    same(place, "-m", "package.other", "-m", "x")


def test_a_directory_and_a_zip_file(place: Path) -> None:
    (place / "app").mkdir()
    (place / "app" / "__main__.py").write_text(SHOW)
    with zipfile.ZipFile(place / "app.zip", "w") as archive:
        archive.writestr("__main__.py", SHOW)

    same(place, "app", "x")
    same(place, "app.zip", "x")


def test_a_compiled_script(place: Path) -> None:
    import py_compile

    (place / "script.py").write_text("import __main__; print(__main__.__file__, type(__main__.__loader__))")
    py_compile.compile(str(place / "script.py"), cfile=str(place / "compiled.pyc"))

    same(place, "compiled.pyc")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.11 brought the safe path")
def test_the_safe_path_stays_safe(place: Path) -> None:
    (place / "script.py").write_text(SHOW)

    same(place, "script.py", PYTHONSAFEPATH="1")


def test_ctrl_c_ends_it_by_the_signal(place: Path) -> None:
    (place / "script.py").write_text("import time; print('ready', flush=True); time.sleep(60)")
    paths = os.pathsep.join(map(str, (place / "site", ROOT)))
    arguments = [sys.executable, "-m", "shapetrace", "run", "script.py"]
    process = Popen(
        arguments,
        cwd=place,
        stdout=PIPE,
        stderr=PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
        preexec_fn=heed_ctrl_c,
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.1)  # into the sleep

    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=HUNG)

    assert process.returncode == -signal.SIGINT
    assert errors.count("Traceback") == 1
    *_, interrupt, summary, hint = errors.rstrip().splitlines()
    assert (interrupt, summary) == ("KeyboardInterrupt", "shapetrace: no findings: no conversion was seen")
    assert hint.startswith("shapetrace: nothing was converted in this run")


def test_a_fork_reports_nothing(place: Path) -> None:
    (place / "script.py").write_text("import os\nif os.fork(): os.wait()")

    assert run(place, "script.py", under=True).stderr.count("shapetrace: no findings") == 1


def test_paddle_is_imported_by_the_script_and_not_before(place: Path) -> None:
    (place / "site" / "paddle" / "__init__.py").write_text(
        "import os\n__version__ = '2.0'\nprint('imported with', os.environ['FLAGS_x'])"
    )
    (place / "script.py").write_text(
        "import os, sys; print('paddle' in sys.modules); os.environ['FLAGS_x'] = '1'; import paddle; print('on it goes')"
    )

    result = run(place, "script.py", under=True)

    assert (
        result.stdout == "False\nimported with 1\n"
    )  # this paddle is too old to be watched, so the script ends where it imports it
    assert result.returncode == 2
    assert result.stderr.startswith("shapetrace: this shapetrace watches Paddle 2.6 and 3.0 and later")


USAGE = {
    "no script": ([], "Missing argument 'SCRIPT'"),
    "missing script": (["nope.py"], "there is no script nope.py"),
    "missing module": (["-m", "nope"], "there is no module nope"),
    "missing submodule": (["-m", "email.nope"], "cannot run email.nope"),
    "package that cannot be run": (["-m", "email"], "cannot run email"),
    "directory of nothing": (["site"], "there is no __main__.py to run in site"),
    "unknown option": (["--nope", "script.py"], "No such option '--nope'"),
    "unknown report": (["--report", "a.xyz", "script.py"], "cannot tell the format of a.xyz"),
    "nowhere to write": (["--trace", "nowhere/a", "script.py"], "there is no directory nowhere"),
    "dims that are none": (["--dim", "image", "script.py"], "write it as image=B,3,H,W"),
    "dims named oddly": (["--dim", "image=B,3.5", "script.py"], "'3.5' is neither a name nor a size"),
    "dims named twice": (["--dim", "x=B", "--dim", "x=C", "script.py"], "names the input x twice"),
    "unknown level": (["--fail-on", "fatal", "script.py"], "'fatal' is not one of"),
}


@pytest.mark.parametrize(("arguments", "sentence"), USAGE.values(), ids=USAGE)
def test_a_wrong_use_is_one_sentence(place: Path, arguments: list[str], sentence: str) -> None:
    (place / "script.py").write_text("print('ran')")

    result = run(place, *arguments, under=True)

    assert (result.returncode, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert result.stderr.startswith("shapetrace: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("script", "hint"),
    [
        (
            "pass",
            "the script did not import Paddle in this process; where it starts another Python that exports, add --",
        ),
        ("import paddle", "the script came to none; where it starts another Python that exports, add --subprocesses"),
        ("import paddle; paddle.x", "the script ended before it came to one, by AttributeError"),
        ("import paddle, sys; sys.exit(4)", "the script ended before it came to one, by SystemExit"),
        ("import paddle, sys; sys.exit(0)", "the script came to none"),
    ],
)
@pytest.mark.paddle
def test_a_run_without_a_conversion_gives_a_hint(tmp_path: Path, script: str, hint: str) -> None:
    (tmp_path / "script.py").write_text(script)

    said = run_python(["-m", "shapetrace", "run", "script.py"], cwd=tmp_path).stderr

    assert said.splitlines()[-1].startswith("shapetrace: nothing was converted in this run: conversions are ")
    assert hint in said.splitlines()[-1]


def test_paddle_must_be_there(place: Path) -> None:
    (place / "script.py").write_text("print('ran')")
    code = textwrap.dedent(
        """
        import sys
        from importlib.machinery import PathFinder
        find = PathFinder.find_spec
        PathFinder.find_spec = lambda name, *rest: None if name == "paddle" else find(name, *rest)
        from shapetrace.cli import main
        sys.exit(main(["run", "script.py"]))
        """
    )

    result = run_python(["-c", code], cwd=place)

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "shapetrace: Paddle is not installed: install shapetrace[cpu] or shapetrace[gpu]\n"
