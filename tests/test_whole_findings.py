"""What is said of each small model, to the letter: source, sink, chain, roots, cause, fix, message and severity.

A rule's code alone lets a wrong line, root or message through. Where what is said has changed, and should have, write the
files again and look at what `git diff` shows:

    python tests/whole_findings.py                 # all of them: a minute
    python tests/whole_findings.py branch loop     # those of tests/models/branch.py and loop.py

A conflict in `tests/models/golden` is solved in the same way, whatever the two sides say.
"""

from __future__ import annotations

import difflib

import pytest

import whole_findings
from recorded_traces import Recordings, modules
from versions import PADDLE

pytestmark = [
    pytest.mark.paddle,
    pytest.mark.skipif(not PADDLE.startswith("3.3."), reason="other Paddles fail at other places, with other messages"),
]
MODULES = modules("models") + modules("models/reported")


@pytest.mark.parametrize("module", MODULES)
def test_the_findings_are_those_on_file(recorded: Recordings, module: str) -> None:
    path = whole_findings.path_of(module)
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    seen = whole_findings.seen(recorded, module)
    changed = difflib.unified_diff(kept.splitlines(), seen.splitlines(), "on file", "seen", lineterm="", n=4)
    name = module.removeprefix("models.")
    assert kept == seen, "\n".join([f"if this is as it should be: {whole_findings.COMMAND} {name}", *changed])


def test_no_file_is_without_its_model() -> None:
    assert set(whole_findings.GOLDEN.glob("*.json")) == set(map(whole_findings.path_of, MODULES))
