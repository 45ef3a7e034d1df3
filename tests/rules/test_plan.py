"""Which fix a use of a leaked dim gets, and what it makes of the source: each case is a function that Paddle does not rewrite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from rules.leak import Leak
from rules.snippets import Marked
from shapetrace.facts import op_arguments
from shapetrace.rules import fixes
from shapetrace.said import said
from shapetrace.trace import Cause, DimRecord, DimRef, Edit, Finding, Fix, Skip, SkipKind
from uses import use_of
from whole_findings import see_that_it_can_be_told

HEAD = "import math\nimport numpy as np\nimport paddle\n\n\n"
MARKED = "@paddle.jit.not_to_static\n"
REWRITES = "Paddle rewrites `merge` where it is not marked"
TOLD = "have Paddle rewrite `merge`: call it by its name from the model's forward, as a function of its module"
GENERATOR = "Paddle rewrites no generator: have `merge` append to a list and return it, in place of `yield`"
AS_TENSOR = "a tensor, which follows the input, at the cost of ops, and of a graph break under SOT in loops"


class Leaking(Leak):
    """A file in which dims leak: read at places whose names begin with `read`, in a callable that was skipped.

    Attributes:
        marked: The file.
        dims: By the name of a place, the dim of the first axis that was read there.
    """

    def __init__(self, folder: Path, code: str, kind: SkipKind = "not_to_static") -> None:
        super().__init__()
        path = folder / "net.py"
        self.marked = Marked(HEAD + code, path)
        path.write_text(self.marked.text, encoding="utf-8")
        self.places = {name: self.program.site(site) for name, site in self.marked.sites.items()}
        known = {name: self.places[name] for name in ("called", "defined", "wrapped") if name in self.places}
        self.trace.skips = [Skip(kind, "net.merge", **known)]
        self.dims = {name: self.read_at(name) for name in self.places if name.startswith("read")}

    def read_at(self, place: str, axis: int = 0, **fields: Any) -> int:
        """A dim that was read at a place."""
        record = DimRecord(-1, "read", (), 0, self.x, axis, self.places[place])
        record.skip = 0
        for name, value in fields.items():
            setattr(record, name, value)
        return self._dim(record)

    def times(self, factor: int, dim: int) -> int:
        """A dim that was computed from another."""
        return self.computed(-factor, "*", DimRef(dim), factor)

    def use(self, kind: str, dim: int, place: str = "use", **fields: Any) -> Leaking:
        """Add a use at a place."""
        self.trace.uses.append(use_of(kind, dim, **{"conversion": 0, "site": self.places[place], **fields}))
        return self

    def fix(self, use: int = 0) -> tuple[str, str, str] | None:
        """The worth of the fix of a use, what it says, and the source after it, without the imports."""
        fix = fixes.of_use(self.trace, self.trace.uses[use])
        if fix is None:
            return None
        see_that_it_can_be_told(fix)
        return fix.applicability, str(fix.says), self.marked.after(fix.edits).removeprefix(HEAD)


FULL = {"op": "full", "argument": "shape", "index": 0}
RESHAPE = {"op": "reshape", "argument": "shape", "index": 0}
WITH_TENSORS: list[tuple[str, str, dict[str, Any], str, str | None]] = [
    ("return «use:paddle.full([n], 1.0)»", "op", FULL, "machine", None),
    ("return «use:paddle.chunk(x, n)»", "op", {"op": "chunk", "argument": "chunks"}, "maybe", None),
    ("return «use:paddle.eye(n)»", "op", {"op": "eye", "argument": "num_rows"}, "maybe", None),
    ("return «use:paddle.eye(3, n)»", "op", {"op": "eye", "argument": "num_columns"}, "maybe", None),
    ("return «use:paddle.unbind(x, n)»", "op", {"op": "unbind", "argument": "axis"}, "maybe", None),
    ("return «use:x.repeat_interleave(n)»", "op", {"op": "repeat_interleave", "argument": "repeats"}, "maybe", None),
    ("return «use:x.tensor_split(n)»", "op", {"op": "tensor_split", "argument": "num_or_indices"}, "maybe", None),
    ("return «use:paddle.split(x, n)»", "op", {"op": "split", "argument": "num_or_sections"}, "maybe", None),
    (
        "return «use:paddle.split(x, [n, 2])»",
        "op",
        {"op": "split", "argument": "num_or_sections", "index": 0},
        "machine",
        None,
    ),
    ("for i in «use:range(n)»: pass", "range", {}, "machine", None),
    ("print(«use:f'{n}'»)", "text", {"message": True}, "machine", None),
    ("return k[«use:f'{n}'»]", "text", {}, "maybe", None),
    ("return k[«use:n»]", "hash", {}, "maybe", None),
    ("k.n = «use:n»", "stored", {}, "maybe", None),
    ("if «use:n > 4»: k = 1", "compare", {}, "machine", None),
    ("if «use:n > 4»: k = 1\n    else: return k", "compare", {}, "machine", None),
    ("if «use:n > 4» and not k: return k", "compare", {}, "machine", None),
    ("if «use:n > 4»:\n        try: pass\n        finally: pass", "compare", {}, "maybe", None),
    ("if «use:n > 4»:\n        pass\n    else:\n        with k: pass", "compare", {}, "maybe", None),
    ("if «use:n > 4»:\n        if k: raise k", "compare", {}, "maybe", None),
    ("if «use:n > 4»: del k", "compare", {}, "maybe", None),
    ("if «use:n > 4»: import os", "compare", {}, "maybe", None),
    ("if «use:n > 4»: from os import path", "compare", {}, "maybe", None),
    ("if «use:n > 4»:\n        def inner(): pass", "compare", {}, "maybe", None),
    ("for i in k:\n        if «use:n > 4»: break", "compare", {}, "maybe", None),
    ("while k:\n        if «use:n > 4»: continue", "compare", {}, "maybe", None),
    ("for i in k:\n        if «use:n > 4»: return i", "compare", {}, "maybe", None),
    ("for i in k:\n        if «use:n > 4»: k = 1", "compare", {}, "machine", None),
    ("while «use:n > 4»: k = 1", "compare", {}, "machine", None),
    ("a, b = map(int, k)\n    if «use:n > 4»: k = a", "compare", {}, "maybe", None),
    ("a, b = map(len, k)\n    if «use:n > 4»: k = a", "compare", {}, "machine", None),
    ("k = k if isinstance(k, int) else 1\n    if «use:n > 4»: k = 1", "compare", {}, "maybe", None),
    ("k = k if isinstance(k, int) else int(k)\n    if «use:n > 4»: k = 1", "compare", {}, "machine", None),
    ("k = 1 if «use:n > 4» else 2", "compare", {}, "machine", None),
    ("k = [i for i in k if «use:n > 4»]", "compare", {}, "maybe", None),
    ("k = sum(i for i in k if «use:n > 4»)", "compare", {}, "maybe", None),
    ("k = lambda: «use:n > 4»", "compare", {}, "maybe", None),
    ("if «use:n»: k = 1", "truth", {}, "machine", None),
    ("if «use:n != 4»: raise ValueError('four')", "compare", {}, "maybe", "assert n == 4, 'four'"),
    ("if not «use:n == 4»: raise ValueError('four')", "compare", {}, "maybe", "assert not (not n == 4), 'four'"),
    ("if «use:n in (1, 2)»: raise ValueError", "compare", {}, "maybe", "assert not (n == 1 or n == 2)"),
    ("if «use:n in (1, 2)»: k = 1", "compare", {}, "machine", "if n == 1 or n == 2: k = 1"),
    ("if k: pass\n    elif «use:n == 4»: raise ValueError", "compare", {}, "maybe", None),
    ("k = «use:max(n, 4)»", "compare", {}, "machine", "k = (n if n > 4 else 4)"),
    ("k = «use:round(n)»", "float", {}, "maybe", 'k = int(paddle.round(paddle.to_tensor(n, dtype="float32")))'),
    ("k = [«use:max(n, 4)» for i in k]", "compare", {}, "maybe", None),
    ("k = sum(«use:max(n, 4)» for i in k)", "compare", {}, "maybe", None),
    ("k = «use:float(n)»", "float", {}, "machine", None),
    ("k = «use:int(n)»", "int", {}, "machine", None),
    ("k = «use:np.add(n, 1)»", "index", {}, "machine", None),
    ("k = «use:np.multiply(n, 1)»", "float", {}, "machine", None),
    ("k = «use:np.subtract(n, 1)»", "float", {}, "machine", None),
    ("k = «use:np.zeros(n)»", "index", {}, "maybe", "k = paddle.zeros(n)"),
    ("k = «use:n»", "int", {}, "maybe", None),
    ("k = «use:k * n»", "operand", {"against": "list"}, "maybe", None),
    ("k = «use:k * n»", "operand", {"against": "tuple"}, "maybe", None),
    ("k = «use:k * n»", "operand", {"against": "str"}, "maybe", None),
    ("k = «use:k * n»", "operand", {"against": "bytes"}, "maybe", None),
    ("k = «use:k * n»", "operand", {"against": "float"}, "machine", None),
    ("k = «use:k[n]»", "subscript", {}, "maybe", None),
    ("k = «use:[1, 2][n]»", "subscript", {}, "machine", "k = paddle.to_tensor([1, 2])[n]"),
    ("«use:for i in x: pass»", "compare", {}, "machine", None),
    ("«use:while n: pass»", "compare", {}, "machine", None),
    ("«use:del n»", "compare", {}, "maybe", None),
]


@pytest.mark.parametrize(("body", "kind", "fields", "worth", "after"), WITH_TENSORS)
def test_what_uses_the_dim_of_rewritten_code_is_written_for_a_tensor(
    tmp_path: Path, body: str, kind: str, fields: dict[str, Any], worth: str, after: str | None
) -> None:
    code = f"{MARKED}«defined:def merge(x, k):»\n    n = «read:x.shape»[0]\n    {body}\n"
    if kind == "op" and "full" in body:
        fields = {**fields, "arguments": ("-1",)}
    leaking = Leaking(tmp_path, code)
    leaking.use(kind, leaking.dims["read"], **fields)
    plain = leaking.marked.text.removeprefix(HEAD + MARKED)
    expected = plain if after is None else f"def merge(x, k):\n    n = x.shape[0]\n    {after}\n"
    assert leaking.fix() == (worth, REWRITES, expected)


ON_THE_WAY: list[tuple[str, str, str, str | None]] = [
    ("k = paddle.full([«way:math.ceil(n / 2)»], 1.0)", "ceil", "machine", "k = paddle.full([-(-n // 2)], 1.0)"),
    ("k = paddle.full([2], «way:np.float32(n)»)", "float", "machine", "k = paddle.full([2], float(n))"),
    ("k = paddle.full([2], «way:np.mean([n, 2])»)", "mean", "maybe", None),
    ("k = paddle.full([«way:round(n / 3, 1)»], 1.0)", "round", "maybe", None),
    ("k = paddle.full([«way:n & 3»], 1.0)", "&", "maybe", None),
    ("k = paddle.full([«way:n << 1»], 1.0)", "<<", "maybe", None),
    ("k = paddle.full([«way:n // 3»], 1.0)", "//", "machine", None),
    ("k = paddle.full([«way:sum([n, 2])»], 1.0)", "+", "machine", None),
    ("k = paddle.full([«way:math.prod([n, 2])»], 1.0)", "*", "machine", None),
    ("k = paddle.full([«way:int(n / 2)»], 1.0)", "int", "machine", None),
    ("k = paddle.full([2], «way:n ** -1»)", "**", "machine", "k = paddle.full([2], float(n) ** -1)"),
    ("k = paddle.full([2], «way:pow(n, -1)»)", "**", "maybe", None),
    ("k = paddle.full([2], «way:pow(n, 2)»)", "**", "machine", None),
]


@pytest.mark.parametrize(("body", "op", "worth", "after"), ON_THE_WAY)
def test_what_computed_with_the_dim_on_its_way_is_written_for_a_tensor_too(
    tmp_path: Path, body: str, op: str, worth: str, after: str | None
) -> None:
    whole = body.replace("paddle.full(", "«use:paddle.full(") + "»"
    leaking = Leaking(tmp_path, f"{MARKED}«defined:def merge(x):»\n    n = «read:x.shape»[0]\n    {whole}\n")
    record = DimRecord(-1, op, (DimRef(leaking.dims["read"]), -1 if "-1" in body else 2), site=leaking.places["way"])
    leaking.use("op", leaking._dim(record), **FULL, arguments=("-1",))
    plain = leaking.marked.text.removeprefix(HEAD + MARKED)
    expected = plain if after is None else f"def merge(x):\n    n = x.shape[0]\n    {after}\n"
    assert leaking.fix() == (worth, REWRITES, expected)


NUMBERS_ONLY = [
    ("F.pad(x, [0, n])", "pad", "pad", "pad", 1),
    ("F.leaky_relu(x, n)", "leaky_relu", "negative_slope", "leaky_relu", None),
    ("F.unfold(x, n)", "unfold", "kernel_sizes", "unfold", None),
    ("paddle.tril(x, n)", "tril", "diagonal", "tril", None),
    ("F.softmax(x, n)", "softmax", "axis", "softmax", None),
]


@pytest.mark.parametrize(("call", "op", "argument", "operation", "index"), NUMBERS_ONLY)
def test_where_paddle_takes_no_tensor_a_person_must_judge(
    tmp_path: Path, call: str, op: str, argument: str, operation: str, index: int | None
) -> None:
    code = f"{MARKED}«defined:def merge(x):»\n    n = «read:x.shape»[0]\n    return «use:{call}»\n"
    leaking = Leaking(tmp_path, code)
    leaking.use("op", leaking.dims["read"], op=op, argument=argument, operation=operation, index=index)
    fix = leaking.fix()
    assert fix is not None
    assert fix[0] == "maybe"


def test_a_loop_over_a_dim_in_an_expression_would_never_end(tmp_path: Path) -> None:
    code = f"{MARKED}«defined:def merge(x):»\n    return [i for i in «use:range(«read:x.shape»[0])»]\n"
    leaking = Leaking(tmp_path, code)
    leaking.use("range", leaking.dims["read"])
    assert leaking.fix() == ("none", TOLD, leaking.marked.text.removeprefix(HEAD))


def test_all_uses_in_the_callable_are_edited_with_it(tmp_path: Path) -> None:
    code = f"{MARKED}«defined:def merge(x):»\n    n = «read:x.shape»[0]\n    k = «use:max(n, 1)»\n    return «also:min(n, 2)»\n"
    leaking = Leaking(tmp_path, code)
    leaking.use("compare", leaking.dims["read"]).use("compare", leaking.dims["read"], "also")
    after = "def merge(x):\n    n = x.shape[0]\n    k = (n if n > 1 else 1)\n    return (n if n < 2 else 2)\n"
    assert leaking.fix(0) == leaking.fix(1) == ("machine", REWRITES, after)
    leaking.use("stored", leaking.dims["read"], "also")
    assert leaking.fix(0) == ("maybe", REWRITES, after)


def test_a_form_within_a_form_is_written_once(tmp_path: Path) -> None:
    code = f"{MARKED}«defined:def merge(x):»\n    n = «read:x.shape»[0]\n    return «use:max(«also:min(n, 4)», 2)»\n"
    leaking = Leaking(tmp_path, code)
    leaking.use("compare", leaking.dims["read"]).use("compare", leaking.dims["read"], "also")
    text = "((n if n < 4 else 4) if (n if n < 4 else 4) > 2 else 2)"
    assert leaking.fix() == ("machine", REWRITES, f"def merge(x):\n    n = x.shape[0]\n    return {text}\n")


def test_a_lambda_is_edited_where_it_moves_to(tmp_path: Path) -> None:
    code = "merge = «defined:lambda x: paddle.full([«use:max(«read:x.shape»[0], 1)»], 1.0)»\n"
    leaking = Leaking(tmp_path, code, "lambda")
    leaking.use("compare", leaking.dims["read"])
    moved = "def _merge(x):\n    return paddle.full([(x.shape[0] if x.shape[0] > 1 else 1)], 1.0)\n\n\nmerge = _merge\n"
    says = "Paddle rewrites a function of the module, not a lambda: it is `_merge` now"
    assert leaking.fix() == ("machine", says, moved)
    leaking.use("stored", leaking.dims["read"])
    assert leaking.fix() == ("maybe", says, moved)


class TestAMinusOne:
    def code(self, shape: str) -> str:
        return f"def merge(x):\n    n = «read:x.shape»[0]\n    return «use:x.reshape({shape})»\n"

    def test_is_written_where_the_op_infers_it(self, tmp_path: Path) -> None:
        leaking = Leaking(tmp_path, self.code("[n * 8, 4]"))
        leaking.use("op", leaking.times(8, leaking.dims["read"]), **RESHAPE, arguments=("-8", "4"))
        after = "def merge(x):\n    n = x.shape[0]\n    return x.reshape([-1, 4])\n"
        assert leaking.fix() == ("machine", "reshape infers one -1, and the rest of this shape is known", after)

    def test_comes_before_a_rewriting(self, tmp_path: Path) -> None:
        leaking = Leaking(
            tmp_path, MARKED + self.code("[n * 8, 4]").replace("def merge(x):", "«defined:def merge(x):»")
        )
        leaking.use("op", leaking.times(8, leaking.dims["read"]), **RESHAPE, arguments=("-8", "4"))
        fix = leaking.fix()
        assert fix is not None and MARKED in fix[2] and "x.reshape([-1, 4])" in fix[2]

    def test_is_not_written_where_its_place_is_not_found(self, tmp_path: Path) -> None:
        leaking = Leaking(tmp_path, self.code("sizes"))
        leaking.use("op", leaking.times(8, leaking.dims["read"]), **RESHAPE, arguments=("-8", "4"))
        fix = leaking.fix()
        assert fix is not None and fix[:2] == ("machine", AS_TENSOR)

    def test_is_not_written_into_a_lambda_that_moves(self, tmp_path: Path) -> None:
        code = "merge = «defined:lambda x: «use:x.reshape([«read:x.shape»[0] * 8, 4])» + «also:max(x.shape[1], 1)»»\n"
        leaking = Leaking(tmp_path, code, "lambda")
        leaking.use("op", leaking.times(8, leaking.dims["read"]), **RESHAPE, arguments=("-8", "4"))
        assert leaking.fix() == (
            "machine",
            "reshape infers one -1, and the rest of this shape is known",
            "merge = lambda x: x.reshape([-1, 4]) + max(x.shape[1], 1)\n",
        )
        leaking.use("hash", leaking.dims["read"], "also")
        leaking.trace.__dict__.clear()
        fix = leaking.fix()
        assert fix is not None
        assert fix[1] == "Paddle rewrites a function of the module, not a lambda: it is `_merge` now"
        assert fix[0] == "maybe" and "merge = _merge\n" in fix[2] and "-1" not in fix[2]

    def test_nor_where_the_lambda_moves_for_another_op(self, tmp_path: Path) -> None:
        code = "merge = «defined:lambda x: «use:x.reshape([«read:x.shape»[0] * 8, 4])» + «also:paddle.full([x.shape[0]], 1)»»\n"
        leaking = Leaking(tmp_path, code, "lambda")
        leaking.use("op", leaking.times(8, leaking.dims["read"]), **RESHAPE, arguments=("-8", "4"))
        leaking.use("op", leaking.dims["read"], "also", **FULL, arguments=("-1",))
        moved = leaking.fix(1)
        assert moved is not None and leaking.fix(0) == moved and "-1" not in moved[2]

    def test_is_written_into_a_list_that_has_a_name(self, tmp_path: Path) -> None:
        code = "def merge(x):\n    sizes = [«read:x.shape»[0] * 8, 4]\n    return «use:x.reshape(list(sizes))»\n"
        leaking = Leaking(tmp_path, code)
        leaking.use("op", leaking.times(8, leaking.dims["read"]), **RESHAPE, arguments=("-8", "4"))
        fix = leaking.fix()
        assert fix is not None and "sizes = [-1, 4]\n" in fix[2]

    @pytest.mark.parametrize(
        ("kind", "fields"),
        [("op", {**RESHAPE, "arguments": ("-1", "4"), "index": 0}), ("stored", {})],
    )
    def test_is_where_all_other_uses_are_healthy(self, tmp_path: Path, kind: str, fields: dict[str, Any]) -> None:
        code = (
            "merge = «defined:lambda x: «use:x.reshape([«read:x.shape»[0] * 8, 4])» + «also:x.view([x.shape[0], 4])»»\n"
        )
        leaking = Leaking(tmp_path, code, "lambda")
        leaking.use("op", leaking.times(8, leaking.dims["read"]), **RESHAPE, arguments=("-8", "4"))
        leaking.use(kind, leaking.dims["read"], "also", **fields)
        fix = leaking.fix()
        assert fix is not None and fix[0] == "machine" and "x.reshape([-1, 4])" in fix[2]


class TestReadAsATensor:
    """In a generator, which cannot be rewritten."""

    def leaking(self, folder: Path, body: str, kind: SkipKind = "generator") -> Leaking:
        return Leaking(folder, f"def merge(x, k):\n    {body}\n", kind)

    def test_is_what_an_op_takes(self, tmp_path: Path) -> None:
        leaking = self.leaking(tmp_path, "yield «use:paddle.full([«read:x.shape»[0] * 2], 1.0)»")
        leaking.use("op", leaking.times(2, leaking.dims["read"]), **FULL)
        after = "def merge(x, k):\n    yield paddle.full([paddle.shape(x)[0] * 2], 1.0)\n"
        assert leaking.fix() == ("machine", AS_TENSOR, after)

    @pytest.mark.parametrize("against", ["float", "ndarray"])
    def test_is_what_arithmetic_takes(self, tmp_path: Path, against: str) -> None:
        leaking = self.leaking(tmp_path, "yield «use:«read:x.shape»[0] * k»")
        leaking.use("operand", leaking.dims["read"], against=against)
        assert leaking.fix() == ("machine", AS_TENSOR, "def merge(x, k):\n    yield paddle.shape(x)[0] * k\n")

    @pytest.mark.parametrize(
        ("kind", "fields"),
        [
            ("operand", {"against": "list"}),
            ("operand", {"against": "tuple"}),
            ("operand", {"against": "str"}),
            ("operand", {"against": "bytes"}),
            ("operand", {"against": "float", "numpy": True}),
            ("op", {"op": "eye", "argument": "num_rows"}),
            ("compare", {}),
        ],
    )
    def test_is_nothing_that_this_takes(self, tmp_path: Path, kind: str, fields: dict[str, Any]) -> None:
        leaking = self.leaking(tmp_path, "yield «use:k * «read:x.shape»[0]»")
        leaking.use(kind, leaking.dims["read"], **fields)
        assert leaking.fix() == ("none", GENERATOR, leaking.marked.text.removeprefix(HEAD))

    @pytest.mark.parametrize(
        ("kind", "fields", "worth"),
        [
            ("text", {"message": True}, "machine"),
            ("text", {}, "none"),
            ("compare", {}, "none"),
            ("op", FULL, "machine"),
            ("op", {"op": "split", "argument": "num_or_sections", "index": 0}, "machine"),
            ("op", {"op": "split", "argument": "num_or_sections"}, "none"),
        ],
    )
    def test_must_suit_all_that_uses_the_shape(
        self, tmp_path: Path, kind: str, fields: dict[str, Any], worth: str
    ) -> None:
        leaking = self.leaking(
            tmp_path, "n = «read:x.shape»[0]\n    yield «use:paddle.full([n], 1.0)»\n    «also:f(n)»"
        )
        leaking.use("op", leaking.dims["read"], **FULL).use(kind, leaking.dims["read"], "also", **fields)
        fix = leaking.fix()
        assert fix is not None and fix[0] == worth

    def unpacked(self, folder: Path) -> Leaking:
        leaking = self.leaking(folder, "b, c, d = «read:x.shape»\n    yield «use:f(b)»\n    «also:f(c)»")
        leaking.use("op", leaking.dims["read"], **FULL)
        return leaking

    @pytest.mark.parametrize(
        ("computed", "fields", "read"),
        [
            (False, {**RESHAPE, "arguments": ("-1", "4")}, False),
            (False, {**RESHAPE, "arguments": ("-1", "-1")}, True),
            (False, FULL, True),
            (True, {**RESHAPE, "arguments": ("-8", "4")}, True),
        ],
    )
    def test_are_all_dims_of_a_shape_that_hurt(
        self, tmp_path: Path, computed: bool, fields: dict[str, Any], read: bool
    ) -> None:
        leaking = self.unpacked(tmp_path)
        other = leaking.read_at("read", 1)
        leaking.use("op", leaking.times(8, other) if computed else other, "also", **fields)
        lines = "    b = paddle.shape(x)[0]\n" + ("    c = paddle.shape(x)[1]\n" if read else "")
        after = f"def merge(x, k):\n    b, c, d = x.shape\n{lines}    yield f(b)\n    f(c)\n"
        assert leaking.fix() == ("machine", AS_TENSOR, after)

    def test_may_be_in_a_list_of_as_many_as_the_tensor_has(self, tmp_path: Path) -> None:
        leaking = self.leaking(tmp_path, "yield «use:f(«read:x.shape»)»")
        leaking.use("op", leaking.dims["read"], **FULL)
        assert leaking.fix() == (
            "machine",
            AS_TENSOR,
            "def merge(x, k):\n    yield f([paddle.shape(x)[0], *x.shape[1:]])\n",
        )

    @pytest.mark.parametrize("field", ["conversion", "tensor"])
    def test_is_no_list_where_the_tensor_is_not_known(self, tmp_path: Path, field: str) -> None:
        leaking = self.leaking(tmp_path, "yield «use:f(«read:x.shape»)»")
        setattr(leaking.trace.dims[leaking.dims["read"]], field, -1)
        leaking.use("op", leaking.dims["read"], **FULL)
        fix = leaking.fix()
        assert fix is not None and fix[0] == "none"

    def test_is_no_list_where_the_tensors_have_different_ranks(self, tmp_path: Path) -> None:
        leaking = self.leaking(tmp_path, "yield «use:f(«read:x.shape»)»")
        leaking.use("op", leaking.dims["read"], **FULL)
        leaking.read_at("read", tensor=leaking.program.input("y", "S0; 4"))
        fix = leaking.fix()
        assert fix is not None and fix[0] == "none"

    def test_is_read_at_all_places_that_a_number_comes_from(self, tmp_path: Path) -> None:
        leaking = self.leaking(tmp_path, "n = «read:x.shape»[0]\n    m = «readm:x.shape»[1]\n    yield «use:f(n * m)»")
        both = leaking.computed(1, "*", DimRef(leaking.dims["read"]), DimRef(leaking.dims["readm"]))
        leaking.use("op", both, **FULL)
        after = "def merge(x, k):\n    n = paddle.shape(x)[0]\n    m = paddle.shape(x)[1]\n    yield f(n * m)\n"
        assert leaking.fix() == ("machine", AS_TENSOR, after)


def test_two_callables_are_rewritten_together(tmp_path: Path) -> None:
    code = (
        f"{MARKED}«defined:def merge(x):»\n    return «read:x.shape»[0]\n\n\n@other\n@paddle.jit.not_to_static\n"
        "«also:def size(x):»\n    return «reads:x.shape»[1]\n\n\ny = «use:f(1)»\n"
    )
    leaking = Leaking(tmp_path, code)
    leaking.trace.skips.append(Skip("not_to_static", "net.size", leaking.places["also"]))
    leaking.trace.dims[leaking.dims["reads"]].skip = 1
    both = leaking.computed(1, "*", DimRef(leaking.dims["read"]), DimRef(leaking.dims["reads"]))
    leaking.use("op", both, **FULL)
    fix = leaking.fix()
    assert fix is not None
    assert fix[:2] == ("machine", f"{REWRITES}; Paddle rewrites `size` where it is not marked")
    assert fix[2].count("not_to_static") == 0
    leaking.trace.skips[1] = Skip("generator", "net.size")
    leaking.trace.__dict__.clear()
    fix = leaking.fix()
    assert fix is not None and fix[1] == AS_TENSOR


@pytest.mark.parametrize("change", [{"internal": True}, {"skip": 1}])
def test_what_is_paddles_own_is_not_fixed(tmp_path: Path, change: dict[str, Any]) -> None:
    leaking = Leaking(tmp_path, "yield_ = «use:f(«read:x.shape»)»\n", "generator")
    leaking.trace.skips.append(Skip("paddle-api", "kl_div"))
    for name, value in change.items():
        setattr(leaking.trace.dims[leaking.dims["read"]], name, value)
    leaking.use("op", leaking.dims["read"], **FULL)
    assert leaking.fix() is None


def test_of_rewritten_code_nothing_is_told(tmp_path: Path) -> None:
    leaking = Leaking(tmp_path, "y = «use:k[«read:x.shape»]»\n")
    leaking.trace.dims[leaking.dims["read"]].skip = -1
    leaking.use("hash", leaking.dims["read"])
    assert leaking.fix() is None


def test_files_of_a_foreign_trace_are_not_read(tmp_path: Path) -> None:
    leaking = Leaking(tmp_path, f"{MARKED}«defined:def merge(x):»\n    return «use:f(«read:x.shape»[0])»\n")
    leaking.use("op", leaking.dims["read"], **FULL)
    vars(leaking.trace)["_foreign"] = True
    assert leaking.fix() == ("none", TOLD, leaking.marked.text.removeprefix(HEAD))


def test_a_place_that_is_not_known_has_no_edits(tmp_path: Path) -> None:
    leaking = Leaking(tmp_path, "def merge(x):\n    yield «use:f(«read:x.shape»[0])»\n", "generator")
    leaking.trace.dims[leaking.dims["read"]].site = -1
    leaking.use("op", leaking.dims["read"], **FULL, site=-1)
    assert leaking.fix() == ("none", GENERATOR, leaking.marked.text.removeprefix(HEAD))


class TestOfRewrittenCode:
    """A place where Python needs a number and has a tensor."""

    def at(self, folder: Path, code: str) -> tuple[str, str, str] | None:
        leaking = Leaking(folder, code)
        fix = fixes.of_site(leaking.trace, leaking.marked.sites["use"])
        return (
            None
            if fix is None
            else (fix.applicability, str(fix.says), leaking.marked.after(fix.edits).removeprefix(HEAD))
        )

    @pytest.mark.parametrize(
        ("code", "after"),
        [
            ("y = «use:max(n, 1)»\n", "y = (n if n > 1 else 1)\n"),
            ("«use:y = 2 * max(n, 1)»\n", "y = 2 * (n if n > 1 else 1)\n"),
            ("y = max(«use:max(n, 1)», 2)\n", "y = ((n if n > 1 else 1) if (n if n > 1 else 1) > 2 else 2)\n"),
        ],
    )
    def test_has_another_form(self, tmp_path: Path, code: str, after: str) -> None:
        assert self.at(tmp_path, code) == ("machine", "Paddle converts a conditional expression", after)

    @pytest.mark.parametrize(
        ("code", "worth"),
        [
            ("y = paddle.chunk(x, chunks=«use:max(n, 1)»)\n", "maybe"),
            ("y = paddle.full(shape=[«use:max(n, 1)»], fill_value=1)\n", "machine"),
            ("y = unknown(chunks=«use:max(n, 1)»)\n", "machine"),
        ],
    )
    def test_is_for_a_person_where_paddle_takes_no_tensor(self, tmp_path: Path, code: str, worth: str) -> None:
        found = self.at(tmp_path, code)
        assert found is not None and found[0] == worth

    @pytest.mark.parametrize(
        ("code", "worth", "after"),
        [
            ("n or 1", "machine", "n if n != 0 else 1"),
            ("n and 2 * n", "machine", "2 * n if n != 0 else n"),
            ("n + 1 or 2", "machine", "n + 1 if n + 1 != 0 else 2"),
            ("n > 4 or 2", "maybe", "n > 4 if n > 4 else 2"),
            ("n or m or 1", None, ""),
            ("f(n) or 1", None, ""),
            ("n + 1", None, ""),
        ],
    )
    def test_of_a_choice(self, tmp_path: Path, code: str, worth: str | None, after: str) -> None:
        leaking = Leaking(tmp_path, f"y = «use:{code}»\n")
        fix = fixes.of_choice(leaking.trace, leaking.marked.sites["use"])
        if fix is None:
            assert worth is None
            return
        see_that_it_can_be_told(fix)
        assert (fix.applicability, leaking.marked.after(fix.edits).removeprefix(HEAD)) == (worth, f"y = {after}\n")

    @pytest.mark.parametrize("code", ["y = «use:f(n)»\n", "def f(«use:n»): pass\n", "y = «use:f(»n)\n"])
    def test_has_none(self, tmp_path: Path, code: str) -> None:
        assert self.at(tmp_path, code) is None

    def test_is_written_anew_together_with_those_like_it(self, tmp_path: Path) -> None:
        code = (
            "def forward(x):\n    n = x.shape[0]\n    y = «use:max(n, 1)»\n    z = max(n, 2)\n    return max(y, f(z))\n"
        )
        told = "Paddle converts a conditional expression"
        after = "def forward(x):\n    n = x.shape[0]\n    y = (n if n > 1 else 1)\n    z = (n if n > 2 else 2)\n    return max(y, f(z))\n"
        assert self.at(tmp_path, code) == ("machine", told, after)

    def test_is_as_sure_as_the_least_sure_of_those(self, tmp_path: Path) -> None:
        code = "def forward(x):\n    n = x.shape[0]\n    y = «use:math.ceil(n / 2)»\n    return math.ceil(n)\n"
        after = "def forward(x):\n    n = x.shape[0]\n    y = -(-n // 2)\n    return int(-(-(n) // 1))\n"
        assert self.at(tmp_path, code) == ("maybe", "whole numbers, without a float in between", after)

    def test_becomes_an_assert_where_it_is_a_check(self, tmp_path: Path) -> None:
        told = "an assert becomes part of the program; an exception cannot"
        code = "def forward(x):\n    if «use:x.n in (1, 2)»:\n        raise ValueError('two')\n"
        after = "def forward(x):\n    assert not (x.n == 1 or x.n == 2), 'two'\n"
        assert self.at(tmp_path, code) == ("maybe", told, after)

    def test_stays_where_the_check_is_not_always_made(self, tmp_path: Path) -> None:
        assert self.at(tmp_path, "if k: pass\nelif «use:x.n in (1, 2)»: raise ValueError('two')\n") is None


def finding(*edits: Edit, worth: Any = "machine") -> Finding:
    return Finding("ST101", "error", said("a"), cause=Cause("partial", "merge"), fix=Fix("b", worth, edits))


def test_of_fixes_that_overlap_the_first_is_for_a_machine() -> None:
    first, again, other = Edit("a.py", 1, 0, 1, 5, "p"), Edit("a.py", 1, 0, 1, 5, "q"), Edit("b.py", 1, 0, 1, 5, "q")
    nothing = msgspec.structs.replace(finding(), fix=None)
    given = [finding(again, worth="maybe"), finding(first), nothing, finding(again), finding(other), finding(first)]
    worth = [found.fix and found.fix.applicability for found in fixes.apart(given)]
    assert worth == ["maybe", "machine", None, "maybe", "machine", "machine"]


def test_a_replacement_of_a_place_without_an_end_is_on_its_line() -> None:
    leak = Leak()
    site = msgspec.structs.replace(leak.trace.sites[leak.site(3, "use")], end_line=0)
    assert fixes.replacing(site, "text") == Edit(site.file, 3, 4, 3, 7, "text")


@pytest.mark.parametrize(("paddle", "taken"), [("2.6.2", False), ("3.1.1", False), ("3.2.2", True), ("3.3.1", True)])
def test_what_takes_a_tensor_on_some_paddles_only(paddle: str, taken: bool) -> None:
    assert op_arguments.takes_tensor("pad", "pad", "pad3d", 1, paddle) is taken
    assert op_arguments.takes_tensor("full", "shape", "full", 0, paddle)
