"""The scripts of `docs/reports-for-paddle.md`: each stands by itself, and says of this Paddle what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import upstream
from subprocess_run import ROOT
from versions import PADDLE

PAGE = ROOT / "docs" / "reports-for-paddle.md"
HEAD, _, *ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.read_text("utf-8").splitlines()
    if line.startswith("| ")
]
NAMED = {re.sub(r"\[(\w+)\].*", r"\1", row[0]): row for row in ROWS}


def said(script: Path) -> str:
    """What the page says of a script on this Paddle."""
    return NAMED[script.stem][HEAD.index(PADDLE)] if PADDLE in HEAD else ""


def test_the_page_has_all_scripts_with_what_they_say_is_wrong() -> None:
    assert {script.stem: upstream.title(script) for script in upstream.SCRIPTS} == {
        name: row[2] for name, row in NAMED.items()
    }
    assert all(len(row) == len(HEAD) and set(row[4:]) <= set(upstream.WORDS) for row in ROWS)


@pytest.mark.parametrize("script", upstream.SCRIPTS, ids=lambda script: script.stem)
def test_a_script_can_be_pasted(script: Path) -> None:
    text = script.read_text("utf-8")

    assert "shapetrace" not in text
    assert len(text.splitlines()) <= 50
    assert "right: " in text or "'right'" in text


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ("print('noise')\nprint('fault: it is wrong')", ("fault", "it is wrong")),
        ("import os\nos.abort()", ("fault", "it ends the process (SIGABRT)")),
        ("print('right: it is')\nraise SystemExit(3)", ("fault", "it ends the process (exit code 3)")),
        ("print('absent: no such thing')", ("absent", "no such thing")),
    ],
)
def test_what_a_script_says_counts_where_it_ends_well(source: str, outcome: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(source)

    assert upstream.outcome(tmp_path / "script.py") == outcome


@pytest.mark.paddle
@pytest.mark.slow
@pytest.mark.skipif(PADDLE not in HEAD, reason="the page has no column for this Paddle")
@pytest.mark.parametrize("script", upstream.SCRIPTS, ids=lambda script: script.stem)
def test_the_page_says_what_this_paddle_does(script: Path) -> None:
    found = upstream.outcome(script)

    if found.verdict == "absent":
        pytest.skip(found.says)
    assert found.verdict == said(script), found.says
