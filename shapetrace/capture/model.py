"""What a conversion was asked to convert, so that it can be run as it stands."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple


class Model(NamedTuple):
    """A function, or the method of a layer, and the spec of its inputs."""

    function: Callable[..., Any]
    layer: Any
    """The layer whose method it is, or None."""
    input_spec: tuple[Any, ...]
    keywords: dict[str, Any]

    def call(self, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
        """Run it, hooks of the layer included."""
        if self.layer is None or inspect.ismethod(self.function):
            return self.function(*arguments, **keywords)
        if getattr(self.function, "__name__", "forward") == "forward":
            return self.layer(*arguments, **keywords)
        return self.function(self.layer, *arguments, **keywords)
