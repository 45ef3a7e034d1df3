"""Every small model with a shape bug is found out, at the right place and for the right cause; no healthy twin is."""

from __future__ import annotations

import importlib
import linecache
from pathlib import Path
from typing import Any

import pytest

from recorded_traces import Recordings, every, modules
from shapetrace.reports import json_report
from versions import LEGACY

pytestmark = pytest.mark.paddle


MODULES = modules("models") + modules("models/reported")
KILLS_ITS_PROCESS = set() if LEGACY else {"models.reported.paddle_57771_unbind_the_batch:broken"}


@pytest.fixture(scope="session")
def found(recorded: Recordings) -> dict[str, Any]:
    """What a watch found in each model, by `module:variant`: `findings` and `notes`, or that it `died`."""
    names = every()
    recorded.record(names)
    return {name: seen(recorded, name) for name in names}


def seen(recorded: Recordings, name: str) -> dict[str, Any]:
    recording = recorded.recording(name)
    if recording.died:
        return {"died": recording}
    trace = recorded.trace(name)
    return {"findings": list(map(json_report.finding, trace.findings)), "notes": trace.notes}


def grave(result: dict[str, Any]) -> list[dict[str, Any]]:
    assert "died" not in result, result
    return [finding for finding in result["findings"] if finding["severity"] != "note"]


BROKEN = [name for name in MODULES if hasattr(importlib.import_module(name), "broken")]
HEALTHY = [name for name in MODULES if hasattr(importlib.import_module(name), "healthy")]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_model_is_found_out(found: dict[str, Any], name: str) -> None:
    module = importlib.import_module(name)
    result = found[f"{name}:broken"]
    if f"{name}:broken" in KILLS_ITS_PROCESS:
        assert "died" in result
        return
    rules = [finding["rule"] for finding in result["findings"]]
    assert (module.RULE in rules) if module.RULE else not grave(result)
    assert result["notes"] == []


@pytest.mark.parametrize("name", HEALTHY)
def test_its_healthy_twin_is_left_alone(found: dict[str, Any], name: str) -> None:
    result = found[f"{name}:healthy"]
    assert grave(result) == []
    assert result["notes"] == []


@pytest.mark.parametrize("name", [name for name in BROKEN if importlib.import_module(name).RULE == "ST101"])
def test_the_sites_are_what_they_quote(found: dict[str, Any], name: str) -> None:
    for finding in grave(found[f"{name}:broken"]):
        for site in (finding["source"], finding["sink"]):
            if site is not None and Path(site["file"]).is_file() and site.get("end_line") == site["line"]:
                line = linecache.getline(site["file"], site["line"])
                assert line[site.get("column", 0) : site["end_column"]] == site["code"]


@pytest.mark.parametrize("name", [name for name in BROKEN if getattr(importlib.import_module(name), "CAUSE", "")])
def test_the_cause_is_named(found: dict[str, Any], name: str) -> None:
    module = importlib.import_module(name)
    causes = {(finding["cause"] or {}).get("kind") for finding in found[f"{name}:broken"]["findings"]}
    assert module.CAUSE in causes
