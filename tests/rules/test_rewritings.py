"""How Paddle is made to rewrite what it runs as it stands: the source before, and after."""

from __future__ import annotations

import pytest

from rules.snippets import Marked
from shapetrace import Trace
from shapetrace.rules.fixes import hoisting, rewriting
from shapetrace.trace import Skip, SkipKind

PARTIAL = """
def merge(x, heads, width=1):
    return «read:x.shape»[0] * heads


class Net:
    def __init__(self, heads):
        self.heads = heads
        self.merge = «wrapped:{made}»
{more}
    def forward(self, x):
        return «called:{called}»
"""
"""A partial of `merge`: how it is made, what stands below that, and how it is called."""
PARTIALS = [
    ("partial(merge, heads=8)", "", "self.merge(x)", "merge(x, heads=8)"),
    ("partial(merge, heads=8)", "", "self.merge(x, width=2)", "merge(x, width=2, heads=8)"),
    ("partial(merge, heads=8)", "", "self.merge(x, heads=2)", "merge(x, heads=2)"),
    ("partial(merge, 1, width=self.heads)", "", "self.merge(x)", "merge(1, x, width=self.heads)"),
    ("partial(merge, self.heads)", "", "self.merge(x)", "merge(self.heads, x)"),
    ("partial(merge, heads)", "", "self.merge(x)", "self.merge.func(*self.merge.args, x, **self.merge.keywords)"),
    (
        "partial(merge, heads.count)",
        "",
        "self.merge(x)",
        "self.merge.func(*self.merge.args, x, **self.merge.keywords)",
    ),
    (
        "partial(merge, heads=heads)",
        "",
        "self.merge(x, width=2)",
        'self.merge.func(*self.merge.args, x, **{**self.merge.keywords, "width": 2})',
    ),
    (
        "partial(merge, heads=8)",
        "        self.merge = partial(merge, heads=9)\n",
        "self.merge(x)",
        "self.merge.func(*self.merge.args, x, **self.merge.keywords)",
    ),
    (
        "partial(heads.merge, heads=8)",
        "",
        "self.merge(x)",
        "self.merge.func(*self.merge.args, x, **self.merge.keywords)",
    ),
    ("partial(merge, **heads)", "", "self.merge(x)", "self.merge.func(*self.merge.args, x, **self.merge.keywords)"),
    ("partial()", "", "self.merge(x)", "self.merge.func(*self.merge.args, x, **self.merge.keywords)"),
    ("partial(other, 8)", "", "self.merge(x)", "self.merge.func(*self.merge.args, x, **self.merge.keywords)"),
    ("partial(merge, 8)", "", "self.other(x)", "self.other.func(*self.other.args, x, **self.other.keywords)"),
    ("partial(merge, 8)", "", "merge(x)", "merge.func(*merge.args, x, **merge.keywords)"),
    ("[partial(merge, 8)][0]", "", "self.merge(x)", "self.merge.func(*self.merge.args, x, **self.merge.keywords)"),
    ("partial(merge, heads=heads)", "", "self.merge(x, **self.more)", None),
    ("partial(merge, heads=8)", "", "self.find()(x)", None),
]


def rewritten(kind: SkipKind, code: str, callable: str = "net.merge") -> tuple[str, str] | None:
    """What is said of the edits, and the source that they make."""
    marked = Marked(code)
    trace = Trace(sites=list(marked.sites.values()))
    places = {name: list(marked.sites).index(name) for name in ("called", "defined", "wrapped") if name in marked.sites}
    found = rewriting.of_skip(
        trace, Skip(kind, callable, **places), marked.sites.get("read"), lambda file: marked.source
    )
    return None if found is None else (str(found[0]), marked.after(found[1]))


def unmarked(code: str) -> str:
    return Marked(code).text


@pytest.mark.parametrize(("made", "more", "called", "after"), PARTIALS)
def test_the_function_of_a_partial_is_called_itself(made: str, more: str, called: str, after: str | None) -> None:
    code = PARTIAL.format(made=made, more=more, called=called)
    found = rewritten("partial", code)
    assert (found and found[1]) == (after and unmarked(PARTIAL.format(made=made, more=more, called=after)))


def test_it_says_whether_the_name_is_known() -> None:
    by_name = rewritten("partial", PARTIAL.format(made="partial(merge, 8)", more="", called="self.merge(x)"))
    assert by_name is not None
    assert by_name[0] == "Paddle rewrites `merge` where it is called by its name, not out of a functools.partial"
    unpacked = rewritten("partial", PARTIAL.format(made="partial(merge, heads)", more="", called="self.merge(x)"))
    assert unpacked is not None
    assert unpacked[0] == "Paddle rewrites `merge` where it is called itself, not a functools.partial of it"


def test_a_partial_of_another_class_is_another() -> None:
    code = PARTIAL.format(made="partial(merge, 8)", more="\n\nclass Other:", called="self.merge(x)")
    found = rewritten("partial", code)
    assert found is not None and "return self.merge.func(*self.merge.args, x" in found[1]


def test_what_is_not_called_in_a_place_that_is_known_has_no_edits() -> None:
    for kind in ("partial", "not_to_static", "c-callable", "not-global", "getattr", "python", "lambda", "generator"):
        assert rewritten(kind, "merge = 1\n") is None


DECORATED = [
    ("not_to_static", "@paddle.jit.not_to_static\n«defined:def merge(x):»", "def merge(x):"),
    ("not_to_static", "@not_to_static()\n@other\n«defined:def merge(x):»", "@other\ndef merge(x):"),
    (
        "not_to_static",
        "@other\n@jit.not_to_static(\n    1\n)\n«defined:async def merge(x):»",
        "@other\nasync def merge(x):",
    ),
    ("not_to_static", "@other\n«defined:def merge(x):»", None),
    ("c-callable", "@functools.lru_cache(maxsize=None)\n«defined:def merge(x):»", "def merge(x):"),
    ("c-callable", "@cache\n«defined:def merge(x):»", "def merge(x):"),
    ("c-callable", "@not_to_static\n«defined:def merge(x):»", None),
    ("not_to_static", "@cache\n«defined:def merge(x):»", None),
]


@pytest.mark.parametrize(("kind", "before", "after"), DECORATED)
def test_a_decorator_in_the_way_is_taken_out(kind: SkipKind, before: str, after: str | None) -> None:
    begin = before.replace("«defined:", "").replace("»", "")
    marked = "«defined:" + begin.split("\n")[0] + "»" + begin[len(begin.split("\n")[0]) :]
    found = rewritten(kind, f"{marked}\n    return «read:x.shape»\n")
    assert (found and found[1]) == (after and f"{after}\n    return x.shape\n")
    if found:
        told = {
            "not_to_static": "Paddle rewrites `merge` where it is not marked",
            "c-callable": "Paddle rewrites `merge`, but not what functools puts around it",
        }
        assert found[0] == told[kind]


METHODS = [
    ("Merging.apply(merging, x)", "merging.apply(x)"),
    ("Merging.apply(self.merging, x, heads=2)", "self.merging.apply(x, heads=2)"),
    ("Merging.apply(merging)", "merging.apply()"),
    ("Merging.apply(self, x)", None),
    ("Merging.apply(*both)", None),
    ("Merging.apply(make(), x)", None),
    ("Merging.apply()", None),
    ("Merging.other(merging, x)", None),
    ("Unknown.apply(merging, x)", None),
    ("merging(x)", None),
    ("make().apply(merging)", None),
]


@pytest.mark.parametrize(("before", "after"), METHODS)
def test_a_method_is_called_through_its_object(before: str, after: str | None) -> None:
    code = "class Merging:\n    pass\n\n\nUnknown = Merging\n\n\ndef forward(x):\n    return «called:{}»\n"
    found = rewritten("not-global", code.format(before), "Merging.apply")
    assert (found and found[1]) == (after and unmarked(code.format(after)))
    if found:
        assert found[0] == "Paddle rewrites a method that is called through its object"


DECORATOR = """{imports}def checked(function{more}):
    {above}def inner(x):
        return {called}
    return inner


{decorator}
def forward(x):
    return x
"""


@pytest.mark.parametrize(
    ("imports", "more", "above", "called", "decorator", "line"),
    [
        ("import functools\n", "", "", "function(x)", "@checked", "    @functools.wraps(function)\n"),
        ("import functools as f\n", "", "", "function(x)", "@checked(2)", "    @f.wraps(function)\n"),
        ("import functools\n", ", also", "", "function(also(x))", "@checked", None),
        ("import functools\n", "", "", "function.apply(x)", "@checked", None),
        ("import functools\n", "", "", "function(x)", "@other", None),
        ("import functools\n", "", "@other\n    ", "function(x)", "@checked", None),
    ],
)
def test_a_decorator_says_what_it_wraps(
    imports: str, more: str, above: str, called: str, decorator: str, line: str | None
) -> None:
    code = DECORATOR.format(imports=imports, more=more, above=above, called=called, decorator=decorator)
    marked = code.replace("def inner(x):", "«defined:def inner(x):»").replace("return x\n", "return «read:x»\n")
    found = rewritten("not-global", marked)
    assert (found and found[1]) == (line and code.replace("    def inner", f"{line}    def inner"))
    if found:
        assert found[0] == "Paddle looks through `inner` where it says what it wraps"


def test_functools_is_imported_for_it() -> None:
    code = DECORATOR.format(imports="", more="", above="", called="function(x)", decorator="@checked")
    found = rewritten("not-global", code.replace("def inner(x):", "«defined:def inner(x):»"))
    assert found is not None and found[1].startswith("import functools\ndef checked")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('getattr(x, "shape")', "x.shape"),
        ('getattr(self.x[0], "shape")', "self.x[0].shape"),
        ('getattr(make(x), "shape")', "make(x).shape"),
        ('getattr(x + y, "shape")', "(x + y).shape"),
        ('getattr(x, "dtype")', None),
        ("getattr(x, name)", None),
        ("getattr(x)", None),
        ('hasattr(x, "shape")', None),
    ],
)
def test_a_shape_is_read_as_an_attribute(before: str, after: str | None) -> None:
    found = rewritten("getattr", f"y = «read:{before}»[0]\n")
    assert (found and found[1]) == (after and f"y = {after}[0]\n")
    if found:
        assert found[0] == "Paddle sees a shape that is read as `.shape`"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("list(map(merge, xs))", "list([merge(item) for item in xs])"),
        ("tuple(map(merge, xs))", "tuple([merge(item) for item in xs])"),
        ("sum(map(merge, xs))", "sum([merge(item) for item in xs])"),
        ("zip(map(merge, xs), ys)", "zip([merge(item) for item in xs], ys)"),
        ("enumerate(map(merge, xs))", "enumerate([merge(item) for item in xs])"),
        ("sorted(map(merge, xs))", "sorted([merge(item) for item in xs])"),
        ("next(map(merge, xs))", "next(iter([merge(item) for item in xs]))"),
        ("read(map(merge, xs))", None),
        ("map(merge, xs)", None),
        ("list(map(merge, xs, ys))", None),
        ("list(map(other, xs))", None),
        ("list(map(self.merge, xs))", None),
        ("list(filter(merge, xs))", None),
        (
            "read(list(filter(merge, xs)), list(map(merge, xs)))",
            "read(list(filter(merge, xs)), list([merge(item) for item in xs]))",
        ),
    ],
)
def test_map_becomes_a_list(before: str, after: str | None) -> None:
    code = "def merge(x):\n    return «read:x.shape»\n\n\ny = {}\n"
    found = rewritten("python", code.format(f"«called:{before}»"))
    assert (found and found[1]) == (after and unmarked(code.format(after)))
    if found:
        assert found[0] == "Paddle rewrites `merge` where the model calls it, not `map`"


def test_map_in_a_for_becomes_a_list_of_a_name_that_is_free() -> None:
    code = "def merge(item):\n    return 1\n\n\nfor x in {}:\n    pass\n"
    found = rewritten("python", code.format("«called:map(merge, xs)»"))
    assert found is not None and found[1] == code.format("[merge(item_2) for item_2 in xs]")


@pytest.mark.parametrize(
    ("before", "method", "after"),
    [
        ("a + b", "__add__", "a.__add__(b)"),
        ("a.c - b", "__sub__", "a.c.__sub__(b)"),
        ("make() * b", "__mul__", "make().__mul__(b)"),
        ("a[0] @ b", "__matmul__", "a[0].__matmul__(b)"),
        ("a / (b + c)", "__truediv__", "a.__truediv__(b + c)"),
        ("a // b", "__floordiv__", "a.__floordiv__(b)"),
        ("a % b", "__mod__", "a.__mod__(b)"),
        ("a ** b", "__pow__", "a.__pow__(b)"),
        ("a + b * c", "__mul__", "a + b.__mul__(c)"),
        ("(a - c) + b", "__add__", None),
        ("a - b", "__add__", None),
        ("a + b", "__getitem__", None),
        ("a[b]", "__getitem__", "a.__getitem__(b)"),
        ("a[b + 1]", "__getitem__", "a.__getitem__(b + 1)"),
        ("a[b:]", "__getitem__", None),
        ("a[b:, 0]", "__getitem__", None),
        ("a[b]", "__add__", None),
        ("a(b)", "__call__", None),
    ],
)
def test_a_method_behind_an_operator_is_called_by_its_name(before: str, method: str, after: str | None) -> None:
    found = rewritten("python", f"y = «called:{before}»\n", f"Merging.{method}")
    assert (found and found[1]) == (after and f"y = {after}\n")
    if found:
        assert found[0] == f"Paddle rewrites a method that the model calls, not what Python calls for `{method}`"


LAMBDAS = [
    (
        "class Net:\n    def __init__(self):\n        self.merge = «defined:lambda x: «read:x.shape»[0] * 8»\n",
        "def _merge(x):\n    return x.shape[0] * 8\n\n\nclass Net:\n    def __init__(self):\n        self.merge = _merge\n",
    ),
    (
        "class Net:\n    def __init__(self):\n        self.merge = «defined:lambda x, *y: «read:x.shape»[0] * self.n»\n",
        "def _merge(self, x, *y):\n    return x.shape[0] * self.n\n\n\n"
        "class Net:\n    def __init__(self):\n        self.merge = _merge.__get__(self)\n",
    ),
    (
        "def make(n):\n    return «defined:lambda x: «read:x.shape»[0] * n»\n",
        "def _line_2(held, x):\n    n, = held\n    return x.shape[0] * n\n\n\ndef make(n):\n    return _line_2.__get__((n,))\n",
    ),
    (
        "def make(n, *, m):\n    k = m\n    return {'merge': «defined:lambda x: «read:x.shape»[0] * n * k»}\n",
        "def _merge(held, x):\n    k, n = held\n    return x.shape[0] * n * k\n\n\n"
        "def make(n, *, m):\n    k = m\n    return {'merge': _merge.__get__((k, n))}\n",
    ),
    (
        "@decorated\ndef make():\n    merge: object = «defined:lambda x: max(«read:x.shape»[0],\n        len(x))»\n",
        "def _merge_2(x):\n    return (\n        max(x.shape[0],\n        len(x))\n    )\n\n\n"
        "@decorated\ndef make():\n    merge: object = _merge_2\n_merge = 1\n",
    ),
    (
        "def make():\n    return {1: «defined:lambda x: [y for y in «read:x.shape»]»}\n",
        "def _line_2(x):\n    return [y for y in x.shape]\n\n\ndef make():\n    return {1: _line_2}\n",
    ),
    (
        "def make():\n    merges[0] = «defined:lambda x: (lambda z: z + «read:x.shape»[0])(1)»\n",
        "def _line_2(x):\n    return (lambda z: z + x.shape[0])(1)\n\n\ndef make():\n    merges[0] = _line_2\n",
    ),
    ("def make():\n    return «defined:lambda x, n=1: «read:x.shape»[0]»\n", None),
    ("def make():\n    return «defined:lambda x, *, n=1: «read:x.shape»[0]»\n", None),
    ("def make():\n    n = 1\n    n = 2\n    return «defined:lambda x: «read:x.shape»[n]»\n", None),
    ("def make():\n    f = «defined:lambda x: «read:x.shape»[n]»\n    n = 1\n    return f\n", None),
    ("def make(n):\n    n = n + 1\n    return «defined:lambda x: «read:x.shape»[n]»\n", None),
    ("def make(n):\n    def inner():\n        return «defined:lambda x: «read:x.shape»[n]»\n", None),
    ("def make(n):\n    return «defined:1», «read:n.shape»\n", None),
]


@pytest.mark.parametrize(("before", "after"), LAMBDAS)
def test_a_lambda_becomes_a_function_of_the_module(before: str, after: str | None) -> None:
    if after and "_merge_2" in after:
        before += "_merge = 1\n"
    found = rewritten("lambda", before)
    assert (found and found[1]) == after
    if found:
        name = found[1].split("def _")[1].split("(")[0]
        assert found[0] == f"Paddle rewrites a function of the module, not a lambda: it is `_{name}` now"


INNER = [
    (
        "def make(n):\n    m = 2\n    def merge(x):\n        y = «read:x.shape»[0]\n        return y * n * m\n    return merge\n",
        "def _merge(held, x):\n    m, n = held\n    y = x.shape[0]\n    return y * n * m\n\n\n"
        "def make(n):\n    m = 2\n    return _merge.__get__((m, n))\n",
    ),
    (
        "class Net:\n    def make(self):\n        def merge(x):\n            return «read:x.shape»[0] * self.n\n"
        "        return read(merge)\n",
        "def _merge(self, x):\n    return x.shape[0] * self.n\n\n\n"
        "class Net:\n    def make(self):\n        return read(_merge.__get__(self))\n",
    ),
    (
        "def make():\n    def merge(x):\n        return len(«read:x.shape»)\n    return merge\n",
        "def _merge(x):\n    return len(x.shape)\n\n\ndef make():\n    return _merge\n",
    ),
    ("def make():\n    def merge(x):\n        return «read:x.shape»\n    merge(1)\n    return merge\n", None),
    ("def make():\n    def merge(x):\n        return merge(«read:x.shape»)\n    return 1\n", None),
    ("def make():\n    def merge(x, n=1):\n        return «read:x.shape»\n    return merge\n", None),
    ("def make():\n    def merge(x, *, n=1):\n        return «read:x.shape»\n    return merge\n", None),
    ("def make():\n    @checked\n    def merge(x):\n        return «read:x.shape»\n    return merge\n", None),
    ("def make():\n    def merge(x): return «read:x.shape»\n    return merge\n", None),
    ('def make():\n    def merge(x):\n        """Of x."""\n        return «read:x.shape»\n    return merge\n', None),
    ("def make():\n    def merge(x):\n        '''Of x.'''\n        return «read:x.shape»\n    return merge\n", None),
    ("def make():\n    def merge(x):\n        yield «read:x.shape»\n    return merge\n", None),
    ("def make():\n    def merge(x):\n        yield from «read:x.shape»\n    return merge\n", None),
    ("def make():\n    def merge(x):\n        global n\n        return «read:x.shape»\n    return merge\n", None),
    ("def make(n):\n    def merge(x):\n        nonlocal n\n        return «read:x.shape»\n    return merge\n", None),
    ("def make():\n    if 1:\n        def merge(x):\n            return «read:x.shape»\n    return merge\n", None),
    ("def merge(x):\n    return «read:x.shape»\n", None),
    ("def make():\n    def merge(x):\n        return «read:x.shape»\n    return other\n", None),
]


@pytest.mark.parametrize(("before", "after"), INNER)
def test_an_inner_function_becomes_one_of_the_module(before: str, after: str | None) -> None:
    found = rewritten("not-global", before)
    assert (found and found[1]) == after
    if found:
        told = "Paddle rewrites a function of the module, not one that another function makes: it is `_merge` now"
        assert found[0] == told


def test_what_is_edited_in_a_lambda_moves_with_it() -> None:
    marked = Marked(
        "from math import sqrt\n\nmake.merge = «defined:lambda x: (x / «sink:sqrt(«read:x.shape»[0])»,\n    «other:sqrt(x.shape[1])»)»\n"
    )
    inner = [
        marked.source.replace(marked.source.node(marked.sites[name]), text)
        for name, text in (("sink", "x.shape[0] ** 0.5"), ("other", "(x.shape[1] ** 0.5)"))
    ]
    skip = Skip("lambda", "<lambda>", defined=list(marked.sites).index("defined"))

    found = rewriting.of_skip(
        Trace(sites=list(marked.sites.values())), skip, marked.sites["read"], lambda file: marked.source, inner
    )

    assert found is not None
    assert "x / x.shape[0] ** 0.5,\n    (x.shape[1] ** 0.5))" in marked.after(found[1])
    assert marked.after(found[1]).endswith("make.merge = _merge\n")


def test_two_inner_functions_of_one_name_get_a_name_each() -> None:
    maker = "def {0}(k):\n    def piece(x):\n        return x * «{0}:x.shape»[0]\n    return piece\n\n\n"
    marked = Marked(maker.format("first") + maker.format("second"))
    rewritings = [hoisting.inner_function(marked.source, marked.sites[name]) for name in ("first", "second", "first")]
    texts = [edit.text for rewriting in rewritings if rewriting is not None for edit in rewriting[1]]
    assert [text for text in texts if text.startswith("_piece")] == ["_piece", "_piece_2", "_piece"]
