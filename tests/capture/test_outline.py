"""What a trace keeps of the source: the functions that a conversion came by, and no other lines."""

from __future__ import annotations

import ast
from pathlib import Path

from shapetrace.annotated.statements import parsed
from shapetrace.capture.source.outline import outline

SOURCE = '''\
"""A model."""
PASSWORD = "swordfish"

if PASSWORD:
    def other(x):
        return x + 1

class Net:
    """A net."""

    secret = 3

    @property
    def hidden(
        self,
    ):
        return self.secret

    def forward(self, x):
        y = x * 2

        return y

def one_line(x): return x - 7

class Empty: pass

z = made()
'''


def kept(tmp_path: Path, *seen: int) -> str:
    path = tmp_path / "net.py"
    path.write_text(SOURCE, encoding="utf-8")
    return outline(str(path), seen)


def test_whole_functions_and_heads_stay_at_their_lines(tmp_path: Path) -> None:
    text = kept(tmp_path, 20)
    lines, source = text.splitlines(), SOURCE.splitlines()

    assert [n for n, line in enumerate(lines, 1) if line and line == source[n - 1]] == [8, 13, 14, 15, 16, 19, 20, 22]
    assert {n: line for n, line in enumerate(lines, 1) if line and line != source[n - 1]} == {
        9: "    ...",
        17: "        ...",
    }


def test_what_stays_can_be_parsed(tmp_path: Path) -> None:
    for seen in ((20,), (), (28,), (6,), (17, 24)):
        text = kept(tmp_path, *seen)
        ast.parse(text)
    assert "swordfish" not in text
    assert [function.name for function in parsed(kept(tmp_path, 20)).functions] == ["Net.hidden", "Net.forward"]


def test_a_line_of_the_module_stays_alone(tmp_path: Path) -> None:
    assert [line for line in kept(tmp_path, 28).splitlines() if "made" in line] == ["z = made()"]


def test_what_cannot_be_read_is_empty(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def f(:\n", encoding="utf-8")

    assert outline(str(tmp_path / "broken.py"), [1]) == ""
    assert outline(str(tmp_path / "missing.py"), [1]) == ""
