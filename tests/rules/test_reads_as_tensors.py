"""Dims read as tensors, and a -1 in their place: what is written into code that Paddle does not rewrite."""

from __future__ import annotations

import ast

import pytest

from rules.snippets import Marked
from shapetrace import Trace
from shapetrace.rules.fixes import alike, as_tensors, inferring
from shapetrace.trace import OpArgument

IMPORT = "import paddle\n\n\ndef merge(x, sizes):\n"
READS = [
    ("    n = «read:x.shape»[0]\n", {0}, 3, "    n = paddle.shape(x)[0]\n"),
    ("    n = «read:x.y[0].shape»[-1]\n", {2}, 3, "    n = paddle.shape(x.y[0])[-1]\n"),
    ("    n = «read:make(x).shape»[k]\n", {0}, 3, "    n = paddle.shape(make(x))[k]\n"),
    (
        "    b, c, d = «read:x.shape»\n",
        {2, 0},
        3,
        "    b, c, d = x.shape\n    b = paddle.shape(x)[0]\n    d = paddle.shape(x)[2]\n",
    ),
    ("    [b, c] = «read:x.shape»  # two\n", {1}, 2, "    [b, c] = x.shape  # two\n    c = paddle.shape(x)[1]\n"),
    ("    return «read:x.shape»\n", {0}, 3, "    return [paddle.shape(x)[0], *x.shape[1:]]\n"),
    ("    return «read:x.shape»\n", {1}, 3, "    return [x.shape[0], paddle.shape(x)[1], x.shape[2]]\n"),
    ("    return «read:x.shape»\n", {2}, 3, "    return [*x.shape[:2], paddle.shape(x)[2]]\n"),
    ("    return «read:x.shape»\n", {0, 3}, 4, "    return [paddle.shape(x)[0], *x.shape[1:3], paddle.shape(x)[3]]\n"),
    ("    return «read:x.shape»\n", {0}, 1, "    return [paddle.shape(x)[0]]\n"),
    ("    return «read:x.shape»[1:]\n", {0}, 2, "    return [paddle.shape(x)[0], x.shape[1]][1:]\n"),
    ("    return y[«read:x.shape»]\n", {0}, 2, "    return y[[paddle.shape(x)[0], x.shape[1]]]\n"),
    ("    return «read:x.shape»\n", {0}, -1, None),
    ("    return «read:x.shape»\n", {0}, 0, None),
    ("    return «read:x.shape»\n", {3}, 3, None),
    ("    return «read:make(x).shape»\n", {0}, 3, None),
    ("    b, c = «read:x.shape»; d = 1\n", {0}, 2, "    b, c = [paddle.shape(x)[0], x.shape[1]]; d = 1\n"),
    ("    b, c.d = «read:x.shape»\n", {0}, 2, "    b, c.d = [paddle.shape(x)[0], x.shape[1]]\n"),
    ("    e = b, c = «read:x.shape»\n", {0}, 2, "    e = b, c = [paddle.shape(x)[0], x.shape[1]]\n"),
    ("    x, c = «read:x.shape»\n", {0}, 2, "    x, c = [paddle.shape(x)[0], x.shape[1]]\n"),
    ("    x, c = «read:x.y.shape»\n", {0}, 2, "    x, c = [paddle.shape(x.y)[0], x.y.shape[1]]\n"),
    ("    b, c = «read:x.shape»\n", {0, 2}, 3, "    b, c = [paddle.shape(x)[0], x.shape[1], paddle.shape(x)[2]]\n"),
    ("    b = «read:x.shape»\n", {0}, 2, "    b = [paddle.shape(x)[0], x.shape[1]]\n"),
    ("    b, c = «read:x.shape»", {0}, 2, "    b, c = [paddle.shape(x)[0], x.shape[1]]"),
    ("    return «read:x.dtype»\n", {0}, 2, None),
    ("    return «read:x»\n", {0}, 2, None),
]


@pytest.mark.parametrize(("before", "axes", "rank", "after"), READS)
def test_the_dims_that_leak_are_read_as_tensors(before: str, axes: set[int], rank: int, after: str | None) -> None:
    marked = Marked(IMPORT + before)
    changes = as_tensors.edits(marked.source, marked.sites["read"], axes, rank)
    assert (changes and marked.after(changes)) == (after and IMPORT + after)


def test_paddle_is_imported_for_it() -> None:
    marked = Marked('"""Net."""\nfrom __future__ import annotations\nimport os\n\nn = «read:x.shape»[0]\n')
    changes = as_tensors.edits(marked.source, marked.sites["read"], [0], 3)
    assert changes is not None
    assert marked.after(changes) == (
        '"""Net."""\nfrom __future__ import annotations\nimport paddle\nimport os\n\nn = paddle.shape(x)[0]\n'
    )


INFERRED = [
    ("x.reshape([n, 8])", 0, 2, "x.reshape([-1, 8])"),
    ("x.reshape((8, n * 2))", 1, 2, "x.reshape((8, -1))"),
    ("x.reshape(n, 8)", 0, 2, "x.reshape(-1, 8)"),
    ("paddle.reshape(x, [n, 8])", 0, 2, "paddle.reshape(x, [-1, 8])"),
    ("paddle.reshape(x, shape=[8, n])", 1, 2, "paddle.reshape(x, shape=[8, -1])"),
    ("x.view(shape_or_dtype=[n, 8])", 0, 2, "x.view(shape_or_dtype=[-1, 8])"),
    ("x.reshape([n, 8] + [4])", 0, 3, "x.reshape([-1, 8] + [4])"),
    ("x.reshape([8] + [n, 4])", 1, 3, "x.reshape([8] + [-1, 4])"),
    ("x.reshape([n] + rest)", 0, 3, "x.reshape([-1] + rest)"),
    ("x.reshape([8] + rest)", 1, 3, None),
    ("x.reshape(rest + [n])", 0, 3, None),
    ("x.reshape([n, *rest])", 0, 3, "x.reshape([-1, *rest])"),
    ("x.reshape([*rest, n])", 1, 2, None),
    ("x.reshape([*rest, 2] + [n])", 2, 3, None),
    ("x.reshape(list([n, 8]))", 0, 2, "x.reshape(list([-1, 8]))"),
    ("x.reshape(tuple((n, 8)))", 0, 2, "x.reshape(tuple((-1, 8)))"),
    ("x.reshape(set((n, 8)))", 0, 2, None),
    ("x.reshape(*rest)", 0, 1, None),
    ("x.reshape(rest)", 0, 2, None),
    ("x.reshape([n, 8, 4])", 0, 2, None),
    ("x.reshape([n] * 2)", 0, 2, None),
    ("x.reshape([n, 8], shape=rest)", 0, 2, None),
]


def used(index: int | None, count: int, op: str = "reshape", argument: str = "shape", **fields: object) -> OpArgument:
    arguments = tuple("-8" if place == index else "4" for place in range(count))
    return OpArgument(0, site=0, op=op, argument=argument, index=index, **{"arguments": arguments, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(("before", "index", "count", "after"), INFERRED)
def test_a_minus_one_stands_in_the_place_of_the_dim(before: str, index: int, count: int, after: str | None) -> None:
    marked = Marked(f"y = «use:{before}»\n")
    call = marked.source.node(marked.sites["use"], ast.Call)
    change = inferring.edit(marked.source, call, used(index, count))
    assert (change and marked.after((change,))) == (after and f"y = {after}\n")


@pytest.mark.parametrize(
    ("lines", "after"),
    [
        ("size = [n, 8]\n    return «use:x.reshape(size)»", "size = [-1, 8]\n    return x.reshape(size)"),
        ("size = 8, n = [n, 8]\n    return «use:x.reshape(size)»", None),
        ("size = [n, 8]\n    size = [n, 4]\n    return «use:x.reshape(size)»", None),
        ("size = [n, 8]\n    return «use:x.reshape(size)», size", None),
        ("size: list = [n, 8]\n    return «use:x.reshape(size)»", None),
        ("size, m = [n, 8], 1\n    return «use:x.reshape(size)»", None),
        ("for size in [n, 8]: pass\n    return «use:x.reshape(size)»", None),
    ],
)
def test_so_it_does_in_a_list_that_is_made_for_the_call_alone(lines: str, after: str | None) -> None:
    if "= 8, n" in lines:
        lines = lines.replace("size = 8, n = [n, 8]", "size = other = [n, 8]")
    marked = Marked(f"def merge(x, n):\n    {lines}\n")
    call = marked.source.node(marked.sites["use"], ast.Call)
    change = inferring.edit(marked.source, call, used(0, 2))
    assert (change and marked.after((change,))) == (after and f"def merge(x, n):\n    {after}\n")


def test_a_list_of_the_module_is_left_alone() -> None:
    marked = Marked("size = [n, 8]\ny = «use:x.reshape(size)»\n")
    call = marked.source.node(marked.sites["use"], ast.Call)
    assert inferring.edit(marked.source, call, used(0, 2)) is None


@pytest.mark.parametrize(
    ("use", "may"),
    [
        (used(0, 2), True),
        (used(1, 2, "reshape_"), True),
        (used(0, 2, "view", "shape_or_dtype"), True),
        (used(0, 2, "expand"), False),
        (used(None, 2), False),
        (used(0, 2, argument="other"), False),
        (used(0, 2, arguments=("-8", "-1")), False),
        (used(1, 2, arguments=("-8", "-1")), False),
        (used(0, 2, arguments=("-8", "?")), True),
    ],
)
def test_one_dim_of_a_shape_may_be_inferred(use: OpArgument, may: bool) -> None:
    assert inferring.may_infer(Trace(uses=[use]), use) is may


def test_two_dims_in_one_shape_may_not() -> None:
    first, second = used(0, 2), used(1, 2)
    assert not inferring.may_infer(Trace(uses=[first, second]), first)
    for other in (used(1, 2, argument="name"), used(1, 2)):
        other.site = 1 if other.argument == "shape" else 0
        assert inferring.may_infer(Trace(uses=[first, other]), first)


ALIKE = [
    ("n = x.shape[0]\n    «it:max(n, 1)»\n    max(n, 2)\n    max(k, 3)\n    min(n, 4)", ["max(n, 2)"]),
    ("«it:max(x.shape[0], 1)»\n    max(y.shape[1], 2)", ["max(y.shape[1], 2)"]),
    ("n = x.shape[0]\n    m = n + 1\n    k = f(m)\n    «it:max(n, 1)»\n    max(m, 2)\n    max(k, 3)", ["max(m, 2)"]),
    ("n = int(x.shape[0])\n    m: int = abs(n)\n    m += 1\n    «it:max(n, 1)»\n    max(m, 2)", ["max(m, 2)"]),
    ("n, c = x.shape\n    «it:max(n, 1)»\n    max(c, 2)\n    g(max(c, 3))", ["max(c, 2)", "max(c, 3)"]),
    ("n = zeros(x.shape)\n    «it:max(x.shape[0], 1)»\n    max(n, 2)", []),
    ("n = [f(x.shape[0]), 2]\n    «it:max(x.shape[0], 1)»\n    max(n, 2)", []),
    ("n = math.prod(x.shape) * 2\n    «it:max(x.shape[0], 1)»\n    max(n, 2)", ["max(n, 2)"]),
    ("n: int\n    «it:max(x.shape[0], 1)»\n    max(n, 2)", []),
    ("n = x.shape[0]\n    «it:max(n, 1)»\n    def inner(): return max(n, 2)", []),
    ("n = x.shape[0]\n    «it:max(n, 1)»\n    max(f(n), 2)", []),
    ("n = x.shape[0]\n    «it:max(n, 1)»\n    max(2 * max(n, 2), 3)", ["max(2 * max(n, 2), 3)"]),
    ("n = x.shape[0]\n    «it:n in (1, 2)»\n    n in (3,)\n    n == 3", ["n in (3,)"]),
]


@pytest.mark.parametrize(("body", "others"), ALIKE)
def test_what_does_the_same_to_dims_fails_as_well(body: str, others: list[str]) -> None:
    marked = Marked(f"async def forward(x, y):\n    {body}\n\n\ndef other(x):\n    max(x.shape[0], 9)\n")
    node = marked.source.node(marked.sites["it"], ast.expr)
    assert [marked.source.text(each) for each in alike.others(marked.source, node)] == others


def test_outside_of_functions_nothing_is_looked_for() -> None:
    marked = Marked("«it:max(x.shape[0], 1)»\nmax(x.shape[0], 2)\n")
    assert list(alike.others(marked.source, marked.source.node(marked.sites["it"], ast.expr))) == []
