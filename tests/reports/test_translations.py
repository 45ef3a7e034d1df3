"""The reports in Chinese: everything they say has a translation, and no translation is left over."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import msgspec
import pytest

from example_traces import leaky_trace
from recorded_traces import Recordings, every
from said_templates import modules, of_source, plain_prints, plain_texts, templates
from shapetrace import reports, sweep
from shapetrace.errors import UsageError
from shapetrace.reports import html, source, translations, wording
from shapetrace.reports.translations import catalog, current, speaking, worded
from shapetrace.said import joined, said
from shapetrace.trace import SEVERITIES, Said, Sentence

HTML = Path(html.__file__).parent
SWEEP = Path(sweep.__file__).parent
CATALOGS = sorted(Path(translations.__file__).parent.glob("*.json"))


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.stem)
def test_a_text_has_one_translation(path: Path) -> None:
    twice: list[str] = []

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        twice.extend(key for key in set(keys) if keys.count(key) > 1)
        return dict(pairs)

    json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=once)
    assert twice == []


def asked_for() -> set[str]:
    """Every text that the page's templates, script and Python code ask a translation for."""
    texts = {form for severity in SEVERITIES for form in (severity, f"{severity}s")}
    texts |= {f"{noun}s" for noun in wording.NOUNS}
    for template in (*HTML.glob("templates/*.html"), *SWEEP.glob("templates/*.html")):
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
    texts.update(re.findall(r'self\.gettext\(["\']([^"\']+)["\']\)', Path(source.__file__).read_text(encoding="utf-8")))
    return texts | set(wording._REASONS.values())


def test_everything_is_translated() -> None:
    assert asked_for() - catalog("zh").texts.keys() == set()


def test_no_translation_is_left_over() -> None:
    assert catalog("zh").texts.keys() - asked_for() == set()


def test_translations_keep_the_places_to_fill_in() -> None:
    for english, chinese in catalog("zh").texts.items():
        assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", chinese)), english
        assert chinese
        assert chinese != english


def test_the_page_says_which_language_it_is_in() -> None:
    page = reports.render(leaky_trace(), "html", lang="zh")

    assert isinstance(page, str)
    assert '<html lang="zh-Hans"' in page
    assert "Paddle 没有改写 deformable_core 就直接运行了它，因为它是通过 functools.partial 调用的。" in page


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


SENTENCES = catalog("zh").sentences


def test_every_template_has_chinese() -> None:
    lacking = {template: place for template, place in templates().items() if template not in SENTENCES}
    assert lacking == {}, "a line of shapetrace/reports/translations/zh_sentences.json for each"


def test_every_chinese_sentence_has_a_template() -> None:
    """A rule that words it otherwise would no longer be translated."""
    assert SENTENCES.keys() - templates().keys() == set()


def test_chinese_sentences_have_the_places_of_their_templates() -> None:
    for template, form in SENTENCES.items():
        values = [f"<{number}>" for number in range(template.count("{}"))]
        assert sorted(re.findall(r"<\d+>", form.format(*values))) == values, template
        assert not _ENGLISH.search(re.sub(r"`[^`]*`|\([^)]*\)", "", form)), template


@pytest.mark.parametrize(
    "code",
    [
        'said("a new sentence")',
        'said("an old sentence" if known else "a new sentence", 1)',
        'WORDS = {"key": "a new sentence"}\nsaid(WORDS[kind])',
        'WORDS = {"key": OTHER}\nOTHER = "a new sentence"\nsaid(WORDS.get(kind, OTHER))',
        'Fix(joined("a new sentence", parts))',
    ],
)
def test_a_template_is_seen_wherever_it_stands(code: str) -> None:
    assert "a new sentence" in dict(of_source(code, "rule.py"))


@pytest.mark.parametrize("code", ['said(f"{n} is wrong")', "said(text)", 'said("a" + "b")'])
def test_a_template_that_cannot_be_seen_is_refused(code: str) -> None:
    with pytest.raises(AssertionError, match=r"rule\.py:1: what it says is not seen"):
        dict(of_source(code, "rule.py"))


def test_rules_say_sentences_and_no_plain_texts() -> None:
    assert [
        place for file, source in modules().items() if "verify" not in file for place in plain_texts(source, file)
    ] == []


def test_commands_and_errors_say_sentences_and_no_plain_texts() -> None:
    assert [place for file, source in modules().items() for place in plain_prints(source, file)] == []


@pytest.mark.parametrize(
    "code",
    [
        'raise UsageError(f"there is no file {name}")',
        'Line("note", "config", "it was not checked")',
        'Line("note", "config", seen, do=f"run {command}" if command else "")',
        'click.echo("no remedies are installed")',
    ],
)
def test_a_plain_print_is_seen(code: str) -> None:
    assert list(plain_prints(code, "command.py")) == ["command.py:1"]


@pytest.mark.parametrize(
    "code",
    [
        'Finding("ST101", said=f"{n} is wrong")',
        'Fix("write -1", "none")',
        'replace(known, remarks=(said("fine"), "but not fine") if n else ())',
    ],
)
def test_a_plain_text_is_seen(code: str) -> None:
    assert list(plain_texts(code, "rule.py")) == ["rule.py:1"]


RESHAPE = said("{} got {} = {}, computed from an unknown dim", "reshape", "shape[0]", -8)


@pytest.mark.parametrize(
    ("sentence", "english", "chinese"),
    [
        (
            RESHAPE,
            "reshape got shape[0] = -8, computed from an unknown dim",
            "reshape 得到 shape[0] = -8，这个数是由动态维度算出来的",
        ),
        (
            said("{}; the export is silently wrong", said("{}, meant as {}", RESHAPE, "8*B")),
            "reshape got shape[0] = -8, computed from an unknown dim, meant as 8*B; the export is silently wrong",
            "reshape 得到 shape[0] = -8，这个数是由动态维度算出来的，本意是 8*B；导出的模型会悄悄算错",
        ),
        (
            said("`{}` raises {} over {}, an unknown dim", "{a: b}[n]", "KeyError", -1),
            "`{a: b}[n]` raises KeyError over -1, an unknown dim",
            "`{a: b}[n]` 因为 -1 引发 KeyError，它代表一个动态维度",
        ),
        (said("{} of {} to {}", "a tensor", "few sizes fit", "{}"), "a tensor of few sizes fit to {}", "a tensor 把 few sizes fit 变为 {}"),
        (said("nobody has translated {}", said("a list")), "nobody has translated a list", "nobody has translated 列表"),
        (said("index {} is out of range: axis {} of {} is {}", 7, 1, "x", 6), "index 7 is out of range: axis 1 of x is 6", "下标 7 超出范围：x 的轴 1 是 6"),
        ("few sizes fit", "few sizes fit", "合适的大小很少"),
        ("the {} of a plugin", "the {} of a plugin", "the {} of a plugin"),
        (Said("only {} fits", ()), "only {} fits", "only {} fits"),
        (Said("only {} fits", ("4", "5")), "only {} fits", "only {} fits"),
    ],
)  # fmt: skip
def test_a_sentence_is_worded_when_it_is_printed(sentence: Sentence, english: str, chinese: str) -> None:
    assert str(sentence) == english
    assert catalog("en").say(sentence) == english
    assert catalog("zh").say(sentence) == chinese


def test_of_several_parts_each_two_are_joined() -> None:
    parts = [f"x[{axis}]" for axis in range(1000)]
    sentence = joined("{} and {}", parts)
    assert str(sentence) == " and ".join(parts)
    assert catalog("zh").say(sentence) == " 和 ".join(parts)
    assert joined("{} and {}", parts[:1]) == "x[0]"


_ENGLISH = re.compile(r"(?<![\w.])[a-z]{2,}(?: [a-z]{2,})+")
"""Two English words in a row."""


def english(sentence: Sentence) -> str:
    """What of a sentence is English still, the user's own code left out; empty for nothing."""
    found = _ENGLISH.search(re.sub(r"`[^`]*`", "", catalog("zh").say(sentence)))
    return found.group() if found else ""


def test_english_is_noticed() -> None:
    assert english("the moon is made of cheese") == "the moon is made of cheese"
    assert english(said("{}, meant as {}", RESHAPE, "nobody knows what")) == "nobody knows what"
    assert english(said("`{}` is {}, computed from an unknown dim", "n is not a multiple", 2)) == ""


@pytest.mark.paddle
def test_all_that_is_said_of_the_models_has_chinese(recorded: Recordings) -> None:
    left = {}
    for name in every():
        if not recorded.recording(name).died:
            for finding in recorded.trace(name).findings:
                fix = (finding.fix.said,) if finding.fix is not None else ()
                left |= {str(said): english(said) for said in (finding.said, *finding.remarks, *fix) if english(said)}
    assert left == {}


NOT_PROSE = re.compile(r"`[^`]*`|^.*(?:[0-9] \||-->|:::|shapetrace run|shapetrace rule|/home/|   \+ ).*$", re.MULTILINE)
"""The user's code, places and commands: the same in every language."""


@pytest.mark.parametrize("format", ["text", "markdown", "github", "junit"])
def test_a_report_for_people_is_chinese_as_a_whole(format: str) -> None:
    trace = leaky_trace()
    (leak,) = trace.findings
    trace.findings = [msgspec.structs.replace(leak, fix=None, count=3, layers=("/A/", "/B/", "/C/"))]
    trace.suppressed = {"comment": 1, "choice": 2, "baseline": 3}
    report = reports.render(trace, format, lang="zh")

    assert isinstance(report, str)
    assert not _ENGLISH.search(NOT_PROSE.sub("", re.sub(r"<[^>]*>", " ", report)))
    assert "shape[0] = -8，这个数是由动态维度算出来的" in report.replace("\\", "")


def test_the_language_of_a_report_ends_with_it() -> None:
    assert reports.render(leaky_trace(), "text", lang="zh") != reports.render(leaky_trace(), "text", lang="en")
    with speaking("zh"):
        assert current().language == "zh"
        with speaking(None):
            assert worded("no findings") == "没有发现问题"
        with speaking("en_GB.UTF-8"):
            assert worded("no findings") == "no findings"
    assert reports.render(leaky_trace(), "text") == reports.render(leaky_trace(), "text", lang="en")
