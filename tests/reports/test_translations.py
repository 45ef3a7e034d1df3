"""The page in Chinese: everything it says has a translation, and no translation is left over."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import msgspec
import pytest

from example_traces import leaky_trace
from recorded_traces import Recordings, every
from shapetrace import reports, rules
from shapetrace.errors import UsageError
from shapetrace.reports import html, translations, wording
from shapetrace.reports.translations import catalog
from shapetrace.rules import paddle_apis
from shapetrace.trace import SEVERITIES

HTML = Path(html.__file__).parent


def said() -> set[str]:
    """Every text that the page's templates, script and Python code ask a translation for."""
    texts = {form for severity in SEVERITIES for form in (severity, f"{severity}s")}
    for template in HTML.glob("templates/*.html"):
        content = template.read_text(encoding="utf-8")
        texts.update(re.findall(r'\b_\("([^"]+)"\)', content))
        for forms in re.findall(r'ngettext\("([^"]+)", "([^"]+)"', content):
            texts.update(forms)
    for script in HTML.glob("static/[!d]*.js"):  # dagre speaks to nobody
        texts.update(re.findall(r"\bt\('([^']+)'", script.read_text(encoding="utf-8")))
    titles = re.search(r"const TITLES = \{(.*)\}", (HTML / "static" / "table.js").read_text(encoding="utf-8"))
    assert titles
    texts.update(re.findall(r"'([^']+)'", titles.group(1)))
    for module in HTML.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "gettext":
                texts.update(arg.value for arg in node.args if isinstance(arg, ast.Constant))
    return texts | set(wording._REASONS.values())


def test_everything_is_translated() -> None:
    assert said() - catalog("zh").texts.keys() == set()


def test_no_translation_is_left_over() -> None:
    assert catalog("zh").texts.keys() - said() == set()


def test_translations_keep_the_places_to_fill_in() -> None:
    for english, chinese in catalog("zh").texts.items():
        assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", chinese)), english
        assert chinese
        assert chinese != english


def test_the_page_says_which_language_it_is_in() -> None:
    page = reports.render(leaky_trace(), "html", lang="zh")

    assert isinstance(page, str)
    assert '<html lang="zh-Hans"' in page
    assert "Paddle 没有改写 deformable_core 就直接运行了它,因为它是通过 functools.partial 调用的。" in page


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LC_MESSAGES": "zh_TW", "LANG": "C"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_language_is_that_of_the_locale(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert catalog().language == language


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(UsageError, match="no reports in the language 'xx': choose one of en, zh"):
        catalog("xx")


RULES = Path(rules.__file__).parent
WRITTEN = "".join(
    path.read_text("utf-8")
    for path in (
        *RULES.rglob("*.py"),
        RULES.parent / "facts/op_arguments.py",
        RULES.parent / "facts/op_arguments.json",
    )
)
SENTENCES = json.loads((Path(translations.__file__).parent / "zh_sentences.json").read_text("utf-8"))


@pytest.mark.parametrize("template", SENTENCES)
def test_each_sentence_is_one_that_a_rule_says(template: str) -> None:
    """A rule that words it otherwise would no longer be translated."""
    for literal in re.split(r"\{\}|`", template.partition(": ")[0]):
        assert literal.strip(" ,") in WRITTEN.replace('"\n            f"', ""), literal
    assert len(re.findall(r"\{\d?\}", SENTENCES[template])) == template.count("{}")


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        (
            "reshape got shape[0] = -8, computed from an unknown dim",
            "reshape 得到 shape[0] = -8,这个数是由未知维度算出来的",
        ),
        (
            "`x[:, :h]` is sliced with -1 (`x.shape[1]`): an index or slice bound below zero counts from the end",
            "`x[:, :h]` 用 -1 (`x.shape[1]`) 作切片边界:负的下标或切片边界从末尾数起",
        ),
        (
            "division by 1 (`h * w`), meant as x[2]*x[3]; the export is silently wrong",
            "除以 1 (`h * w`),本意是 x[2]*x[3];导出的模型会悄悄算错",
        ),
        (
            "zeros got shape[0] = 8, computed from an unknown dim, meant as x[0] + 9; the export is silently wrong",
            "zeros 得到 shape[0] = 8,这个数是由未知维度算出来的,本意是 x[0] + 9;导出的模型会悄悄算错",
        ),
        (
            "x[0] is unknown in the spec, but add meets x[0] with the constant 4: only 1 and 4 fit",
            "x[0] 在 spec 中是未知的,但是add 让 x[0] 遇到常数 4:只有 1 和 4 合适",
        ),
        (
            "reshape got shape[0] = -2, computed from an unknown dim: Paddle refused it, and the model's own `except` took the "
            "fallback, which is baked in",
            "reshape 得到 shape[0] = -2,这个数是由未知维度算出来的:Paddle 拒绝了它,模型自己的 `except` 走了后备分支,结果被固定进了导出的模型",
        ),
        ("`{a: b}.get(n)` is 2, computed from an unknown dim", "`{a: b}.get(n)` 等于 2,这个数是由未知维度算出来的"),
        (
            "`math.log(n + 1)` raises ValueError over 0, computed from an unknown dim: "
            "the model's own `except` took the fallback, which is baked in",
            "`math.log(n + 1)` 因为 0 引发 ValueError,这个数是由未知维度算出来的:"
            "模型自己的 `except` 走了后备分支,结果被固定进了导出的模型",
        ),
        ("something that nobody has translated: x + 1", "something that nobody has translated:x + 1"),
    ],
)
def test_messages_are_translated_part_by_part(english: str, chinese: str) -> None:
    assert catalog("zh").sentence(english) == chinese
    assert catalog("en").sentence(english) == english


def test_a_long_message_costs_no_time() -> None:
    assert catalog("zh").sentence(" got = , computed" * 10_000).startswith(" got")


_ENGLISH = re.compile(r"(?<![\w.])[a-z]{2,}(?: [a-z]{2,})+")
"""Two English words in a row."""


def english(text: str) -> str:
    """What of a sentence is English still, the user's own code left out; empty for nothing."""
    found = _ENGLISH.search(re.sub(r"`[^`]*`", "", catalog("zh").sentence(text)))
    return found.group() if found else ""


def test_english_is_noticed() -> None:
    assert english("the moon is made of cheese") == "the moon is made of cheese"
    assert english("division by 1 (`n`), meant as nobody knows what") == "nobody knows what"
    assert english("`n is not a multiple` is 2, computed from an unknown dim") == ""


@pytest.mark.paddle
def test_all_that_is_said_of_the_models_has_chinese(recorded: Recordings) -> None:
    left = {}
    for name in every():
        if not recorded.recording(name).died:
            for finding in recorded.trace(name).findings:
                fix = (finding.fix.says,) if finding.fix is not None else ()
                left |= {text: english(text) for text in (finding.message, *finding.notes, *fix) if english(text)}
    assert left == {}


def test_all_that_a_number_can_mean_has_chinese() -> None:
    table = msgspec.json.decode((RULES.parent / "facts/op_arguments.json").read_bytes())
    assert {row["text"]: english(row["text"]) for row in table["arguments"] if english(row["text"])} == {}


@pytest.mark.parametrize("api", [*paddle_apis._INSTEAD, "unknown"])
def test_all_that_is_to_be_written_instead_has_chinese(api: str) -> None:
    assert english(paddle_apis.instead(api)) == ""


def says() -> set[str]:
    """The sentences of fixes that stand as they are in the code."""
    texts: set[str] = set()
    for module in RULES.glob("fixes/*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Written", "Fix"):
                texts |= {
                    arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
                }
    return texts


def test_all_that_fixes_say_has_chinese() -> None:
    assert len(says()) > 10
    assert {text: english(text) for text in says() if english(text)} == {}
