"""The source in the terminal, with the shapes that its lines make."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotated_trace import FILE, trace
from shapetrace import Trace
from shapetrace.cli import main
from shapetrace.errors import UsageError
from shapetrace.reports import source
from shapetrace.trace import file


def test_each_line_has_its_shapes_beside_or_below() -> None:
    text = source.render(trace(), all=False, lang="en")

    assert text.splitlines() == [
        FILE,
        "2       def unused(self):  no conversion came by",
        "⋮",
        "5       def forward(self, image):",
        "6           n = image.shape[0]                               n = -1 in place of image[0]",
        "7           y = self.stem(image)                             y: [image[0], 8, image[2]//2, image[3]//2]",
        "8 !         return a_function_with_a_very_long_name_indeed(y, and_arguments_that_take, the_rest_of_the_line)",
        "            ↳ return: [image[0], 8, image[2]//2, image[3]//2]",
        "            ^ ST101: relu got -1",
        "",
        "  image[0]  image[2]  image[3]",
    ]


def test_all_lines_where_they_are_wanted() -> None:
    lines = source.render(trace(), "net.py", lang="en").splitlines()

    assert [line.split()[0] for line in lines[1:9]] == list("12345678")


def test_nothing_stands_below_a_long_line_that_makes_nothing() -> None:
    lengthened = trace()
    lengthened.files[FILE] = lengthened.files[FILE].replace(
        "def forward(self, image):", f"def forward(self, image):  # {'long ' * 30}"
    )

    lines = source.render(lengthened, lang="en").splitlines()

    assert not [line for line in lines if line.strip() == "↳"]


def test_a_trace_without_source_is_shown_by_its_lines() -> None:
    bare = trace()
    bare.files.clear()

    text = source.render(bare, lang="en")

    assert "the trace has no source of this file" in text
    assert "[image[0], 8, image[2]//2, image[3]//2]" in text


def test_a_dim_has_the_colour_of_its_input(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file.write(trace(), tmp_path / "a.trace")

    assert main(["annotate", "--color", "always", "--lang", "en", str(tmp_path / "a.trace"), "net.py"]) == 0

    shown = capsys.readouterr().out
    assert "\x1b[36mimage[0]\x1b[0m" in shown
    assert "\x1b[35mimage[2]//2\x1b[0m" in shown


def test_a_file_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match=r"nothing of a file nets\.py: it has /home/ann/net\.py"):
        source.render(trace(), "nets.py")
    with pytest.raises(UsageError, match="no conversion"):
        source.render(Trace())
