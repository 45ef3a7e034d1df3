"""The commands that read traces and list what there is. None of them needs Paddle."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click import Context, Option
from rich.cells import cell_len

from example_traces import Program, leaky_trace
from shapetrace import Trace
from shapetrace.cli import cli, main
from shapetrace.reports import translations
from shapetrace.trace import file
from subprocess_run import run_python

HEAVY = ("paddle", "sympy", "networkx", "jinja2", "graphviz", "rich", "structlog", "pluggy")


@pytest.fixture
def saved(tmp_path: Path) -> str:
    path = tmp_path / "leaky.shapetrace"
    leaky_trace().save(path)
    return str(path)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said on stderr, which is one sentence, when the command line exits with 2."""
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("shapetrace: ")
    assert captured.err.count("\n") == 1
    return captured.err


def test_report_prints_text(saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", saved]) == 0
    assert capsys.readouterr().out.startswith("error[ST101]: reshape got shape[0] = -8")


def test_report_prints_another_format(saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", saved, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["version"] == 1


@pytest.mark.parametrize(("ending", "name"), [("md", "markdown"), ("htm", "html"), ("txt", "text"), ("xml", "junit")])
def test_an_ending_names_a_format_too(ending: str, name: str, saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for format in (ending, name):
        assert main(["report", saved, "--format", format, "--all"]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] != ""


def test_report_writes_by_the_ending(saved: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", saved, "-o", str(tmp_path / "out.sarif")]) == 0
    assert capsys.readouterr() == ("", f"shapetrace: wrote {tmp_path / 'out.sarif'}\n")
    assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"


def test_why_follows_a_dim(saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", saved, "image", "-4"]) == 0
    assert capsys.readouterr().out.startswith("  1  image[0]  axis 0 of image [image[0], 3, 640, 640]  pd_op.data\n")


@pytest.mark.parametrize(
    "what", ["utils.py:163", "detector/utils.py:163:13", "/home/ann/detector/utils.py:158", "st101"]
)
def test_why_takes_what_a_finding_prints(what: str, saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", saved, what]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("  1  image[0]  axis 0 of %")
    assert lines[0].endswith("[image[0], 400, 8, 32]  pd_op.reshape")
    assert lines[-1] == "     axis 0 of the input image"


def test_why_takes_an_axis_as_it_is_printed(saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", saved, "image[0]"]) == 0
    assert capsys.readouterr().out.startswith("  1  image[0]  axis 0 of image ")


def test_why_folds_the_ops_that_pass_a_dim_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trace = Trace()
    program = Program(trace)
    value = program.input("x", "S0; 8")
    for name in ["relu", "relu", "gelu", "relu"]:
        value = program.op(f"pd_op.{name}", (value,), "S0; 8")
    program.op("pd_op.flatten", (value,), "Mul(S0, 8)")
    trace.save(tmp_path / "long")

    assert main(["why", str(tmp_path / "long"), "%5", "0"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "decoder.py" not in line]
    assert lines == [
        "  1  8*x[0]  axis 0 of %5 [8*x[0]]  pd_op.flatten",
        "     … 4 ops that pass it on: relu ×3, gelu; --all shows them",
        "  6  x[0]  axis 0 of x [x[0], 8]  pd_op.data",
        "     axis 0 of the input x",
    ]
    assert main(["why", str(tmp_path / "long"), "%5", "0", "--all"]) == 0
    assert capsys.readouterr().out.count("pd_op.relu") == 3


def test_diff_tells_what_changed(saved: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repaired = leaky_trace()
    repaired.findings.clear()
    repaired.save(tmp_path / "repaired")

    assert main(["diff", saved, str(tmp_path / "repaired")]) == 0
    assert "  - ST101 reshape got shape[0] = -8" in capsys.readouterr().out
    assert main(["diff", saved, saved]) == 0
    assert capsys.readouterr().out.startswith("no differences")


def test_rule_lists_and_explains(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule"]) == 0
    assert "ST101  error" in capsys.readouterr().out
    assert main(["rule", "st101"]) == 0
    assert capsys.readouterr().out.startswith("# ST101")


def test_remedies_tells_of_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["remedies"]) == 0
    assert capsys.readouterr().out


def test_what_cannot_be_done_is_one_sentence(saved: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, damaged = tmp_path / "text.txt", tmp_path / "damaged"
    text.write_text("no trace")
    damaged.write_bytes(Path(saved).read_bytes()[:200])

    assert "No such file" in refused(capsys, "report", str(tmp_path / "nope"))
    assert "is not a shapetrace trace" in refused(capsys, "report", str(text))
    assert "is cut short" in refused(capsys, "report", str(damaged))
    assert "no report format xyz" in refused(capsys, "report", saved, "--format", "xyz")
    assert "cannot tell the format of a.xyz" in refused(capsys, "report", saved, "-o", "a.xyz")
    assert "there is no tensor" in refused(capsys, "why", saved, "nope", "0")
    assert "has no axis 9" in refused(capsys, "why", saved, "image", "9")
    assert "which axis of image [image[0], 3, 640, 640]? Write it behind" in refused(capsys, "why", saved, "image")
    assert "there is no finding at utils.py:161; tensors that are made there: %" in refused(
        capsys, "why", saved, "utils.py:161"
    )
    assert "there is no rule ST999" in refused(capsys, "rule", "ST999")
    assert "there is no remedy" in refused(capsys, "remedies", "nope")
    assert "No such command 'explain': there are run, report," in refused(capsys, "explain")
    assert "No such command 'rnu': did you mean run?" in refused(capsys, "rnu", "script.py")
    assert "No such command 'Doktor': did you mean doctor?" in refused(capsys, "Doktor")


def test_a_trace_of_a_later_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as later:
        later.setattr(file, "FORMAT_VERSION", 99)
        leaky_trace().save(tmp_path / "later")

    assert "upgrade shapetrace" in refused(capsys, "report", str(tmp_path / "later"))


def test_a_trace_of_an_earlier_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(file, "FORMAT_VERSION", 1)
        leaky_trace().save(tmp_path / "earlier")

    assert "of an earlier shapetrace" in refused(capsys, "report", str(tmp_path / "earlier"))


def test_help_imports_nothing_heavy() -> None:
    code = f"""
import sys
from shapetrace.cli import main
from shapetrace.reports import translations
from shapetrace.trace import file
assert main(["--help"]) == main(["run", "--help"]) == main(["--version"]) == 0
sys.exit([name for name in {HEAVY} if name in sys.modules] or 0)
"""
    result = run_python(["-c", code])

    assert (result.returncode, result.stderr) == (0, "")


def test_the_module_is_the_command(saved: str) -> None:
    result = run_python(["-m", "shapetrace", "report", saved])

    assert (result.returncode, result.stdout[:12]) == (0, "error[ST101]")


def test_a_reader_that_has_seen_enough(saved: str) -> None:
    code = """
import subprocess, sys
command = [sys.executable, "-m", "shapetrace", "report", sys.argv[1], "--format", "json"]
process = subprocess.Popen(command, stdout=subprocess.PIPE)
process.stdout.close()
process.wait()
"""
    assert run_python(["-c", code, saved]).stderr == ""


COMMANDS = [name for name in cli.list_commands(Context(cli))]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_whole_sentences_and_an_example(name: str) -> None:
    command = cli.get_command(Context(cli), name)
    assert command is not None
    assert "Examples:" in (command.epilog or "")
    assert f"shapetrace {name}" in (command.epilog or "")
    assert (command.help or "").rstrip().endswith(".")
    assert (command.short_help or "").endswith(".")
    for option in command.params:
        if isinstance(option, Option) and not option.hidden:
            assert (option.help or "").endswith((".", ".dot")), option.name


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_commands(shell: str) -> None:
    script = run_python(["-m", "shapetrace"], env={"_SHAPETRACE_COMPLETE": f"{shell}_source"})
    assert "_SHAPETRACE_COMPLETE" in script.stdout and script.returncode == 0
    variables = (
        {"COMP_WORDS": "shapetrace rem", "COMP_CWORD": "1"}
        if shell != "fish"
        else {"COMP_WORDS": "shapetrace rem", "COMP_CWORD": "rem"}
    )
    given = run_python(["-m", "shapetrace"], env={"_SHAPETRACE_COMPLETE": f"{shell}_complete", **variables})
    assert "remedies" in given.stdout
    assert "verify" not in given.stdout


def help_texts() -> set[str]:
    """All that help says, a paragraph each."""
    found = [cli.help or ""]
    for name in COMMANDS:
        command = cli.get_command(Context(cli), name)
        assert command is not None
        found += [command.help or "", command.short_help or ""]
        found += [part.help or "" for part in command.params if isinstance(part, Option) and not part.hidden]
    return {" ".join(part.split()) for text in found for part in text.split("\n\n")} - {""}


def test_all_help_is_translated() -> None:
    own = {"Usage: ", "Options", "Commands", "Examples:", "Show this message and exit.", "Show the version and exit."}
    assert help_texts() | own == translations.help_texts("zh").keys()


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["why", "-h"], ["redact", "--help"]])
def test_help_speaks_the_language_of_the_environment(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("用法：shapetrace ")
    assert "\n选项：\n" in printed
    assert not [line for line in printed.splitlines() if cell_len(line) > 80]
    prose = re.sub(r"`[^`]*`|\[[^]]*\]|^ +shapetrace .*$", "", printed.partition("\n\n")[2], flags=re.MULTILINE)
    assert not re.search(r"(?<![\w.-])[a-z]{3,}(?: [a-z]{2,}){2,}", prose)
