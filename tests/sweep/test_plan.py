"""Sweep files, the jobs they ask for, and what each is known again by. Needs no Paddle."""

from __future__ import annotations

from pathlib import Path

import pytest

from shapetrace.errors import UsageError
from shapetrace.sweep import plan, sources
from shapetrace.sweep.jobs import Job, Known, jobs, key

KNOWN = Known("3.11.7", "3.3.1", "1.0.0", "digest")


def asked(folder: Path, text: str) -> list[Job]:
    file = folder / "sweep.toml"
    file.write_text(text)
    return jobs(plan.read(file), file)


def test_the_least_file_there_is(tmp_path: Path) -> None:
    (job,) = asked(tmp_path, '[[model]]\nname = "pyramid"\nfactory = "models:build_pyramid"\n')
    assert job.name == ("pyramid", "as given", "this")
    assert (job.factory, job.root, job.verify, job.sizes) == ("models:build_pyramid", str(tmp_path), True, False)


def test_a_job_is_a_model_a_mode_and_an_environment(tmp_path: Path) -> None:
    found = asked(
        tmp_path,
        """
        modes = ["as given", "batch-unknown"]
        [[environment]]
        name = "a"
        python = "/a/bin/python"
        [[environment]]
        name = "b"
        [[model]]
        name = "{each}"
        factory = "models:build_{each}"
        each = ["x", "y"]
        [[model]]
        name = "z"
        module = "tools.export"
        environments = ["b"]
        """,
    )
    names = [(model, mode, name) for model in "xy" for mode in ("as given", "batch unknown") for name in "ab"]
    assert [job.name for job in found] == [*names, ("z", "as given", "b")]
    assert found[0].environment.python == "/a/bin/python"


def test_globs_over_configs(tmp_path: Path) -> None:
    for name in ("a/one.yml", "a/two.yml", "b/three.yml"):
        (tmp_path / "configs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "configs" / name).write_text("")
    found = asked(
        tmp_path,
        """
        [[model]]
        name = "{stem}"
        script = "tools/export.py"
        arguments = ["-c", "{config}", "-o", "{out}"]
        configs = ["configs/**/*.yml"]
        but = ["configs/b/*"]
        modes = ["as given", "all unknown"]
        [model.mode-arguments]
        "all unknown" = ["--any-size"]
        """,
    )
    assert [(job.model, job.mode) for job in found] == [
        ("one", "as given"),
        ("one", "all unknown"),
        ("two", "as given"),
        ("two", "all unknown"),
    ]
    assert found[1].arguments == ("-c", "configs/a/one.yml", "-o", "{out}", "--any-size")


def test_arguments_may_have_braces_of_their_own(tmp_path: Path) -> None:
    (job,) = asked(
        tmp_path, """[[model]]\nname = "a"\nscript = "s.py"\narguments = ['{"size": 3}', "{size}", "{out}"]\n"""
    )
    assert job.arguments == ('{"size": 3}', "{size}", "{out}")


WRONG = {
    '[[model]]\nname = "a"\n': "the model a: give one of factory, script and module",
    '[[model]]\nname = "a"\nfactory = "models"\n': "'models' names no factory: write MODULE:FACTORY",
    '[[model]]\nname = "a"\nfactroy = "m:f"\n': r"sweep.toml: \[\[model\]\] 1, there is no 'factroy': did you mean factory\?",
    '[[models]]\nname = "a"\nfactory = "m:f"\n': r"sweep.toml: there is no 'models': did you mean model\?",
    '[[model]]\nname = "a"\nfactory = "m:f"\n[model.limits]\nsecond = 3\n': r"\[\[model\]\] 1, \[limits\], .* did you mean seconds",
    '[[model]]\nname = "a"\nfactory = "m:f"\n[[environment]]\nname = "b"\ninterpreter = "p"\n': "there are name, python, variables",
    '[limits]\nseconds = "10m"\n[[model]]\nname = "a"\nfactory = "m:f"\n': r"\$.limits.seconds",
    '[limits]\nmemory = 0\n[[model]]\nname = "a"\nfactory = "m:f"\n': "the limit memory is 0: nothing can be done within it",
    '[[model]]\nname = ""\nfactory = "m:f"\n': r"a \[\[model\]\] has no name",
    '[[model]]\nname = "{size}"\nfactory = "m:f"\n': "nothing stands for {size}: there are {stem}, {config} and {each}",
    '[[model]]\nname = "a"\nscript = "s.py"\narguments = ["{config}"]\n': "nothing stands for {config}: give configs",
    'modes = ["some"]\n[[model]]\nname = "a"\nfactory = "m:f"\n': "there is no mode 'some': there are as given, batch",
    '[[model]]\nname = "a"\nscript = "s.py"\nmodes = ["all unknown"]\n': "only where mode-arguments say how",
    '[[model]]\nname = "a"\nfactory = "m:f"\nenvironments = ["b"]\n': "there is no environment b: there are this",
    '[[model]]\nname = "a"\nscript = "s.py"\nconfigs = ["*.yml"]\n': r"\*\.yml finds no file",
    '[[model]]\nname = "a"\nfactory = "m:f"\neach = ["x", "y"]\n': "two models are called a",
    "model = [\n": "sweep.toml: ",
}


@pytest.mark.parametrize(("text", "says"), WRONG.items(), ids=WRONG.values())
def test_what_cannot_be_done_as_asked(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=says):
        asked(tmp_path, text)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    files = {
        "models.py": "from lib import blocks\n",
        "lib/__init__.py": "",
        "lib/blocks.py": "from . import norm\n",
        "lib/norm.py": "import json\n",
        "unrelated.py": "",
        "tools/export.py": "import models\n",
        "configs/net.yml": "_BASE_: ['base/data.yml']\n",
        "configs/base/data.yml": "size: 3\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


FACTORY = '[[model]]\nname = "a"\nfactory = "models:build"\n'
SCRIPT = '[[model]]\nname = "a"\nscript = "tools/export.py"\narguments = ["-o", "config=configs/net.yml"]\n'
CODE = ["lib/__init__.py", "lib/blocks.py", "lib/norm.py", "models.py"]


@pytest.mark.parametrize(
    ("text", "files"),
    [
        (FACTORY, CODE),
        (SCRIPT, ["configs/base/data.yml", "configs/net.yml", *CODE, "tools/export.py"]),
        (f'{FACTORY}code = ["un*.py"]\n', [*CODE, "unrelated.py"]),
    ],
    ids=["factory", "script and config", "code"],
)
def test_a_model_is_made_of_what_it_imports_and_its_configs(text: str, files: list[str], checkout: Path) -> None:
    (job,) = asked(checkout, text)
    assert [name for name, _ in sources.files(job)] == files


def test_a_job_is_known_again_by_all_that_decides_its_outcome(checkout: Path) -> None:
    (job,) = asked(checkout, FACTORY)
    files = [("models.py", "1")]
    same = key(job, KNOWN, files)
    (elsewhere,) = asked(checkout, f"{FACTORY}limits = {{seconds = 7.0}}\n")
    assert key(elsewhere, KNOWN, files) == same
    (other,) = asked(checkout, f"{FACTORY}remedies = ['auto']\n")
    changed = [
        key(other, KNOWN, files),
        key(job, KNOWN, [("models.py", "2")]),
        key(job, Known("3.11.7", "3.2.2", "1.0.0", "digest"), files),
        key(job, Known("3.11.7", "3.3.1", "1.0.1", "digest"), files),
        key(job, Known("3.11.7", "3.3.1", "1.0.0", "others"), files),
    ]
    assert len({same, *changed}) == 6
