"""The pages that are made of the program are what the program says."""

from __future__ import annotations

from pathlib import Path

import pytest

from shapetrace.cli import cli
from website import made_pages

PAGES = made_pages.pages()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(made_pages.DOCS)))
def test_it_is_what_the_program_says(path: Path) -> None:
    assert path.read_text("utf-8") == PAGES[path], "python -m website.made_pages writes it"


def test_it_tells_of_each_option() -> None:
    page = PAGES[made_pages.DOCS / "reference/commands.md"]
    assert all(f"## `shapetrace {name}`" in page for name in [*cli.list_commands(None), "sweep diff"])  # type: ignore[arg-type]
    assert "| `--fail-on [error\\|warning\\|note]` | Exit with 3" in page


def test_the_chinese_page_is_in_chinese() -> None:
    page = PAGES[made_pages.DOCS / "zh/reference/commands.md"]
    assert "| `--heal` | 修复：" in page
    assert "Examples:" not in page
