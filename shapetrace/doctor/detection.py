"""Looks at PaddleDetection: its release, whether it has RT-DETRv2, and whether that has its bug."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

from shapetrace.doctor import callables, versions
from shapetrace.doctor.lines import Line
from shapetrace.errors import in_words
from shapetrace.reports.printable import relative

_THREADS = tuple(
    f"https://github.com/PaddlePaddle/PaddleDetection/{thread}"
    for thread in ("issues/9140", "issues/9211", "issues/9281", "pull/9305")
)
_REMEDY = "rtdetrv2"
_SUBJECT = "PaddleDetection"


def lines(model: Any = None) -> list[Line]:
    """The lines about it; none where it is not installed.

    Args:
        model: The layer that is to be exported, if that is known.
    """
    if not versions.importable("ppdet"):
        return []
    folder = _folder()
    release = _release(folder)
    written = folder / "modeling" / "transformers" / "rtdetr_transformerv2.py"
    if not written.is_file():
        return [Line("ok", _SUBJECT, f"{release}, without RT-DETRv2 (2.8 and later have it)")]
    seen = f"{release}, with RT-DETRv2"
    if not versions.importable("paddle"):
        return [Line("note", _SUBJECT, f"{seen}, not probed: Paddle is missing")]
    return [_probed(seen, model)]


def _folder() -> Path:
    module = sys.modules.get("ppdet")
    spec = module.__spec__ if module is not None else importlib.util.find_spec("ppdet")
    locations = list(spec.submodule_search_locations or ()) if spec is not None else []
    return Path(locations[0]) if locations else Path()


def _release(folder: Path) -> str:
    version = versions.installed("paddledet")
    return f"{version or 'a checkout'} ({relative(str(folder.parent))})"


def _probed(seen: str, model: Any) -> Line:
    """Ask the remedy, whose probe tries the behaviour: people patch the code of one release in many ways."""
    from shapetrace import remedies

    remedy = remedies.get(_REMEDY)
    for module in remedy.requires:
        try:
            importlib.import_module(module)
        except (Exception, SystemExit) as error:
            return Line("note", _SUBJECT, f"{seen}, which cannot be imported here: {in_words(error)}")
    found = remedies.probe(remedy)
    if found.present and model is not None and _REMEDY not in callables.remedies(model):
        return Line("ok", _SUBJECT, f"{seen}: {found.reason}, and {type(model).__name__} does not use it")
    if found.present:
        which = "" if model is not None else ", for RT-DETRv2 and D-FINE"
        command = f"shapetrace run --remedy {_REMEDY} SCRIPT"
        return Line("warning", _SUBJECT, f"{seen}: {found.reason}", f"{command}{which}", _THREADS)
    if found.state == "failed":
        return Line("warning", _SUBJECT, f"{seen}: {found.reason}")
    return Line("ok", _SUBJECT, f"{seen}: {found.reason}")
