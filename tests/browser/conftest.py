"""Opens reports in a real browser: from disk, without a network, and with nothing in its console at the end."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from reports.detector import trace as detector
from shapetrace import Trace, reports

DESKTOP = {"width": 1280, "height": 900}
FOLDED = (("ST102", "warning"), ("ST201", "error"), ("ST202", "note"), ("ST503", "warning"))
Open = Callable[..., Any]


class Browser:
    """A browser whose tabs are used again, and what they asked for and said since the last time."""

    def __init__(self, started: Any) -> None:
        self.started = started
        self.tabs: dict[str, Any] = {}
        self.asked: list[str] = []
        self.said: list[str] = []

    def tab(self, **options: Any) -> Any:
        """The tab of these options, which has no network."""
        key = repr(sorted(options.items()))
        if key not in self.tabs:
            context = self.started.new_context(
                **{"viewport": DESKTOP, "reduced_motion": "reduce", "offline": True} | options
            )
            context.set_default_timeout(60_000)
            page = self.tabs[key] = context.new_page()
            page.on("request", lambda request: self.asked.append(request.url))
            page.on("console", lambda message: self.said.append(message.text))
            page.on("pageerror", lambda error: self.said.append(str(error)))
            page.on("dialog", lambda dialog: (self.said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        return self.tabs[key]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; one for a module, since starting it takes longer than most tests."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("there is no Chromium: `apt install chromium`")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield Browser(started)
        started.close()


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Writes the page of a trace, once for each."""
    done: dict[tuple[str, str], Path] = {}

    def write(name: str, make: Callable[[], Trace], lang: str = "en") -> Path:
        if (name, lang) not in done:
            done[name, lang] = tmp_path_factory.mktemp("pages") / f"{name}-{lang}.html"
            reports.write(make(), done[name, lang], lang=lang)
        return done[name, lang]

    return write


@pytest.fixture
def open_file(browser: Browser) -> Iterator[Open]:
    """Opens a page; afterwards it must have asked for nothing but itself, and its console must be empty."""
    opened = set()
    browser.asked.clear()
    browser.said.clear()

    def open_(path: Path, **options: Any) -> Any:
        page = browser.tab(**options)
        opened.add(path.as_uri())
        page.emulate_media(media="screen")
        page.goto(path.as_uri())
        if options.get("java_script_enabled", True):
            page.wait_for_selector("html[data-ready]", state="attached")
        return page

    yield open_
    assert {url for url in browser.asked if not url.startswith("data:")} == opened
    assert browser.said == []


@pytest.fixture
def report(open_file: Open, written: Callable[..., Path]) -> Open:
    """Opens the page of a detector with five findings and 872 tensors."""

    def open_(lang: str = "en", **options: Any) -> Any:
        return open_file(written("detector", five_findings, lang), **options)

    return open_


def five_findings() -> Trace:
    """The detector, with more findings than are shown open."""
    trace = detector(1000)
    for number, (rule, severity) in enumerate(FOLDED):
        message = f"expand got shape[{number}] = -{number + 2}, computed from an unknown dim"
        more = {"rule": rule, "severity": severity, "said": message}
        trace.findings.append(msgspec.structs.replace(trace.findings[0], **more))
    return trace
