"""Looks at what is installed: Python, shapetrace, Paddle and its SOT, NumPy, and what draws."""

from __future__ import annotations

import functools
import os
import platform
import shutil
import sys
from collections.abc import Callable
from typing import Any

from shapetrace.doctor import clashes, combinations, detection, versions
from shapetrace.doctor.lines import Line, checked
from shapetrace.errors import in_words
from shapetrace.said import listed, said
from shapetrace.version import __version__

_MEASURED = ("2.6.2", "3.0.0", "3.3.1")
"""Versions of Paddle that shapetrace was measured on."""
_OLDEST, _NEXT = "2.6.2", "4"


def lines(model: Any = None) -> list[Line]:
    """The lines about this environment. Imports Paddle and, where it is installed, PaddleDetection.

    Args:
        model: The layer that is to be exported, if that is known.
    """
    checks: list[tuple[str, Callable[[], list[Line]]]] = [
        ("Python", _python),
        ("shapetrace", _shapetrace),
        ("Paddle", _paddle),
        ("SOT", _sot),
        ("NumPy", _numpy),
        ("PaddleDetection", functools.partial(detection.lines, model)),
        ("drawing", _drawing),
        ("versions", combinations.lines),
        ("engines", clashes.lines),
    ]
    return [line for subject, check in checks for line in checked(subject, check)]


def _python() -> list[Line]:
    return [Line("ok", "Python", f"{platform.python_version()}, {platform.system()} {platform.machine()}")]


def _shapetrace() -> list[Line]:
    from shapetrace import discovery

    names = listed(remedy.name for remedy in discovery.all_remedies())
    return [
        Line("ok", "shapetrace", said("{}, remedies: {}", __version__, names)),
        *(Line("warning", "shapetrace", problem) for problem in discovery.problems()),
    ]


def _paddle() -> list[Line]:
    if not versions.importable("paddle"):
        return [
            Line("error", "Paddle", said("not installed"), said("pip install 'shapetrace[cpu]', or 'shapetrace[gpu]'"))
        ]
    try:
        import paddle
    except Exception as error:
        return [
            Line(
                "error", "Paddle", said("installed, but cannot be imported: {}", in_words(error)), said("reinstall it")
            )
        ]
    version = str(paddle.__version__)
    build = said("GPU build, CUDA {}", paddle.version.cuda()) if paddle.is_compiled_with_cuda() else said("CPU build")
    programs = "PIR" if _uses_pir() else said("no PIR: programs are of the older kind")
    installed = said("{}, {}, {}", version, build, programs)
    if version in _MEASURED:
        return [Line("ok", "Paddle", installed)]
    if versions.within(version, below=_OLDEST):
        return [
            Line("error", "Paddle", said("{}: too old to be watched", installed), said("install {} or later", _OLDEST))
        ]
    measured = said("shapetrace was measured on {}", ", ".join(_MEASURED))
    if versions.within(version, _OLDEST, _NEXT):
        return [Line("note", "Paddle", said("{}; {}, and is to work on this one", installed, measured))]
    return [Line("warning", "Paddle", said("{}; {}: whether it works on this one is not known", installed, measured))]


def _uses_pir() -> bool:
    import paddle

    uses = getattr(paddle.framework, "use_pir_api", None)  # Paddle 2.6 has none
    return bool(uses and uses())


def _sot() -> list[Line]:
    if "paddle" not in sys.modules:
        return []
    from paddle.jit import api

    if not api.ENV_ENABLE_SOT.get():
        return [Line("ok", "SOT", said("off: to_static converts syntax trees"))]
    return [
        Line(
            "note",
            "SOT",
            said(
                "on: to_static without full_graph=True captures bytecode, call by call, and heeds no input_spec; "
                "jit.save converts syntax trees, and these are what is watched"
            ),
            said("pass full_graph=True to to_static before an export"),
        )
    ]


def _numpy() -> list[Line]:
    version = versions.installed("numpy")
    return [Line("ok", "NumPy", version)] if version is not None else []


def _drawing() -> list[Line]:
    from shapetrace.reports import canvas

    program = canvas.renderer("svg")
    if program is None:
        install = said("install Graphviz with your system's package manager, or pip install graphviz-pure")
        return [Line("note", "drawing", said("no Graphviz: reports as SVG, PNG and PDF cannot be made"), install)]
    if shutil.which("dot") is None:
        return [Line("ok", "drawing", said("{}: SVG and PNG, no PDF", os.path.basename(program)))]
    return [Line("ok", "drawing", f"dot ({program})")]
