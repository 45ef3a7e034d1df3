"""The specs of conversions: the line that made each, and the spec that the user gave in its place."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from types import FrameType
from typing import Any

import msgspec

from shapetrace.capture.source import frames
from shapetrace.capture.source.frames import Place
from shapetrace.capture.source.sites import Sites
from shapetrace.trace import Conversion, Input


class Specs:
    """The specs made during one watch, and the conversions they went into."""

    def __init__(self, sites: Sites) -> None:
        self._sites = sites
        self._made: dict[int, tuple[weakref.ref[Any], Place]] = {}
        self._conversions: dict[int, tuple[Any, list[Conversion]]] = {}

    def made(self, spec: Any, frame: FrameType | None) -> None:
        """A spec was made below `frame`. It is not kept alive: a script may make one at each step of a training."""
        place = _users(frame)
        if place is not None:
            key = id(spec)
            self._made[key] = weakref.ref(spec, lambda _: self._made.pop(key, None)), place

    def inputs(self, function_spec: Any, input_spec: Any) -> list[Input]:
        """The inputs of a conversion that begins."""
        from paddle.utils import flatten

        given = list(_tensors(flatten(input_spec)))
        declared = list(_tensors(getattr(function_spec, "flat_input_spec", None) or ()))
        if len(declared) != len(given):
            declared = given
        return [
            Input(
                name=spec.name or "",
                shape=_shape(spec),
                dtype=str(spec.dtype).removeprefix("paddle."),
                # Paddle makes new specs of the tensors in a call, and widens them to what was declared.
                site=self._site(before if _shape(before) == _shape(spec) else spec),
            )
            for spec, before in zip(given, declared, strict=True)
        ]

    def begun(self, function_spec: Any, conversion: Conversion) -> None:
        """A conversion of a function has begun."""
        self._conversions.setdefault(id(function_spec), (function_spec, []))[1].append(conversion)

    def overruled(self, function_spec: Any, asked: Any, frame: FrameType | None, raised: bool) -> None:
        """Specs were given for a function that has specs already, which count; `raised` is whether that ended in an exception."""
        from paddle.utils import flatten

        place = _users(frame)
        site = self._sites.of(place) if place is not None else -1
        specs = list(_tensors(flatten(asked)))
        for conversion in self._conversions.get(id(function_spec), (None, []))[1]:
            by_name = {spec.name: spec for spec in specs if spec.name}
            for position, given in enumerate(conversion.inputs):
                spec = by_name.get(given.name)
                if spec is None and len(specs) == len(conversion.inputs) and not specs[position].name:
                    spec = specs[position]
                if spec is not None and _shape(spec) != given.shape:
                    refused = raised and conversion.failure is None
                    conversion.inputs[position] = msgspec.structs.replace(
                        given, asked=_shape(spec), asked_site=site, refused=refused
                    )

    def _site(self, spec: Any) -> int:
        known = self._made.get(id(spec))
        return self._sites.of(known[1]) if known is not None and known[0]() is spec else -1


def _tensors(flat: Any) -> Iterator[Any]:
    from paddle.static import InputSpec

    return (spec for spec in flat if isinstance(spec, InputSpec))


def _shape(spec: Any) -> tuple[int, ...]:
    return tuple(-1 if size is None else int(size) for size in spec.shape)


def _users(frame: FrameType | None) -> Place | None:
    """The innermost place in the user's code."""
    while frame is not None:
        if frames.users(frame):
            return Place(frame.f_code, frame.f_lasti, frame.f_lineno)
        frame = frame.f_back
    return None
