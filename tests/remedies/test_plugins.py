"""Plugins bring rules and reports; a broken one costs a sentence and nothing else."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from example_traces import leaky_trace
from shapetrace import discovery, reports, rules
from shapetrace.cli import main
from shapetrace.errors import ReportError, UsageError
from shapetrace.trace import Finding
from subprocess_run import ROOT, run_python

Install = Callable[..., None]

RULE = """
from shapetrace.remedies import hookimpl
from shapetrace.rules import Rule
from shapetrace.trace import Finding

def find(trace):
    for number, conversion in enumerate(trace.conversions):
        for given in conversion.inputs:
            if given.shape[1:] != (-1,) * len(given.shape[1:]):
                yield Finding("ACME101", "warning", f"{given.name} has axes of a fixed size", conversion=number)

@hookimpl
def shapetrace_rules():
    return [Rule("ACME101", "an input has axes of a fixed size", "warning", find, text="# ACME101: fixed sizes\\n")]
"""

REMEDY = """
from shapetrace.remedies import Probe, Remedy, hookimpl

class Resize(Remedy):
    name = "resize"
    summary = "makes every axis unknown"
    specificity = 100
    rules = frozenset({"ACME101", "ST101"})

    def probe(self):
        return Probe("absent", "it is a test")

    def apply(self, transaction):
        raise NotImplementedError

@hookimpl
def shapetrace_remedies():
    return [Resize()]
"""

REPORT = """
from shapetrace.remedies import hookimpl

def table(trace, *, lang=None):
    return f"{lang}: {[finding.rule for finding in trace.findings]}\\n"

@hookimpl
def shapetrace_reports():
    return {".table": table, ".raw.table": lambda trace: bytes(len(trace.findings))}
"""


def put(site: Path, name: str, code: str) -> None:
    """Write the plugin as pip would install it: a module, and metadata with its entry point."""
    (site / f"{name}_plugin.py").write_text(textwrap.dedent(code), encoding="utf-8")
    metadata = site / f"{name}_plugin-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-plugin\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[shapetrace]\n{name} = {name}_plugin\n")


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install plugins for this test: a name and the code of its module."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    before = set(sys.modules)

    def installed(name: str, code: str) -> None:
        put(site, name, code)
        discovery.forget()

    yield installed
    monkeypatch.undo()
    for name in set(sys.modules) - before:
        if name.endswith("_plugin"):
            del sys.modules[name]
    discovery.forget()


def found(notes: list[str] | None = None) -> list[Finding]:
    """What the rules find in a trace with one leak; the notes are added to `notes`."""
    trace = leaky_trace()
    findings = rules.check(trace)
    if notes is not None:
        notes += trace.notes
    return findings


def test_a_rule_of_a_plugin_is_checked_and_its_findings_name_remedies(install: Install) -> None:
    install("acme", RULE)
    install("resize", REMEDY)
    notes: list[str] = []

    findings = [(finding.rule, finding.remedies[:2]) for finding in found(notes)]

    assert findings == [("ST101", ("resize", "callables")), ("ACME101", ("resize",))]
    assert notes == []


def test_the_rule_is_listed_and_has_its_page(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install("acme", RULE)

    assert main(["rule"]) == 0
    assert capsys.readouterr().out.startswith("ACME101  warning  an input has axes of a fixed size\nST101  error")
    assert main(["rule", "acme101"]) == 0
    assert capsys.readouterr().out == "# ACME101: fixed sizes\n\n"


def test_other_reports_know_the_rule(install: Install) -> None:
    install("acme", RULE)
    trace = leaky_trace()
    trace.findings = rules.check(trace)

    told = json.loads(reports.render(trace, "sarif"))["runs"][0]["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in told] == ["ACME101", "ST101"]
    assert told[0]["help"]["markdown"] == "# ACME101: fixed sizes\n"
    for known in reports.formats():
        if known.name not in ("svg", "png", "pdf"):  # which need a program that lays graphs out
            assert reports.render(trace, known.name)


def test_a_report_of_a_plugin_is_chosen_by_ending_and_by_name(
    install: Install, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install("acme", REPORT)
    leaky_trace().save(tmp_path / "saved")
    saved = str(tmp_path / "saved")

    assert main(["report", saved, "--format", "table", "--lang", "zh"]) == 0
    assert capsys.readouterr() == ("zh: ['ST101']\n", "")
    assert main(["report", saved, "-o", str(tmp_path / "a.table")]) == 0
    assert (tmp_path / "a.table").read_text() == "None: ['ST101']\n"
    assert main(["report", saved, "-o", str(tmp_path / "a.raw.table")]) == 0
    assert (tmp_path / "a.raw.table").read_bytes() == b"\0"


MARKED = "from shapetrace.remedies import hookimpl, Probe, Remedy\nfrom shapetrace.rules import Rule\n@hookimpl\n"
SOUND = "Rule('ACME101', 'title', 'error', lambda trace: (), text='# page')"

BROKEN = {
    "import nothing_of_that_name": "ModuleNotFoundError: No module named 'nothing_of_that_name'",
    "raise SystemExit('no licence')": "the plugin acme (acme_plugin) was skipped: SystemExit: no licence",
    "def shapetrace_rules(): return []": "none of its functions is marked",
    MARKED + "def shapetrace_rule(): return []": "there is no hook shapetrace_rule",
    MARKED + "def shapetrace_rules(trace): return []": "PluginValidationError",
    MARKED
    + "def shapetrace_rules(): raise OSError('gone')": "shapetrace_rules of the plugin acme was skipped: OSError",
    MARKED + f"def shapetrace_rules(): return {SOUND}._asdict()": "returned dict, not a sequence",
    MARKED + "def shapetrace_rules(): return [Rule]": "a rule of the plugin acme was skipped: <class",
    MARKED + f"def shapetrace_rules(): return [{SOUND}._replace(code='acme')]": "'acme' is no code of a rule",
    MARKED + f"def shapetrace_rules(): return [{SOUND}._replace(code='ST101')]": "is a code of shapetrace's own",
    MARKED + f"def shapetrace_rules(): return [{SOUND}, {SOUND}]": "there is a rule ACME101 already",
    MARKED + f"def shapetrace_rules(): return [{SOUND}._replace(text='')]": "ACME101 has no text",
    MARKED + f"def shapetrace_rules(): return [{SOUND}._replace(title=None)]": "ACME101 has no title",
    MARKED + f"def shapetrace_rules(): return [{SOUND}._replace(severity='fatal')]": "severity of ACME101 is 'fatal'",
    MARKED + f"def shapetrace_rules(): return [{SOUND}._replace(find=1)]": "`find` of ACME101 is 1, no function",
    RULE.replace("yield Finding", "yield 1 / 0; Finding"): "the rule ACME101 failed, and found nothing: ZeroDivision",
    RULE.replace("yield Finding", "yield None; Finding"): "it gave NoneType, not a Finding",
    RULE.replace('Finding("ACME101"', 'Finding("ST101"'): "it gave a finding of ST101",
    RULE.replace('"warning", f"{', '"grave", f"{'): "Invalid enum value 'grave'",
    RULE.replace('f"{given.name} has axes of a fixed size"', "given"): "Expected `str | array`, got `object`",
    REMEDY.replace("= 100", "= 'high'"): "`specificity` of resize is 'high'",
    REMEDY.replace('frozenset({"ACME101", "ST101"})', "'ST101'"): "`rules` of resize is 'ST101'; it is a tuple",
    REMEDY.replace("specificity = 100", "answers = None"): "the remedy resize was not named beside findings: TypeError",
}


@pytest.mark.parametrize(("code", "sentence"), BROKEN.items(), ids=BROKEN.values())
def test_a_broken_plugin_costs_one_sentence(install: Install, code: str, sentence: str) -> None:
    expected = [(finding.rule, finding.remedies) for finding in found()]
    install("acme", code)
    notes: list[str] = []

    findings = [(finding.rule, finding.remedies) for finding in found(notes) if finding.rule != "ACME101"]

    assert findings == expected
    assert len(notes) == 1
    assert sentence in notes[0]


def test_what_was_skipped_is_told_by_the_lists(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install("acme", MARKED + "def shapetrace_reports(): return {'.json': print, '.raw.json': print, '.table': print}")
    sentences = (
        "shapetrace: a report of the plugin acme was skipped: .json is that of shapetrace's report json\n"
        "shapetrace: a report of the plugin acme was skipped: .raw.json is that of shapetrace's report json\n"
    )

    for command in ("rule", "remedies"):
        assert main([command]) == 0
        assert capsys.readouterr().err == sentences


BROKEN_REPORTS = {
    "{'.table': lambda trace: 1 / 0}": "failed: ZeroDivisionError: division by zero",
    "{'.table': lambda: ''}": "failed: TypeError",
    "{'.table': lambda trace: None}": "failed: it gave NoneType, neither text nor bytes",
}


@pytest.mark.parametrize(("given", "sentence"), BROKEN_REPORTS.items())
def test_a_report_that_fails_says_whose_it_is(install: Install, given: str, sentence: str) -> None:
    install("acme", MARKED + f"def shapetrace_reports(): return {given}")

    with pytest.raises(ReportError, match="the report table of the plugin acme") as caught:
        reports.render(leaky_trace(), "table")

    assert sentence in str(caught.value)
    assert json.loads(reports.render(leaky_trace(), "json"))["version"] == 1


@pytest.mark.parametrize(
    ("given", "sentence"),
    {
        "{'table': print}": "'table' is no ending of a file",
        "{'.table': 'table'}": "what makes .table is 'table', no function",
        "['.table']": "shapetrace_reports returned list, not a mapping",
    }.items(),
)
def test_a_report_that_is_missing_says_what_was_skipped(install: Install, given: str, sentence: str) -> None:
    install("acme", MARKED + f"def shapetrace_reports(): return {given}")

    with pytest.raises(UsageError, match="cannot tell the format") as caught:
        reports.format_of("a.table")

    assert sentence in str(caught.value)


EXPORT = """
import paddle
from paddle.static import InputSpec

layer = paddle.nn.Linear(4, 2)
layer.eval()
paddle.jit.save(layer, "out", input_spec=[InputSpec([-1, 4], name="x")])
print("exported")
"""


@pytest.mark.paddle
def test_an_export_goes_on_whatever_plugins_do(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    put(site, "sound", RULE)
    put(site, "gone", "raise ImportError('gone')")
    put(site, "failing", RULE.replace("yield Finding", "yield 1 / 0; Finding").replace("ACME101", "ACME102"))
    put(site, "table", REPORT.replace("{lang}", "{1 / 0}"))
    (tmp_path / "export.py").write_text(EXPORT)
    paths = os.pathsep.join(map(str, (site, ROOT, ROOT / "plugins")))
    asked = ["--color", "never", "--report", "a.table", "--report", "a.json"]

    done = run_python(["-m", "shapetrace", "run", *asked, "export.py"], cwd=tmp_path, env={"PYTHONPATH": paths})

    assert (done.returncode, done.stdout) == (0, "exported\n")
    assert (tmp_path / "out.pdiparams").exists()
    assert "warning[ACME101]: x has axes of a fixed size" in done.stderr
    text = " ".join(done.stderr.replace("\n        ", " ").split())  # as it was before it was wrapped
    assert text.count("the plugin gone (gone_plugin) was skipped: ImportError: gone") == 1
    assert text.count("the rule ACME102 failed, and found nothing: ZeroDivisionError") == 1
    assert text.count("shapetrace: the report table of the plugin table failed: ZeroDivisionError") == 1
    told = json.loads((tmp_path / "a.json").read_text())
    assert [finding["rule"] for finding in told["findings"]] == ["ACME101"]


@pytest.mark.paddle
def test_a_watch_warns_of_a_report_that_fails(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    put(site, "table", REPORT.replace("{lang}", "{1 / 0}"))
    (tmp_path / "export.py").write_text(
        "import paddle, shapetrace\n"
        "with shapetrace.watch(report='a.table') as trace:\n"
        "    paddle.jit.save(paddle.nn.Linear(4, 2), 'out', input_spec=[paddle.static.InputSpec([-1, 4], name='x')])\n"
        "print(len(trace.conversions))\n"
    )
    paths = os.pathsep.join(map(str, (site, ROOT, ROOT / "plugins")))

    done = run_python(["export.py"], cwd=tmp_path, env={"PYTHONPATH": paths})

    assert (done.returncode, done.stdout) == (0, "1\n")
    assert "export.py:2: RuntimeWarning: shapetrace: the report table of the plugin table failed" in done.stderr
