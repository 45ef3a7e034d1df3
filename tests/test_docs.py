"""The pages of docs/ hold together.

Each promise names a test that is there, the Chinese pages show the code of the English ones, and each block for a
terminal is run by a test or says why it is not.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import shapetrace
from subprocess_run import ROOT

DOCS = ROOT / "docs"
CHINESE = sorted((DOCS / "zh" / "how-to").glob("*.md"))
PAGES = sorted(
    path
    for place in (".", "docs/**", "examples/**", "shapetrace/rules/pages/**")
    for path in ROOT.glob(f"{place}/*.md")
)
GUIDES = [DOCS / "tutorial.md", *sorted((DOCS / "how-to").glob("*.md"))]
BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
REASON = re.compile(r"<!-- not run: [^>]{10,} -->\n+$")


def blocks(path: Path) -> list[tuple[str, str]]:
    """The language and the code of each block."""
    return [(language, code) for _, language, code in BLOCK.findall(path.read_text("utf-8"))]


def test_each_promise_names_a_test_that_is_there() -> None:
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \|$", (DOCS / "promises.md").read_text("utf-8"), re.MULTILINE)[2:]
    named = [re.findall(r"`([\w/]+\.py)`", row) for row in rows]
    assert len(rows) > 15
    assert all(named)
    assert [path for paths in named for path in paths if not (ROOT / path).is_file()] == []


def test_the_page_on_the_api_names_all_that_is_exported() -> None:
    page = (DOCS / "reference/python.md").read_text("utf-8")
    documented = set(re.findall(r"^::: shapetrace\.(?:(?:watch|verify|proof)\.)?(\w+)$", page, re.MULTILINE))
    assert documented == set(shapetrace.__all__) - {"__version__"}


@pytest.mark.parametrize("path", CHINESE, ids=lambda path: path.name)
def test_a_chinese_page_shows_the_code_of_the_english_one(path: Path) -> None:
    def bare(code: str) -> str:
        return re.sub(r" *(#|//|<!--).*", "", code)

    english = DOCS / "how-to" / path.name
    assert [(language, bare(code)) for language, code in blocks(path)] == [
        (language, bare(code)) for language, code in blocks(english)
    ]
    assert path.read_text("utf-8").count("\n## ") == english.read_text("utf-8").count("\n## ")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_of_the_repository(path: Path) -> None:
    """As a code host has them; `make docs` looks at those of the site, and at anchors."""
    targets = re.findall(r"\]\((?!\w+:)([^)#\s]+)", BLOCK.sub("", path.read_text("utf-8")))
    assert [target for target in targets if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_a_block_for_a_terminal_is_run_or_says_why_not(path: Path) -> None:
    text = path.read_text("utf-8")
    for match in BLOCK.finditer(text):
        _, language, code = match.groups()
        typed = re.search(r"^(\w*\$ +)?(shapetrace|pip|dask|kubectl|python|make) ", code, re.MULTILINE)
        if language in ("", "sh", "bash", "text") and typed and not (language == "" and code.startswith("$ ")):
            assert REASON.search(text[: match.start()]), f"{path.name}: no test runs {code!r}, and nothing says why"
