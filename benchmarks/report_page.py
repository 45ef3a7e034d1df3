"""How fast the HTML report is in a browser: opening it, the way of a dim in the source, scrolling and filtering its table, and searching its graph.

    PYTHONPATH=tests python benchmarks/report_page.py [--tensors N] [--rounds N]

Needs playwright and a Chromium. The trace is the made-up detector of the tests, of about N tensors.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import expect, sync_playwright

from reports.detector import trace
from shapetrace import reports

SCROLL = """async () => {
  const grid = document.getElementById('grid');
  const frames = [];
  let before = await new Promise(requestAnimationFrame);
  for (let step = 0; step < 240; step++) {
    grid.scrollTop = step * (grid.scrollHeight / 240);
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - before);
    before = now;
  }
  frames.sort((a, b) => a - b);
  return { median: frames[120], p95: frames[228], worst: frames[239], rows: grid.querySelectorAll('.body > *').length };
}"""
FILTER = """async () => {
  const count = document.getElementById('count');
  const before = count.textContent;
  const field = document.getElementById('filter');
  const start = performance.now();
  field.value = 'conv2d blocks3';
  field.dispatchEvent(new Event('input'));
  while (count.textContent === before) await new Promise((done) => setTimeout(done, 1));
  return performance.now() - start;
}"""


def measure(browser: Any, page_file: Path) -> dict[str, float]:
    """Milliseconds of one visit to the page."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    start = time.perf_counter()
    page.goto(page_file.as_uri(), wait_until="commit")
    page.wait_for_selector("html[data-ready]", state="attached")
    seen = {"open": (time.perf_counter() - start) * 1000}
    start = time.perf_counter()
    page.locator("#files button.dim").first.click()
    page.wait_for_selector("#way .by-line")
    seen["way"] = (time.perf_counter() - start) * 1000
    page.locator("#way").get_by_role("button", name="Close").click()
    page.locator("#grid").scroll_into_view_if_needed()
    for name, value in page.evaluate(SCROLL).items():
        seen[f"scroll {name}"] = value
    seen["filter"] = page.evaluate(FILTER)
    start = time.perf_counter()
    page.locator("#canvas").scroll_into_view_if_needed()
    page.wait_for_selector("#canvas .box")
    seen["graph"] = (time.perf_counter() - start) * 1000
    start = time.perf_counter()
    page.fill("#find", "grid_sample")
    expect(page.locator("#graph-status")).to_have_text("1 of 6 found")
    seen["search"] = (time.perf_counter() - start) * 1000
    page.close()
    return seen


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tensors", type=int, default=21_200)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    recorded = trace(options.tensors)
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        file = Path(directory) / "report.html"
        start = time.process_time()
        reports.write(recorded, file, lang="en")
        spent = time.process_time() - start
        count = len(recorded.conversions[0].values)
        print(f"{count:,} tensors: {file.stat().st_size / 1e6:.1f} MB, written in {spent:.2f} s of CPU time")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        visits = [measure(browser, file) for _ in range(options.rounds)]
        for name in visits[0]:
            values = [visit[name] for visit in visits]
            unit = "" if name == "scroll rows" else " ms"
            print(f"{name:>14}: {statistics.median(values):7.1f}{unit} ({min(values):.1f} to {max(values):.1f})")
        browser.close()


if __name__ == "__main__":
    main()
