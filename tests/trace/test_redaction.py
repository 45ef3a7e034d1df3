"""A redacted trace tells what happened, and not on whose machine."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from example_traces import leaky_trace
from shapetrace import Trace, load
from shapetrace.cli import main
from shapetrace.reports import text
from shapetrace.trace import Endless, Failure, Site
from shapetrace.trace.redaction import redacted


def moved(folder: str) -> Trace:
    """The example's trace, as of files in `folder`, with a traceback in its exception."""
    trace = leaky_trace()
    old = {site.file for site in trace.sites} | set(trace.sources)
    content = msgspec.json.encode(trace).decode()
    for path in sorted(old, key=len, reverse=True):
        content = content.replace(f'"{path}"', f'"{folder}/{Path(path).name}"')
    copy = msgspec.json.decode(content, type=Trace)
    copy.conversions[0].failure = Failure("ValueError", f'File "{folder}/decoder.py", line 3, in forward')
    copy.sites.append(Site(f"{folder}/venv/lib/site-packages/ppdet/utils.py", 3))
    copy.sites.append(Site("/somewhere/else/secret/mine.py", 3))
    return copy


def everything(trace: Trace) -> str:
    return msgspec.json.encode(trace).decode()


def test_paths_are_relative_to_the_root(tmp_path: Path) -> None:
    trace = moved("/home/someone/project")
    copy = redacted(trace, "/home/someone/project")
    assert "someone" in everything(trace)
    assert "someone" not in everything(copy)
    assert "secret" not in everything(copy)
    assert {site.file for site in copy.sites} >= {"site-packages/ppdet/utils.py", ".../mine.py"}
    assert copy.conversions[0].failure is not None
    assert copy.conversions[0].failure.message == 'File "decoder.py", line 3, in forward'


def test_paths_outside_of_the_root_are_cut_to_their_names() -> None:
    assert "someone" not in everything(redacted(moved("/home/someone/project"), "/tmp"))


def test_the_report_still_quotes_the_source() -> None:
    trace = moved("/home/someone/project")
    redacted_report = text.render(redacted(trace, "/home/someone/project"), root="/")
    assert redacted_report == text.render(trace, root="/home/someone/project")


def test_source_can_be_left_out() -> None:
    trace = moved("/home/someone/project")
    line = next(iter(next(iter(trace.sources.values())).values())).strip()
    copy = redacted(trace, source=False)
    assert line in everything(trace).encode().decode("unicode_escape")
    assert copy.sources == {}
    assert all(not site.code for site in copy.sites)
    assert [finding.rule for finding in copy.findings] == [finding.rule for finding in trace.findings]
    assert text.render(copy)


def test_the_code_of_an_endless_loop_is_left_out_too() -> None:
    trace = leaky_trace()
    trace.endless.append(Endless(0, 0, "range(secret_count)", "secret.shape[0]", 9))
    assert "secret" in everything(redacted(trace))
    assert "secret" not in everything(redacted(trace, source=False))


def test_the_command_writes_a_copy(tmp_path: Path) -> None:
    moved("/home/someone/project").save(tmp_path / "a.trace")
    assert main(["redact", str(tmp_path / "a.trace"), "-o", str(tmp_path / "b.trace")]) == 0
    assert "someone" not in everything(load(tmp_path / "b.trace"))
    assert "someone" in everything(load(tmp_path / "a.trace"))


def test_what_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moved("/home/someone").save(tmp_path / "a.trace")
    assert main(["redact", str(tmp_path / "a.trace"), "-o", str(tmp_path / "no" / "b.trace")]) == 2
    assert "cannot write the trace" in capsys.readouterr().err
