"""The page of a sweep, and its summary, in English and in Chinese."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from shapetrace.reports.translations import speaking
from shapetrace.said import said
from shapetrace.sweep import overview, page
from shapetrace.sweep.folder import Folder, Listed
from shapetrace.sweep.portable import Portable
from shapetrace.sweep.records import Cause, Engine, Record, State
from sweep_records import failing, folder, multiple, record

CAUSE = Cause(
    "reshape got shape[0] = -8, computed from an unknown dim",
    "ST101",
    said=said("{} got {} = {}, computed from an unknown dim", "reshape", "shape[0]", -8),
    sizes=("batch=2",),
)
RECORDS = (
    record("well", takes=(multiple("x[0]", 8),), engines=(Engine("onnxruntime", True),)),
    record("alone", unverified=said("interrupted")),
    failing(cause=CAUSE),
    record("raw", state="could-not-be-built", cause=Cause("KeyError: 'a'")),
)


def shown(language: str) -> str:
    """What stands on the page, without styles, scripts and tags."""
    jobs = [Listed(each.key, *each.name) for each in RECORDS] + [Listed("key-late", "late", "as given", "this")]
    with speaking(language):
        whole = page.render(jobs, RECORDS)
    whole = re.sub(r"<(style|script)>.*?</\1>", "", whole, flags=re.DOTALL)
    titles = " ".join(re.findall(r'(?:title|placeholder|aria-label|data-form)="([^"]*)"', whole))
    return " ".join(f"{titles} {re.sub('<[^>]*>', ' ', whole)}".split())


def test_the_page_in_english() -> None:
    text = shown("en")
    for words in (
        "5 jobs, 1 not done",
        "healthy, not compared",
        "{jobs} jobs of {models} models are shown",
        "export fails",
        "ST101 reshape got shape[0] = -8, computed from an unknown dim at batch=2",
        "export fails, 9.0 s reshape got",
        "x[0] a multiple of 8 onnxruntime: right",
    ):
        assert words in text


def test_the_page_in_chinese() -> None:
    text = shown("zh")
    assert "ST101 reshape 得到 shape[0] = -8，这个数是由动态维度算出来的 大小为 batch=2 时" in text
    assert "5 个任务， 1 个未完成" in text
    assert "x[0] 8 的倍数 onnxruntime：正确" in text
    names = r"onnxruntime|shapetrace|sweep|Paddle|Python|ST101|reshape|shape|batch|net\w*|well|alone|raw|late|KeyError|as given|this|GB|jobs|models"
    assert re.findall(r"[A-Za-z]{3,}", re.sub(names, "", text)) == []


def test_the_summary_says_causes_in_chinese(tmp_path: Path) -> None:
    with speaking("zh"):
        told = overview.write(Folder(folder(tmp_path, *RECORDS)))
    assert "1 × 导出失败 ST101：reshape 得到 shape[0] = -8，这个数是由动态维度算出来的" in told


def test_a_record_keeps_the_sentence_and_reads_without_it() -> None:
    kept = msgspec.json.encode(failing(cause=CAUSE))
    assert msgspec.json.decode(kept, type=Record).cause == CAUSE
    assert failing().cause is not None
    assert str(failing().cause.sentence) == "reshape got shape[0] = -8"  # type: ignore[union-attr]


@pytest.mark.parametrize("value", ["/root/a.py", said("in {}", "/root/a.py")])
def test_a_sentence_is_the_same_in_every_checkout(value: object) -> None:
    portable = Portable(Path("/root"), Path("/out"))
    told = portable.sentence(said("{} is not there", value))
    assert str(told) in ("a.py is not there", "in a.py is not there")


@pytest.mark.parametrize(
    ("state", "files", "name"),
    [
        ("export-fails", ("report.html", "export.trace", "log.txt"), "report.html"),
        ("dies", ("log.txt",), "log.txt"),
        ("could-not-be-built", ("report.html", "export.trace", "log.txt"), "log.txt"),
    ],
)
def test_a_cell_leads_to_what_tells_most(state: State, files: tuple[str, ...], name: str) -> None:
    job = record(state=state, cause=Cause("it is so"), files=files)
    assert f'href="reports/key-net/{name}"' in page.render([Listed(job.key, *job.name)], [job])
