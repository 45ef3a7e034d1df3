"""Whether the built site holds together: `python website/check.py build/site`.

MkDocs looks at the links of one language. This looks at all pages of both: each link leads to a file and to an anchor that are there, and nothing is
loaded from another host, so that the site can be read offline.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class _Page(HTMLParser):
    """What a page links to, what it loads, and its anchors."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag."""
        given = {name: value or "" for name, value in attrs}
        self.anchors.update(given[name] for name in ("id", "name") if name in given)
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" and given.get("rel") in ("stylesheet", "icon", "preconnect") and "href" in given:
            self.loaded.append(given["href"])
        if tag in ("script", "img", "iframe", "source") and "src" in given:
            self.loaded.append(given["src"])


page = lru_cache(maxsize=None)(_Page)


def faults(site: Path) -> list[str]:
    """A sentence for each link that leads nowhere, and for each thing that comes from elsewhere."""
    found = []
    for path in sorted(site.rglob("*.html")):
        if path.name == "404.html":  # is served at any address, so its links begin at the root
            continue
        where = path.relative_to(site)
        found += [f"{where}: loads {url}" for url in page(path).loaded if urlsplit(url).netloc]
        found += [
            f"{where}: leads to {url}" for url in page(path).links + page(path).loaded if not _is_there(path, url)
        ]
    return found


def _is_there(path: Path, url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme or parts.netloc:
        return True
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    target = target / "index.html" if target.is_dir() else target
    if not target.is_file():
        return False
    anchor = unquote(parts.fragment)
    return not anchor or target.suffix != ".html" or anchor in page(target).anchors


if __name__ == "__main__":
    sys.exit("\n".join(faults(Path(sys.argv[1]))) or None)
