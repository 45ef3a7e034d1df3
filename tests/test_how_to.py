"""What the tutorial and the how-to pages quote is so: the commands print it, and the example has it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from subprocess_run import HUNG, ROOT, run_python
from versions import LEGACY

PAGES = ROOT / "docs" / "how-to"
TUTORIAL = ROOT / "docs" / "tutorial.md"
CHINESE = ROOT / "docs" / "zh" / "tutorial.md"
EXAMPLE = ROOT / "examples" / "third_party_remedy"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CHANGING = re.compile(r"\d+ (?:ops, |个算子，)Paddle \S+|\d+ things")
"""What is another number with another Paddle."""


def blocks(page: str | Path, language: str) -> list[str]:
    """The blocks of code on a page."""
    text = (PAGES / page).read_text(encoding="utf-8")
    return [code for known, code in BLOCK.findall(text) if known == language]


def commands(page: str | Path) -> list[tuple[str, list[str]]]:
    """The commands on a page, and the lines that each is said to print; `...` stands for others."""
    found: list[tuple[str, list[str]]] = []
    for line in "".join(blocks(page, "")).splitlines():
        if line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
        elif line.strip() and line != "...":
            found[-1][1].append(line)
    return found


class Terminal:
    """Does what the pages say, in a directory that has the examples, `crop.py` and `pyramid.py`."""

    def __init__(self, place: Path) -> None:
        self.place = self.directory = place
        self.site = place / "site"
        shutil.copytree(ROOT / "examples", place / "examples", ignore=shutil.ignore_patterns("__pycache__"))
        (crop,) = [code for code in blocks("heal.md", "python") if "class Crop" in code]
        (place / "crop.py").write_text(crop)
        (pyramid,) = [code for code in blocks("verify.md", "python") if "class Pyramid" in code]
        (place / "pyramid.py").write_text(pyramid)

    def type(self, command: str, language: str = "C.UTF-8") -> list[str]:
        """The lines that a command prints."""
        name, *arguments = shlex.split(command)
        if name == "cd":
            self.directory = self.directory / arguments[0]
            return []
        if name == "pip":
            options = ["--quiet", "--no-build-isolation", "--no-index", "--target", str(self.site)]
            pip = [sys.executable, "-m", "pip", *arguments, *options]
            subprocess.run(pip, cwd=self.directory, check=True, timeout=HUNG)
            return []
        paths = os.pathsep.join(map(str, (self.site, ROOT, ROOT / "plugins")))
        given = arguments if name == "python" else ["-m", "shapetrace", *arguments]
        done = run_python(
            given, cwd=self.directory, env={"PYTHONPATH": paths, "PYTHONSAFEPATH": "", "LC_ALL": language}
        )
        return (done.stdout + done.stderr).replace(f"{self.place}/", "/home/ann/").splitlines()


@pytest.mark.paddle
@pytest.mark.parametrize(
    "page", [path.name for path in sorted(PAGES.glob("*.md")) if "```\n$ " in path.read_text("utf-8")]
)
def test_commands_print_what_the_page_says(page: str, tmp_path: Path) -> None:
    if LEGACY and page == "sizes.md":
        pytest.skip("shapes that are fitted are refused")
    terminal = Terminal(tmp_path)
    assert commands(page)
    for command, said in commands(page):
        assert _missing(said, terminal.type(command)) is None, command


def _missing(said: list[str], printed: list[str]) -> str | None:
    """The first line of a page that a command has not printed, after those before it."""
    rest = iter([CHANGING.sub("…", line.rstrip()) for line in printed])
    wanted = (CHANGING.sub("…", line) for line in said)
    return next((line for line in wanted if not any(_is(line, each) for each in rest)), None)


def _is(wanted: str, line: str) -> bool:
    """Whether a line is the one on the page, where `...` at the end stands for the rest of it."""
    return line.startswith(wanted.removesuffix("...")) if wanted.endswith(" ...") else line == wanted


@pytest.fixture(scope="module")
def tutored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Terminal, dict[str, list[str]]]:
    """A terminal in which the tutorial has been done, and what each command printed."""
    if LEGACY:
        pytest.skip("the names and numbers of tensors on the page are those of Paddle 3")
    terminal = Terminal(tmp_path_factory.mktemp("tutorial"))
    return terminal, {command: terminal.type(command) for command, _ in commands(TUTORIAL)}


@pytest.mark.paddle
def test_the_tutorial_is_what_its_commands_print(tutored: tuple[Terminal, dict[str, list[str]]]) -> None:
    missing = {command: _missing(said, tutored[1][command]) for command, said in commands(TUTORIAL)}
    assert set(missing.values()) == {None}, missing


@pytest.mark.paddle
def test_the_chinese_tutorial_is_what_its_commands_print(tutored: tuple[Terminal, dict[str, list[str]]]) -> None:
    """What `run` says is said again of the trace that it has written; what speaks English only has been printed before."""
    terminal, printed = tutored
    assert [command for command, _ in commands(CHINESE)] == list(printed)
    for command, said in commands(CHINESE):
        words = command.split()
        if "--trace" in words:
            again = terminal.type(f"shapetrace report {words[words.index('--trace') + 1]}", "zh_CN.UTF-8")
        else:
            speaks = words[1] in ("why", "annotate")
            again = terminal.type(command, "zh_CN.UTF-8") if speaks else printed[command]
        assert _missing(said, again) is None, command


def test_the_page_on_remedies_quotes_the_example() -> None:
    source = (EXAMPLE / "fast_norm_remedy.py").read_text(encoding="utf-8")
    quoted = [code for code in blocks("write-a-remedy.md", "python") if "ACME101" not in code]

    assert len(quoted) == 5
    assert all(code in source for code in quoted)
    assert blocks("write-a-remedy.md", "toml")[0] in (EXAMPLE / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.paddle
def test_the_plugin_of_that_page_works(tmp_path: Path) -> None:
    (code,) = [code for code in blocks("write-a-remedy.md", "python") if "ACME101" in code]
    terminal = Terminal(tmp_path)
    metadata = terminal.site / "acme-1.0.dist-info"
    metadata.mkdir(parents=True)
    (terminal.site / "acme_plugin.py").write_text(code)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[shapetrace]\nacme = acme_plugin\n")
    (tmp_path / "fixed.py").write_text((tmp_path / "crop.py").read_text().replace("[-1, -1, 4]", "[2, 3, 4]"))

    terminal.type("shapetrace run --report out.table --trace saved fixed.py")

    row = "ACME101\tx has no unknown axis"
    assert (tmp_path / "out.table").read_text() == f"{row}\n"
    assert terminal.type("shapetrace report saved --format table") == [row]
    assert terminal.type("shapetrace rule ACME101")[0] == "# ACME101: an input has no unknown axis"
    assert "ACME101  warning  an input has no unknown axis" in terminal.type("shapetrace rule")


@pytest.mark.paddle
def test_verify_in_python(tmp_path: Path) -> None:
    asserting, remedied = [code for code in blocks("verify.md", "python") if "verify(" in code]
    terminal = Terminal(tmp_path)
    (tmp_path / "asserting.py").write_text(asserting)
    (tmp_path / "remedied.py").write_text(asserting.partition("result")[0] + remedied)

    assert any(line.startswith("AssertionError: Crop: the exported") for line in terminal.type("python asserting.py"))
    assert not any("Error" in line for line in terminal.type("python remedied.py"))
