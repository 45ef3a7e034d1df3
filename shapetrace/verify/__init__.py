"""Does the exported model compute what the model computes? Exports it, runs both at several sizes, and compares.

    result = shapetrace.verify(layer, [InputSpec([-1, 3, 640, 640], name="image")])
    print(result.text())
    assert result.ok

A model that differs is a result, not an exception.
"""

from __future__ import annotations

from shapetrace.verify.results import Difference, Failure, Place, Run, Verification
from shapetrace.verify.running import verify

__all__ = ["Difference", "Failure", "Place", "Run", "Verification", "verify"]
