"""Which sizes does an export take? Exports a layer, derives its sizes, and tries them out.

found = shapetrace.sizes(layer, [InputSpec([-1, 3, -1, -1], name="image")])
print(found.text())
found.axis("image[2]").pattern.multiple_of

An export that takes few sizes is a result, not an exception.
"""

from __future__ import annotations

from shapetrace.proof.asking import sizes

__all__ = ["sizes"]
