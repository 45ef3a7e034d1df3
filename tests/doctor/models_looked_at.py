"""Looks for callables that would be skipped in models, each in a forked process, and prints them as JSON lines.

python models_looked_at.py models.partial_held:broken models.partial_held:healthy ...
"""

from __future__ import annotations

import importlib
import sys
from functools import partial
from typing import Any

import forked
from shapetrace.capture.probes import skips
from shapetrace.doctor import skipped


def look(name: str) -> dict[str, Any]:
    """What one model holds, or calls by name, that reads a shape and would be skipped."""
    module, _, variant = name.partition(":")
    model = importlib.import_module(module)
    layer, _ = getattr(model, variant)()
    found = [*skipped.held(layer), *skipped.called(layer)]
    return {"cause": model.CAUSE, "kinds": sorted({each.kind for each in found if each.reads_shape})}


def main() -> None:
    """Run from the command line."""
    skips.kind_of(main)  # Paddle lists the functions of many modules first, which takes a second: not in every fork
    for name in sys.argv[1:]:
        forked.run(name, partial(look, name))


if __name__ == "__main__":
    main()
