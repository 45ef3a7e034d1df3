"""Patches: of the files that were watched only, shown as a diff that `git apply` takes, written whole or not at all."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from shapetrace import Trace, atomic_write, cli, fix, source_files
from shapetrace.errors import UsageError
from shapetrace.reports import sarif
from shapetrace.trace import Applicability, Edit, Finding, Fix

MODEL = "def merge(x):\n    batch = x.shape[0]\n    return x.reshape([batch * 8, 4])\n"
OTHER = 'name = "größe"; y = x.reshape([n * 2, 1])\r\nz = 1'


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    model, other = tmp_path / "model.py", tmp_path / "other.py"
    model.write_bytes(MODEL.encode())
    other.write_bytes(b"# coding: latin-1\r\n" + OTHER.encode("latin-1"))
    monkeypatch.chdir(tmp_path)
    return model, other


def finding(applicability: Applicability, *edits: Edit) -> Finding:
    return Finding("ST101", "error", "wrong", fix=Fix("write -1", applicability, edits))


def trace_of(*findings: Finding) -> Trace:
    files = {edit.file for each in findings if each.fix is not None for edit in each.fix.edits}
    return Trace(findings=list(findings), digests={file: source_files.read(file).digest for file in files})


def both(files: tuple[Path, Path]) -> Trace:
    model, other = map(str, files)
    return trace_of(
        finding("machine", Edit(model, 3, 22, 3, 31, "-1")),
        finding("machine", Edit(model, 3, 22, 3, 31, "-1"), Edit(other, 2, 31, 2, 36, "-1")),
    )


def test_a_file_keeps_its_encoding_and_its_line_ends(files: tuple[Path, Path]) -> None:
    fix.write(fix.collect(both(files)).files)
    assert files[0].read_bytes() == MODEL.replace("batch * 8", "-1").encode()
    assert files[1].read_bytes() == b"# coding: latin-1\r\n" + OTHER.replace("n * 2", "-1").encode("latin-1")


def test_the_diff_is_one_that_git_takes(files: tuple[Path, Path]) -> None:
    found = fix.collect(both(files))
    diff = fix.unified(found.files)
    assert diff.startswith("--- a/model.py\n+++ b/model.py\n")
    patch = files[0].with_name("fixes.patch")
    patch.write_bytes(diff.encode("latin-1"))
    subprocess.run(["git", "apply", "--unsafe-paths", patch.name], check=True, cwd=files[0].parent)
    assert files[0].read_text() == found.files[0].after
    assert files[1].read_bytes() == source_files.encoded(found.files[1].after, found.files[1].before)


def test_the_edits_of_sarif_are_the_same(files: tuple[Path, Path]) -> None:
    trace = both(files)
    log = json.loads(sarif.render(trace, root=str(files[0].parent)))
    changes = log["runs"][0]["results"][1]["fixes"][0]["artifactChanges"]
    for change, patch in zip(changes, fix.collect(trace).files, strict=True):
        assert change["artifactLocation"]["uri"] == os.path.basename(patch.path)
        lines = patch.before.text.replace("\r\n", "\n").split("\n")
        for replacement in change["replacements"]:
            region, text = replacement["deletedRegion"], replacement["insertedContent"]["text"]
            assert region["startLine"] == region["endLine"]
            line = lines[region["startLine"] - 1]
            lines[region["startLine"] - 1] = line[: region["startColumn"] - 1] + text + line[region["endColumn"] - 1 :]
        assert "\n".join(lines) == patch.after.replace("\r\n", "\n")


def test_a_file_that_has_changed_is_refused(files: tuple[Path, Path]) -> None:
    trace = both(files)
    files[1].write_bytes(files[1].read_bytes() + b"\n")
    with pytest.raises(UsageError, match=r"other.py has changed since the trace was made"):
        fix.collect(trace)


def test_a_file_that_is_gone_is_refused(files: tuple[Path, Path]) -> None:
    trace = both(files)
    files[0].unlink()
    with pytest.raises(UsageError, match=r"cannot read .*model.py"):
        fix.collect(trace)


def test_all_files_are_written_or_none(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    found = fix.collect(both(files))
    before = [path.read_bytes() for path in files]
    write = atomic_write.write

    def full(path: str, content: bytes) -> None:
        if path == str(files[1]):
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr(atomic_write, "write", full)
    with pytest.raises(UsageError, match="nothing was changed: No space left"):
        fix.write(found.files)
    assert [path.read_bytes() for path in files] == before


def test_what_a_person_must_judge_is_left_out_unless_asked_for(files: tuple[Path, Path]) -> None:
    model = str(files[0])
    trace = trace_of(
        finding("maybe", Edit(model, 3, 20, 3, 31, "size")),
        finding("maybe", Edit(model, 1, 4, 1, 9, "fold")),
        finding("machine", Edit(model, 3, 22, 3, 31, "-1")),
    )
    assert fix.collect(trace).files[0].after == MODEL.replace("batch * 8", "-1")
    asked = fix.collect(trace, maybe=True)
    assert asked.files[0].after == MODEL.replace("batch * 8", "-1").replace("merge", "fold")
    assert [each.fix.edits[0].text for each in asked.left_out if each.fix] == ["size"]  # it overlaps the machine's


class TestCommand:
    def test_shows_the_diff_and_changes_nothing(
        self, files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
    ) -> None:
        both(files).save("a.trace")
        assert cli.main(["fix", "a.trace"]) == 0
        shown = capsys.readouterr()
        assert "-    return x.reshape([batch * 8, 4])\n+    return x.reshape([-1, 4])\n" in shown.out
        assert shown.err == "shapetrace: 2 fixes in 2 files shown\n"
        assert files[0].read_text() == MODEL

    def test_applies(self, files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
        both(files).save("a.trace")
        assert cli.main(["fix", "a.trace", "--apply"]) == 0
        assert capsys.readouterr() == ("", "shapetrace: 2 fixes in 2 files applied\n")
        assert "[-1, 4]" in files[0].read_text()
        assert cli.main(["fix", "a.trace", "--apply"]) == 2
        assert "has changed since the trace was made" in capsys.readouterr().err

    def test_says_that_there_is_nothing(self, files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
        Trace().save("a.trace")
        assert cli.main(["fix", "a.trace", "--apply"]) == 0
        assert capsys.readouterr() == ("", "shapetrace: nothing to fix here\n")

    def test_says_what_is_left_out(self, files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
        trace_of(finding("maybe", Edit(str(files[0]), 1, 4, 1, 9, "fold"))).save("a.trace")
        assert cli.main(["fix", "a.trace"]) == 0
        assert "the fix of ST101 was left out: a person must judge it; --maybe takes it too" in capsys.readouterr().err
        assert cli.main(["fix", "a.trace", "--maybe"]) == 0
        assert "+def fold(x):" in capsys.readouterr().out
