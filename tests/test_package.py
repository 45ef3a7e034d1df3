"""What is released: the wheel, the sdist, and what a package index shows of them. Built as a release is, by hatchling."""

from __future__ import annotations

import email
import os
import re
import runpy
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

import shapetrace
from subprocess_run import HUNG, ROOT

ADDRESS = "https://example.org/ann/shapetrace"
BUILT_OF = ("shapetrace", "plugins", "pyproject.toml", "hatch_build.py", "README.md", "LICENSE")


def built(kind: str, source: Path, out: Path, **env: str) -> Path:
    """The wheel or sdist that hatchling makes of a source tree."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(out)]
    settings = {name: value for name, value in os.environ.items() if name != "SHAPETRACE_REPOSITORY"} | env
    subprocess.run(command, cwd=source, env=settings, check=True, timeout=HUNG, capture_output=True)
    (made,) = out.iterdir()
    return made


def copied(place: Path) -> Path:
    """What a wheel is built of, elsewhere and with other times."""
    place.mkdir()
    for name in BUILT_OF:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, place / name)
    for path in place.rglob("*"):
        os.utime(path, (1_500_000_000, 1_500_000_000))
    return place


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", ROOT, tmp_path_factory.mktemp("wheel"), SHAPETRACE_REPOSITORY=ADDRESS)


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return email.message_from_bytes(archive.read(name))


def tracked(*folders: str) -> set[str]:
    """The files of the package as they lie here, without what Python has compiled."""
    paths = (path for folder in folders for path in (ROOT / folder).rglob("*"))
    return {str(path.relative_to(ROOT)) for path in paths if path.is_file() and "__pycache__" not in path.parts}


def test_the_wheel_has_the_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    plugins = {name.removeprefix("plugins/") for name in tracked("plugins")}

    assert names == tracked("shapetrace") | plugins
    assert {"shapetrace/py.typed", "shapetrace/rules/pages/ST101.md", "shapetrace_rtdetrv2/__init__.py"} <= names


def test_the_sdist_can_be_tested_and_built_from(tmp_path: Path) -> None:
    made = built("sdist", ROOT, tmp_path)
    with tarfile.open(made) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert tracked("shapetrace", "plugins", "tests", "examples", "survey", "docs", "website", ".github") <= names
    assert {"action.yml", "noxfile.py", ".pre-commit-hooks.yaml"} <= names  # tests read them
    assert {"pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "Makefile", "CHANGELOG.md", "PKG-INFO"} <= names
    assert not [
        name for name in names if name.startswith((".venv", ".nox", ".git/", "build", "dist")) or "__pycache__" in name
    ]


def test_a_wheel_built_twice_has_the_same_bytes(tmp_path: Path, wheel: Path) -> None:
    again = built("wheel", copied(tmp_path / "copy"), tmp_path / "out", SHAPETRACE_REPOSITORY=ADDRESS)

    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


def description(said: Message) -> str:
    """The text that the page of the package shows."""
    text = said.get_payload(decode=True)
    assert isinstance(text, bytes)
    return text.decode("utf-8")


def targets(text: str) -> Iterator[str]:
    return (target for _, target in re.findall(r"(!?\[[^\]]*\])\(([^)\s]+)\)", text))


def test_links_of_the_readme_work_on_a_package_index(wheel: Path) -> None:
    said = metadata(wheel)
    top = f"{ADDRESS}/blob/v{shapetrace.__version__}/"
    found = list(targets(description(said)))

    assert said["Description-Content-Type"] == "text/markdown"
    assert len(found) == len(list(targets((ROOT / "README.md").read_text("utf-8")))) > 10
    assert all(target.startswith(("https://", "#")) for target in found)
    files = [target.removeprefix(top).partition("#")[0] for target in found if target.startswith(top)]
    assert files and all((ROOT / file).exists() for file in files)


def test_no_address_is_made_up(tmp_path: Path) -> None:
    said = metadata(built("wheel", ROOT, tmp_path))

    assert said.get_all("Project-URL") is None
    assert not [target for target in targets(description(said)) if ":" not in target]
    assert "简体中文" in description(said)


def test_project_urls_are_those_of_the_repository(wheel: Path) -> None:
    urls = dict(str(line).split(", ") for line in metadata(wheel).get_all("Project-URL") or [])

    assert set(urls) == {"Source", "Documentation", "Changelog", "Issues"}
    assert all(url.startswith(ADDRESS) for url in urls.values())


def test_pictures_of_a_readme_are_linked_to_as_they_are() -> None:
    linked = runpy.run_path(str(ROOT / "hatch_build.py"))["linked"]

    assert linked("![a](docs/a.png)", ADDRESS, "v1") == f"![a]({ADDRESS}/raw/v1/docs/a.png)"
    assert linked("![a](docs/a.png)[b](#b)", "", "v1") == "[b](#b)"


def test_the_changelog_begins_with_this_version() -> None:
    (newest, *_) = re.findall(r"^## (?!Unreleased)(.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)

    assert re.fullmatch(rf"{re.escape(shapetrace.__version__)} \(\d{{4}}-\d\d-\d\d\)", newest)


def test_the_page_on_installing_has_every_extra(wheel: Path) -> None:
    page = (ROOT / "docs" / "how-to" / "install.md").read_text("utf-8")
    extras = set(metadata(wheel).get_all("Provides-Extra") or []) - {"dev", "docs"}

    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == extras


def test_gpu_brings_the_numpy_that_paddle_2_was_built_for(wheel: Path) -> None:
    wanted = [line for line in metadata(wheel).get_all("Requires-Dist") or [] if "extra == 'gpu'" in line]

    assert any(line.startswith("numpy<2;") for line in wanted)


def test_words_are_spelt() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "codespell_lib"], cwd=ROOT, capture_output=True, text=True, timeout=HUNG
    )

    assert (done.returncode, done.stdout) == (0, "")
