"""Enters into a recorded conversion what Paddle's symbolic pass told of its program (`symbolic_pass.py`)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from shapetrace import symbolic
from shapetrace.capture.recorded import Expressions
from shapetrace.capture.shapes.symbolic_pass import Answers
from shapetrace.facts import ops
from shapetrace.trace import Conversion, Symbol

_SYMBOL = re.compile(r"S\d+")
_DTYPE = re.compile(r"(?!null$)\w+")  # of a tensor; a vector or an array has the text of a type there


def write(conversion: Conversion, answers: Answers) -> None:
    """Fill the symbolic shapes, `expressions` and `symbols` of a recorded conversion."""
    expression = Expressions(conversion).of
    values = conversion.values
    names = _Names(conversion)

    def tell(position: int, text: str) -> None:
        """Enter the shape of a value that was asked for."""
        told = symbolic.parse_shapes(text)[0].data if text else None
        if told is not None and len(told) == len(values[position].shape):
            values[position].dims = tuple(map(expression, told))
            names.born(values[position].op, told)

    for index, (op, text) in enumerate(zip(conversion.ops, answers.ops, strict=True)):
        if op.name in ops.NOT_TOLD:
            tell(op.outputs[0], answers.values.get(op.outputs[0], ""))
        pairs = iter(symbolic.parse_shapes(text))
        for output in op.outputs:
            value = values[output]
            if value.dtype.startswith("vec["):
                for _ in range(value.dtype.count("tensor<")):
                    next(pairs, None)
                continue
            pair = next(pairs, None)
            if pair is None or pair.shape is None:
                continue
            value.dims = tuple(map(expression, pair.shape))
            value.data = tuple(map(expression, pair.data)) if pair.data is not None else None
            if op.name == ops.DATA:
                names.input(value.name, pair.shape)
            else:
                names.born(index, (*pair.shape, *(pair.data or ())))
    for position, text in answers.values.items():
        tell(position, text)
    for value in values:
        if value.dims is None and all(size >= 0 for size in value.shape) and _DTYPE.fullmatch(value.dtype):
            value.dims = tuple(expression(str(size)) for size in value.shape)


class _Names:
    """Names the symbols of a conversion: after the input axis, or `u0`, `u1`, ... in the order they are born."""

    def __init__(self, conversion: Conversion) -> None:
        self.conversion = conversion
        self.known: set[str] = set()
        self.seen: set[str] = set()
        self.fresh = 0

    def input(self, name: str, shape: Sequence[str]) -> None:
        for axis, text in enumerate(shape):
            if _SYMBOL.fullmatch(text) and text not in self.known:
                self.known.add(text)
                self.conversion.symbols.append(Symbol(key=text, name=f"{name}[{axis}]", input=name, axis=axis))

    def born(self, op: int, texts: Sequence[str]) -> None:
        for text in texts:
            if text in self.seen:
                continue
            self.seen.add(text)
            for key in _SYMBOL.findall(text):
                if key not in self.known:
                    self.known.add(key)
                    self.conversion.symbols.append(Symbol(key=key, name=f"u{self.fresh}", op=op))
                    self.fresh += 1
