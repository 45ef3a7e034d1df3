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
from shapetrace.said import Said, said

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
        return [Line("ok", _SUBJECT, said("{}, without RT-DETRv2 (2.8 and later have it)", release))]
    installed = said("{}, with RT-DETRv2", release)
    if not versions.importable("paddle"):
        return [Line("note", _SUBJECT, said("{}, not probed: Paddle is missing", installed))]
    return [_probed(installed, model)]


def _folder() -> Path:
    module = sys.modules.get("ppdet")
    spec = module.__spec__ if module is not None else importlib.util.find_spec("ppdet")
    locations = list(spec.submodule_search_locations or ()) if spec is not None else []
    return Path(locations[0]) if locations else Path()


def _release(folder: Path) -> Said:
    version = versions.installed("paddledet")
    return said("{} ({})", version or said("a checkout"), relative(str(folder.parent)))


def _probed(installed: Said, model: Any) -> Line:
    """Ask the remedy, whose probe tries the behaviour: people patch the code of one release in many ways."""
    from shapetrace import remedies

    remedy = remedies.get(_REMEDY)
    for module in remedy.requires:
        try:
            importlib.import_module(module)
        except (Exception, SystemExit) as error:
            return Line("note", _SUBJECT, said("{}, which cannot be imported here: {}", installed, in_words(error)))
    outcome = remedies.probe(remedy)
    if outcome.present and model is not None and _REMEDY not in callables.remedies(model):
        return Line(
            "ok", _SUBJECT, said("{}: {}, and {} does not use it", installed, outcome.reason, type(model).__name__)
        )
    if outcome.present:
        command = f"shapetrace run --remedy {_REMEDY} SCRIPT"
        do = command if model is not None else said("{}, for RT-DETRv2 and D-FINE", command)
        return Line("warning", _SUBJECT, said("{}: {}", installed, outcome.reason), do, _THREADS)
    if outcome.state == "failed":
        return Line("warning", _SUBJECT, said("{}: {}", installed, outcome.reason))
    return Line("ok", _SUBJECT, said("{}: {}", installed, outcome.reason))
