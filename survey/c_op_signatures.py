"""Read which C ops of the installed Paddle take numbers, from the C++ headers in its wheel.

`paddle/include/.../dialect/operator/ir/*.h` declares for each op the `Build` functions of the program's
builder. `const std::vector<int64_t>& shape` in one of them and `pir::Value shape_` in another means that
the argument is a list of ints that may also be a tensor. `paddle/include/paddle/phi/api/include/*api.h`
has the same ops with their arguments in the order of the Python binding.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import BuiltinFunctionType
from typing import Any

INTS = {
    "int": "int",
    "int64_t": "int",
    "Scalar": "number",
    "float": "number",
    "double": "number",
    "IntArray": "ints",
    "std::vector<int>": "ints",
    "std::vector<int64_t>": "ints",
    "std::vector<Scalar>": "numbers",
    "std::vector<phi::Scalar>": "numbers",
    "std::vector<float>": "numbers",
    "std::vector<double>": "numbers",
}


def signatures() -> dict[str, list[list[Any]]]:
    """The number-like arguments of each function of `paddle._C_ops`.

    Returns:
        Op to `[name, position, type, may be a tensor]` for each; empty for an op that takes no number.
        Ops of which the headers say nothing are left out.
    """
    import paddle

    include = Path(paddle.__file__).parent / "include/paddle"
    builders, functions = _builders(include), _functions(include)
    found: dict[str, list[list[Any]]] = {}
    for op, value in sorted(vars(paddle._C_ops).items()):
        if not isinstance(value, BuiltinFunctionType):
            continue
        overloads = builders.get(op, [])
        order = functions.get(op) or functions.get(op.rstrip("_")) or (overloads[0] if overloads else None)
        if order is None:
            continue
        kinds: dict[str, str] = {}
        tensors = set()
        for kind, name in [pair for overload in overloads for pair in overload] + order:
            if kind == "pir::Value":
                tensors.add(name.rstrip("_"))
            elif kind in ("IntArray", "Scalar"):
                tensors.add(name)
                kinds.setdefault(name, INTS[kind])
            elif kind in INTS:
                kinds.setdefault(name, INTS[kind])
        names = [name.rstrip("_") for _, name in order]
        found[op] = [
            [name, names.index(name) if name in names else -1, kind, name in tensors] for name, kind in kinds.items()
        ]
    return found


def _builders(include: Path) -> dict[str, list[list[tuple[str, str]]]]:
    found = {}
    for header in sorted((include / "fluid/pir/dialect/operator/ir").glob("*.h")):
        text = re.sub(r"//[^\n]*", "", header.read_text())
        parts = re.split(r'static\s+(?:constexpr\s+)?const\s+char\s*\*\s*name\(\)\s*\{\s*return\s*"([\w.]+)"', text)
        for name, body in zip(parts[1::2], parts[2::2], strict=True):
            if name.startswith("pd_op."):
                overloads = re.findall(r"static\s+void\s+Build\((.*?)\)\s*;", body, re.S)
                found[name.removeprefix("pd_op.")] = [_parameters(overload)[2:] for overload in overloads]
    return found


def _functions(include: Path) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for header, prefix in (("api.h", ""), ("fused_api.h", ""), ("sparse_api.h", "sparse_")):
        text = (include / "phi/api/include" / header).read_text()
        for name, body in re.findall(r"^PADDLE_API\s+.*?\b(\w+)\((.*)\);", text, re.M):
            found.setdefault(prefix + name, [pair for pair in _parameters(body) if pair[1] != "predefined_out"])
    return found


def _parameters(text: str) -> list[tuple[str, str]]:
    """`(type, name)` of each parameter of a C++ declaration."""
    depth, part, parts = 0, "", []
    for character in text + ",":
        depth += (character in "<({") - (character in ">)}")
        if character == "," and not depth:
            parts.append(part)
            part = ""
        else:
            part += character
    pairs = []
    for part in parts:
        match = re.match(r"\s*(?:const\s+)?(.*?)\s*&*\s*(\w+)\s*(?:=.*)?$", part, re.S)
        if match:
            pairs.append((match[1].strip(), match[2]))
    return pairs
