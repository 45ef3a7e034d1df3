"""A rule of ours has all that belongs to one: its module is imported, its page says what it is, and the list of rules leads to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shapetrace.plugin import Rule
from shapetrace.rules import registry

RULES = Path(registry.__file__).parent
LISTED = (RULES.parents[1] / "docs/rules/README.md").read_text("utf-8")
OWN = registry.own()


def test_each_module_that_registers_a_rule_is_imported() -> None:
    registering = {path.stem for path in RULES.glob("*.py") if re.search(r"^register\(", path.read_text("utf-8"), re.M)}
    assert set(registry._MODULES) == registering


def test_there_is_no_page_without_a_rule() -> None:
    assert {path.stem for path in (RULES / "pages").glob("*.md")} == set(OWN)


@pytest.mark.parametrize("rule", OWN.values(), ids=lambda rule: rule.code)
def test_its_page_begins_with_what_it_is(rule: Rule) -> None:
    headline, _, rest = rule.page.partition("\n")
    assert headline == f"# {rule.code}: {rule.title}"
    assert rest.lower().lstrip().startswith(f"**severity:** {rule.severity}")


@pytest.mark.parametrize("rule", OWN.values(), ids=lambda rule: rule.code)
def test_the_list_of_rules_leads_to_its_page(rule: Rule) -> None:
    assert f"- [{rule.code}: {rule.title}](../../shapetrace/rules/pages/{rule.code}.md)" in LISTED.splitlines()
