"""What CI and editors take from here: the action, the hooks, the workflows, the matcher of problems."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from example_traces import leaky_trace
from shapetrace.cli import run
from shapetrace.reports import text
from subprocess_run import HUNG, ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
PAGE = (ROOT / "docs" / "how-to" / "use-in-ci.md").read_text("utf-8")


class Runner:
    """Does what GitHub's runner does for a step that is a piece of shell."""

    def __init__(self, place: Path) -> None:
        self.workspace, self.temp = place / "work space", place / "temp"
        self.output, self.summary = place / "output", place / "summary"
        commands = place / "bin"
        for directory in (self.temp, commands):
            directory.mkdir()
        shutil.copytree(
            ROOT / "examples" / "rtdetrv2", self.workspace / "model", ignore=shutil.ignore_patterns("__pycache__")
        )
        (commands / "shapetrace").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m shapetrace "$@"\n')
        (commands / "shapetrace").chmod(0o755)
        self.env = os.environ | {
            "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "plugins")]),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }

    def run(self, **inputs: str) -> subprocess.CompletedProcess[str]:
        """The step that runs the export, with the defaults of action.yml for inputs that are not given."""
        given = {name: known.get("default", "") for name, known in ACTION["inputs"].items()} | inputs
        (step,) = [step for step in ACTION["runs"]["steps"] if step.get("id") == "run"]

        def filled(value: str) -> str:
            value = re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: given[found[1]], value)
            return value.replace("${{ runner.temp }}", str(self.temp))

        assert "${{" not in step["run"]  # what a workflow passes in is never read as shell
        env = self.env | {name: filled(value) for name, value in step["env"].items()}
        bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        cwd = self.workspace / filled(step["working-directory"])
        return subprocess.run(bash, cwd=cwd, env=env, capture_output=True, text=True, timeout=HUNG)

    def outputs(self) -> dict[str, str]:
        """What the step has told the workflow."""
        return dict(line.split("=", 1) for line in self.output.read_text("utf-8").splitlines())


@pytest.mark.paddle
def test_the_action_annotates_and_fails(tmp_path: Path) -> None:
    runner = Runner(tmp_path)

    done = runner.run(run='export.py --output "out of it"', **{"working-directory": "model"})

    assert done.returncode == 3, done.stderr  # the findings
    assert "::error title=shapetrace ST101,file=model/decoder.py,line=45," in done.stdout
    outputs = runner.outputs()
    assert set(outputs) == set(ACTION["outputs"])
    (run,) = json.loads(Path(outputs["sarif"]).read_text("utf-8"))["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "model/decoder.py", "uriBaseId": "%SRCROOT%"}
    assert "ST101" in runner.summary.read_text("utf-8")


def test_the_action_hands_a_script_its_words_and_its_exit_code(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    (runner.workspace / "script.py").write_text("import sys; print(sys.argv[1:]); sys.exit(5)")

    done = runner.run(run="script.py 'a b' $(id) \"c\"")

    assert "['a b', '$(id)', 'c']" in done.stdout
    assert done.returncode == 5


def test_outputs_and_inputs_are_those_that_the_steps_have() -> None:
    written = yaml.safe_dump(ACTION["runs"]["steps"])
    used = set(re.findall(r"inputs\.([\w-]+)", written))

    assert used == set(ACTION["inputs"])
    assert {f"`{name}`" for name in ACTION["inputs"]} <= set(re.findall(r"`[\w-]+`", PAGE))


def test_hooks_call_a_command_that_there_is() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))

    for hook in hooks:
        program, *options = hook["entry"].split()
        assert (program, options.pop(0)) == ("shapetrace", "run")
        assert set(option for option in options if option.startswith("-")) <= {
            name for parameter in run.command.params for name in parameter.opts
        }
        assert f"`{hook['id']}`" in PAGE or f"id: {hook['id']}" in PAGE


def sessions_of(workflow: dict[str, Any]) -> set[str]:
    steps = [step for job in workflow["jobs"].values() for step in job.get("steps", ())]
    return set(re.findall(r"nox -[st] ([\w ]+)", "\n".join(step.get("run", "") for step in steps)))


def test_workflows_call_sessions_that_there_are() -> None:
    workflows = [yaml.safe_load(path.read_text("utf-8")) for path in (ROOT / ".github" / "workflows").glob("*.yml")]
    matrix = next(
        job["strategy"]["matrix"]["include"]
        for flow in workflows
        for name, job in flow["jobs"].items()
        if name == "test"
    )
    called = {word for flow in workflows for words in sessions_of(flow) for word in words.split()}
    called |= {re.split(r"[-(]", entry["session"])[0] for entry in matrix}
    there = set(re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text("utf-8"), re.MULTILINE))

    assert called == {"lint", "package", "install", "pythons", "tests", "oldest"}
    assert called <= there


def test_the_matcher_of_problems_finds_what_the_terminal_shows() -> None:
    (task,) = [json.loads(code) for code in re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)]
    first, second = task["tasks"][0]["problemMatcher"]["pattern"]
    lines = text.render(leaky_trace(), root="/home/ann").splitlines()
    starts = [(index, found) for index, line in enumerate(lines) if (found := re.match(first["regexp"], line))]

    assert len(starts) == len(leaky_trace().findings)
    for (index, found), finding in zip(starts, leaky_trace().findings, strict=True):
        place = re.match(second["regexp"], lines[index + 1])
        assert place is not None and finding.sink is not None
        shown = (found[first["severity"]], found[first["code"]], found[first["message"]])
        assert shown == (finding.severity, finding.rule, finding.message)
        assert (place[second["file"]], int(place[second["line"]])) == ("detector/utils.py", finding.sink.line)
        assert int(place[second["column"]]) == finding.sink.column + 1
