"""`[tool.shapetrace]` in pyproject.toml: found, read, and refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from shapetrace import UsageError, settings
from shapetrace.suppression import Choice

EVERYTHING = """
[tool.shapetrace]
remedies = ["auto"]
fail-on = "error"
select = ["ST1", "ST503"]
ignore = ["ST102"]
exclude = ["vendored"]
lang = "zh_CN"

[tool.shapetrace.dims]
image = ["B", 3, "H=32*k", -1]
mask = "B,1"
"""


def written(place: Path, content: str) -> Path:
    (place / "pyproject.toml").write_text(content, "utf-8")
    return place


def test_settings_are_found_above_the_directory(tmp_path: Path) -> None:
    written(tmp_path, EVERYTHING)
    below = tmp_path / "tools" / "deploy"
    below.mkdir(parents=True)
    written(below, "[tool.ruff]\n")  # a file without settings of ours is passed over

    found = settings.find(below)

    assert found == settings.Settings(
        str(tmp_path),
        ("auto",),
        {"image": ("B", "3", "H=32*k", "-1"), "mask": ("B", "1")},
        "error",
        ("ST1", "ST503"),
        ("ST102",),
        ("vendored",),
        "zh",
    )
    assert found.choice == Choice(("ST1", "ST503"), ("ST102",), ("vendored",), str(tmp_path))


def test_a_project_need_not_have_any(tmp_path: Path) -> None:
    assert settings.find(written(tmp_path, "[tool.shapetrace]\n")) == settings.Settings(str(tmp_path))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("remedy = ['auto']", r"pyproject.toml: \[tool.shapetrace\] has no setting 'remedy': did you mean remedies\?$"),
        ("fail_on = 'error'", r"has no setting 'fail_on': did you mean fail-on\?$"),
        ("xyz = 1", "has no setting 'xyz': there are remedies, dims, fail-on, select, ignore, exclude, lang$"),
        ("remedies = 'auto'", r"remedies must be a list of names, such as \[\"auto\"\]$"),
        ("ignore = [503]", "ignore must be a list of codes"),
        ("fail-on = 'fatal'", "fail-on must be error, warning or note$"),
        ("dims = {image = 3}", "dims must be a table"),
        ("dims = {image = ['3*H']}", r"dims: '3\*H' is neither a name nor a size"),
        ("lang = 'xx'", "lang: no reports in the language 'xx': choose one of en, zh$"),
        ("lang = ", "^cannot read .*pyproject.toml: "),
    ],
)
def test_a_wrong_setting_is_refused_in_one_sentence(line: str, says: str, tmp_path: Path) -> None:
    written(tmp_path, f"[tool.shapetrace]\n{line}\n")
    with pytest.raises(UsageError, match=says) as refused:
        settings.find(tmp_path)
    assert "\n" not in str(refused.value)


def test_a_rule_that_there_is_not_is_refused_with_its_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(written(tmp_path, "[tool.shapetrace]\nselect = ['ST53']\n"))
    with pytest.raises(UsageError, match=r"^pyproject.toml: select: there is no rule ST53: did you mean ST503\?$"):
        _ = settings.find().choice
