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
    assert set(registry._MODULES) == registering, "a line of _MODULES in shapetrace/rules/registry.py"


def test_there_is_no_page_without_a_rule() -> None:
    assert {path.stem for path in (RULES / "pages").glob("*.md")} == set(OWN)


def test_there_is_a_page_for_each_rule() -> None:
    lacking = [
        f"{path}/{code}.md"
        for path in ("pages", "pages/zh")
        for code in OWN
        if not (RULES / path / f"{code}.md").is_file()
    ]
    assert lacking == [], "to be written in shapetrace/rules, with the headings of the others"


@pytest.mark.parametrize("rule", OWN.values(), ids=lambda rule: rule.code)
def test_its_page_begins_with_what_it_is(rule: Rule) -> None:
    headline, _, rest = rule.page.partition("\n")
    assert headline == f"# {rule.code}: {rule.title}"
    assert rest.lower().lstrip().startswith(f"**severity:** {rule.severity}")


@pytest.mark.parametrize("rule", OWN.values(), ids=lambda rule: rule.code)
def test_the_list_of_rules_leads_to_its_page(rule: Rule) -> None:
    line = f"- [{rule.code}: {rule.title}](../../shapetrace/rules/pages/{rule.code}.md)"
    assert line in LISTED.splitlines(), "python -m website.made_pages writes it"


HEADINGS = {
    "What happens": "发生了什么",
    "Why": "原因",
    "Example": "示例",
    "How to fix it": "怎样修改",
    "What is not seen": "看不到的",
    "When it is fine": "什么时候没有问题",
}
_ENGLISH = re.compile(r"(?<![\\w.`])[a-z]{2,}(?: [a-z]{2,}){2,}")


@pytest.mark.parametrize("code", sorted(OWN))
def test_each_page_is_there_in_chinese(code: str) -> None:
    rule = OWN[code]
    english, chinese = rule.page, registry.page(rule, "zh")

    assert chinese.startswith(f"# {code}：{registry.title(rule, 'zh')}\n\n**严重程度：**")
    headings = re.findall("^## (.*)$", english, re.MULTILINE)
    assert set(headings) <= set(HEADINGS)
    assert [HEADINGS[heading] for heading in headings] == re.findall("^## (.*)$", chinese, re.MULTILINE)
    assert [code_of(block) for block in BLOCK.findall(english)] == [code_of(block) for block in BLOCK.findall(chinese)]
    prose = re.sub(r"`[^`]*`|\"[^\"]*\"", "", BLOCK.sub("", chinese))
    assert not _ENGLISH.search(prose)
    assert not re.search("[\u4e00-\u9fff][,:;?()]|[,;?] ?[\u4e00-\u9fff]", prose)


BLOCK = re.compile("^```.*?^```$", re.MULTILINE | re.DOTALL)


def code_of(block: str) -> str:
    """A block of code without its comments."""
    return re.sub(" *# .*", "", block)


def test_a_plugins_page_is_as_it_is() -> None:
    rule = Rule("ACME1", "a title", "error", lambda trace: [], "# ACME1: a title")
    assert registry.page(rule, "zh") == "# ACME1: a title"
    assert registry.title(rule, "zh") == "a title"
