"""What the site has besides `docs/`: the pages of the rules, those of source that pages link to, and the way to the other language.

On a code host the links of `docs/` lead to files of the repository. Here they lead to the pages made of these files; a link to nothing is left as
it is, and MkDocs fails over it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
ENGLISH, CHINESE = ROOT / "docs", ROOT / "docs" / "zh"
RULES = {ENGLISH: ROOT / "shapetrace/rules/pages", CHINESE: ROOT / "shapetrace/rules/pages/zh"}
LINK = re.compile(r"(?<=\]\()(?!\w+:|#|/)([^)#\s]*)((?:#[^)\s]*)?)(?=\))")
FENCED = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)
WRAPPED = re.compile(r"(?<=[\u3001-\u303f\u4e00-\u9fff\uff01-\uff60])\n *(?=[\u4e00-\u9fff\uff08\u300a])")
"""A line end within Chinese text, which a browser would show as a space."""
LANGUAGES = {".md": "", ".py": "python", ".toml": "toml"}
OTHER = "other-language:"
"""Stands before an address in the site of the other language, until MkDocs has looked at the links of this one."""

_pages: dict[Path, str] = {}
"""Where files of the repository are in the site that is being built."""


def on_config(config: MkDocsConfig) -> None:
    """Put the pages of the rules below their list."""
    rules = sorted(path.name for path in RULES[Path(config.docs_dir)].glob("ST*.md"))
    for entry in config.nav or []:
        for section in entry.values() if isinstance(entry, dict) else ():
            if section == ["rules/README.md"]:
                section += [f"rules/{name}" for name in rules]


@event_priority(100)
def on_files(files: Files, *, config: MkDocsConfig) -> None:
    """Add the pages that are made of other files."""
    docs = Path(config.docs_dir)
    _pages.clear()
    for path in sorted(RULES[docs].glob("ST*.md")):
        files.append(File.generated(config, f"rules/{path.name}", abs_src_path=str(path)))
        _pages[path] = f"rules/{path.name}"
    _pages.update((Path(file.abs_src_path), file.src_uri) for file in files if file.abs_src_path)
    for file in list(files.documentation_pages()):
        origin = Path(str(file.abs_src_path))
        for target, _ in LINK.findall(file.content_string):
            path = (origin.parent / target).resolve()
            if path.exists() and ROOT in path.parents and ENGLISH not in path.parents and path not in _pages:
                _pages[path] = f"source/{path.relative_to(ROOT)}.md"
                files.append(File.generated(config, _pages[path], content=_source(path)))


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Have links lead to where the files are in the site."""
    origin = Path(page.file.abs_src_path or ROOT)

    def led(match: re.Match[str]) -> str:
        target, anchor = match.groups()
        path = (origin.parent / target).resolve()
        if path in _pages:
            return os.path.relpath(_pages[path], os.path.dirname(page.file.src_uri) or ".") + anchor
        if path.is_file() and ENGLISH in path.parents:
            return f"{OTHER}{_address(path.relative_to(_other(config)))}{anchor}"
        return match[0]

    return markdown if page.file.src_uri.startswith("source/") else LINK.sub(led, _unwrapped(markdown))


def _unwrapped(markdown: str) -> str:
    """Text without the line ends within Chinese; code as it is."""
    parts = FENCED.split(markdown)
    parts[::2] = [WRAPPED.sub("", part) for part in parts[::2]]
    return "".join(parts)


def on_post_page(output: str, *, page: Page, config: MkDocsConfig) -> str:
    """Write the links into the other language as a browser takes them."""
    return output.replace(f'href="{OTHER}', f'href="{_way_across(page, config)}')


def on_page_context(context: dict[str, Any], *, page: Page, config: MkDocsConfig, nav: Any) -> None:
    """Offer the same page in the other language; where there is none, the first page of it."""
    there, twin = _other(config), page.file.src_uri
    known = (RULES[there] / Path(twin).name if twin.startswith("rules/ST") else there / twin).is_file()
    other = {"link": OTHER + (_address(Path(twin)) if known else "index.html")}
    own = {"link": page.file.dest_uri}
    english, chinese = (own, other) if there == CHINESE else (other, own)
    config.extra["alternate"] = [
        {"name": "English", "lang": "en", **english},
        {"name": "简体中文", "lang": "zh", **chinese},
    ]


def _other(config: MkDocsConfig) -> Path:
    return ENGLISH if Path(config.docs_dir) == CHINESE else CHINESE


def _way_across(page: Page, config: MkDocsConfig) -> str:
    """From a page to the first folder of the site of the other language."""
    up = "../" * page.file.dest_uri.count("/")
    return f"{up}../" if _other(config) == ENGLISH else f"{up}zh/"


def _address(path: Path) -> str:
    """The address of a page in its site."""
    if path.suffix != ".md":
        return path.as_posix()
    return path.with_name("index.html" if path.stem == "README" else f"{path.stem}.html").as_posix()


def _source(path: Path) -> str:
    """The page of a file of the repository, or of a folder: what stands in it."""
    name = path.relative_to(ROOT)
    if path.is_dir():
        return f"# {name}\n\n" + "".join(f"- `{each.name}`\n" for each in sorted(path.iterdir()) if each.name[0] != "_")
    return f"# {name}\n\n`````{LANGUAGES.get(path.suffix, '')}\n{path.read_text('utf-8')}\n`````\n"
