"""shapetrace's own events: silent unless asked for, and none of the program's business."""

from __future__ import annotations

import json

import pytest
import structlog

from shapetrace.logs import get_logger


def test_silence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("SHAPETRACE_LOG", raising=False)

    get_logger().error("something happened")

    assert capsys.readouterr() == ("", "")


def test_a_level_lets_through_what_is_as_grave(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHAPETRACE_LOG", "info")
    log = get_logger()

    log.debug("a detail")
    log.info("watch opened", paddle="3.3.1")

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "watch opened" in captured.err and "paddle=3.3.1" in captured.err
    assert "a detail" not in captured.err


def test_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SHAPETRACE_LOG", "debug")
    monkeypatch.setenv("SHAPETRACE_LOG_FORMAT", "json")

    get_logger(conversion=0).debug("op recorded", shape={1})

    event = json.loads(capsys.readouterr().err)
    del event["timestamp"]
    assert event == {
        "event": "op recorded", "level": "debug", "logger": "shapetrace", "conversion": 0, "shape": "{1}",
    }  # fmt: skip


def test_structlog_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHAPETRACE_LOG", "debug")

    get_logger().debug("x")

    assert not structlog.is_configured()
