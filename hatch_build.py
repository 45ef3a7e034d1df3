"""What the package says of itself and only the build knows: the README and the addresses of the project.

A package index shows the README alone, so its links to files of the repository must be whole addresses there. Whoever
builds a release names the repository in the environment: `SHAPETRACE_REPOSITORY=https://…`. Without it there is no address
to give: the links become plain text, and the package has no project URLs.
"""

from __future__ import annotations

import os
import re
import runpy
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(?P<picture>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")


class Described(MetadataHookInterface):  # type: ignore[misc]
    """Fills `readme` and `urls`, which are dynamic in pyproject.toml."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Write both into the metadata of the project."""
        root = Path(self.root)
        version = runpy.run_path(str(root / "shapetrace" / "version.py"))["__version__"]
        repository = os.environ.get("SHAPETRACE_REPOSITORY", "").rstrip("/")
        text = linked((root / "README.md").read_text("utf-8"), repository, f"v{version}")
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
        metadata["urls"] = urls(repository, f"v{version}") if repository else {}


def urls(repository: str, tag: str) -> dict[str, str]:
    """The project URLs of a release, by the names that package indexes know."""
    return {
        "Source": repository,
        "Documentation": f"{repository}/tree/{tag}/docs",
        "Changelog": f"{repository}/blob/{tag}/CHANGELOG.md",
        "Issues": f"{repository}/issues",
    }


def linked(text: str, repository: str, tag: str) -> str:
    """A README whose links to files of the repository are whole addresses, or plain text where no repository is named."""

    def link(found: re.Match[str]) -> str:
        picture, shown, target = found["picture"], found["text"], found["target"]
        if ":" in target or target.startswith("#"):
            return found[0]
        if not repository:
            return "" if picture else shown
        return f"{picture}[{shown}]({repository}/{'raw' if picture else 'blob'}/{tag}/{target})"

    return _LINK.sub(link, text)
