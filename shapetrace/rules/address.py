"""Where the page of a rule can be read: in the repository that the release was made from."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, metadata

from shapetrace.plugin import Rule
from shapetrace.rules import registry
from shapetrace.version import __version__


def of(rule: Rule, language: str = "en") -> str:
    """The address of a rule's page; empty for a plugin's rule, and where the package names no repository, as one from a checkout.

    Args:
        rule: The rule.
        language: Of the page; English where it has not been translated.
    """
    if rule.text or not (source := _source()):
        return ""
    folder = f"{language}/" if language != "en" and registry.page(rule, language) != rule.page else ""
    return f"{source}/blob/v{__version__}/shapetrace/rules/pages/{folder}{rule.code}.md"


@cache
def _source() -> str:
    """The project URL `Source` of the installed package."""
    try:
        addresses = metadata("shapetrace").get_all("Project-URL", [])
    except PackageNotFoundError:
        return ""
    named: dict[str, str] = dict(address.split(", ", 1) for address in addresses)
    return named.get("Source", "")
