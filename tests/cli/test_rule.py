"""`shapetrace rule`: the list, one page, all of them, and JSON."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from example_traces import leaky_trace
from shapetrace import reports, rules
from shapetrace.cli import main
from shapetrace.plugin import Rule
from shapetrace.rules import address

PAGES = "https://example.org/shapetrace/blob/v"


@pytest.fixture
def released(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a package was installed that was built with SHAPETRACE_REPOSITORY."""
    monkeypatch.setattr(address, "_source", lambda: "https://example.org/shapetrace")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["rule", *arguments]) == 0
    return capsys.readouterr().out


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = msgspec.json.decode(printed(capsys, "--json", *arguments))["rules"]
    return found


def test_all_pages_are_printed_one_after_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    pages = printed(capsys, "--all")

    assert [line for line in pages.splitlines() if line.startswith("# ST")] == [
        rule.page.partition("\n")[0] for rule in rules.all_rules()
    ]
    assert main(["rule", "--all", "ST101"]) == 2
    assert capsys.readouterr().err == "shapetrace: --all is for all rules: leave ST101 out\n"


def test_rules_are_told_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    every = told(capsys)

    assert [rule["code"] for rule in every] == [rule.code for rule in rules.all_rules()]
    assert every == told(capsys, "--all")
    (one,) = told(capsys, "st101", "--lang", "zh")
    assert (one["code"], one["severity"], one["url"]) == ("ST101", "error", None)
    assert one["page"] == rules.page(rules.get("ST101"), "zh")


def test_a_released_package_knows_where_its_pages_are(released: None, capsys: pytest.CaptureFixture[str]) -> None:
    (one,) = told(capsys, "ST101")
    (chinese,) = told(capsys, "ST101", "--lang", "zh")

    assert one["url"].startswith(PAGES)
    assert one["url"].endswith("/shapetrace/rules/pages/ST101.md")
    assert chinese["url"].endswith("/shapetrace/rules/pages/zh/ST101.md")
    assert f"<{one['url']}>" in printed(capsys, "ST101")


def test_sarif_names_the_address_of_a_page_where_there_is_one(released: None) -> None:
    (rule,) = msgspec.json.decode(reports.render(leaky_trace(), "sarif"))["runs"][0]["tool"]["driver"]["rules"]

    assert rule["helpUri"] == address.of(rules.get("ST101"))
    assert rule["help"]["markdown"] == rules.get("ST101").page


def test_a_rule_of_a_plugin_has_no_page_of_ours(released: None) -> None:
    assert address.of(Rule("ACME101", "x", "error", lambda trace: (), "# ACME101: x")) == ""


@pytest.mark.parametrize(
    ("urls", "source"),
    [([], ""), (["Issues, https://example.org/i", "Source, https://example.org/s"], "https://example.org/s")],
)
def test_the_address_is_that_of_the_installed_package(
    urls: list[str], source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Metadata:
        def get_all(self, name: str, default: list[str]) -> list[str]:
            assert name == "Project-URL"
            return urls or default

    monkeypatch.setattr(address, "metadata", lambda name: Metadata())
    address._source.cache_clear()
    try:
        assert address._source() == source
    finally:
        address._source.cache_clear()
