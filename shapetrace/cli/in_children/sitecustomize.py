"""Runs at the start of each Python process that a script under `shapetrace run --subprocesses` starts.

Python imports the first `sitecustomize` it finds; this one stands in front of the machine's own, which it runs as well.
"""

import importlib.machinery
import importlib.util
import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))


def _run_the_next() -> None:
    others = [path for path in sys.path if os.path.abspath(path or os.curdir) != _here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


_run_the_next()
if "SHAPETRACE_CHILDREN" in os.environ:
    from shapetrace.cli import children

    children.watch_this_process()
