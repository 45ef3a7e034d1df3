"""The table of what older Paddles do in another way names tests that there are, and none on 3.3."""

from __future__ import annotations

from pathlib import Path

import pytest

import versions

HERE = Path(__file__).parent
MODELS = {path.stem for path in (HERE / "models").rglob("*.py")}


@pytest.mark.parametrize("test", sorted({test for entry in versions.UNLIKE for test in entry.tests}))
def test_a_test_that_is_skipped_is_there(test: str) -> None:
    file, _, function = test.partition("::")
    assert f"\ndef {function}(" in (HERE / file).read_text("utf-8")


@pytest.mark.parametrize("case", sorted({case for entry in versions.UNLIKE for case in entry.cases}))
def test_a_case_that_is_skipped_is_there(case: str) -> None:
    files = [HERE / "plugins" / "callables_cases.py", HERE / "remedies" / "healing.py"]
    tests = {test for entry in versions.UNLIKE if case in entry.cases for test in entry.tests}
    written = [(HERE / test.partition("::")[0]).read_text("utf-8") for test in tests]
    written.append((HERE / "plugins" / "rtdetrv2_ways.py").read_text("utf-8"))  # its cases are of several words
    assert (
        case in MODELS
        or any(f"\ndef {case}(" in file.read_text("utf-8") for file in files)
        or any(all(f'"{word}"' in text for word in case.split()) for text in written)
    )


def test_only_what_is_named_is_skipped_and_nothing_on_the_newest() -> None:
    broken = f"tests/{versions.FOUND}[models.max_of_tensor]"
    assert versions.unlike(broken, "2.6.2").startswith("Paddle 2.6.2: ")
    assert versions.unlike(broken, "3.0.0") == versions.unlike(f"tests/{versions.FOUND}[models.loop]", "2.6.2") == ""
    assert not [entry for entry in versions.UNLIKE if "3.3.1".startswith(entry.versions)]
