"""A user's source file as fixes look at it: nodes, names, and edits."""

from __future__ import annotations

import ast
import linecache
from pathlib import Path

import pytest

from rules.snippets import Marked
from shapetrace.rules.fixes import source
from shapetrace.rules.fixes.source import Source
from shapetrace.trace import Edit, Site


def statement(code: str) -> ast.stmt:
    return ast.parse(code).body[0]


def expression(code: str) -> ast.expr:
    return ast.parse(code, mode="eval").body


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("a = b, *c = d = 1", ["a", "b", "c", "d"]),
        ("a.b = c[d] = 1", []),
        ("for a in b: c = 1", ["a", "c"]),
        ("def f(a): b = 1", ["f"]),
        ("async def f(a): b = 1", ["f"]),
        ("class A: b = 1", ["A"]),
        ("f = lambda a: (b := 1)", ["f"]),
        ("import a.b, c as d", ["a", "d"]),
        ("from a import b as c, d", ["c", "d"]),
        ("try: a = 1\nexcept E as e: b = 1\nexcept F: pass", ["a", "b", "e"]),
        ("with a as b: del c", ["b", "c"]),
        ("if (a := b): c: int = 1", ["a", "c"]),
        ("a += b", ["a"]),
    ],
)
def test_the_names_that_a_statement_binds(code: str, names: list[str]) -> None:
    assert sorted(source.bound(statement(code))) == names


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("a + b.c[d]", "abd"),
        ("lambda a: a + b", "b"),
        ("lambda a=b, *, c=d, e: a + c + e + f", "bdf"),
        ("lambda *a, **b: a + b + c", "c"),
        ("[a for a in b if a > c]", "bc"),
        ("{a for a, d in b}", "b"),
        ("{a: d for a in b}", "bd"),
        ("sum(a for a in b)", "b,sum"),
        ("(a := b)", "b"),
    ],
)
def test_the_names_that_an_expression_reads(code: str, names: str) -> None:
    wanted = set(names.split(",")) if "," in names else set(names)
    assert source.loaded(expression(code)) == wanted


@pytest.mark.parametrize(
    ("code", "pure"),
    [
        ("a", True),
        ("a.b.c", True),
        ("a[0].b", True),
        ("a[b]", True),
        ("a[b + 1]", False),
        ("a()", False),
        ("a().b", False),
        ("a()[0]", False),
        ("1", False),
    ],
)
def test_what_may_be_evaluated_twice(code: str, pure: bool) -> None:
    assert source.pure(expression(code)) is pure


def test_all_kinds_of_parameters_are_listed() -> None:
    function = statement("def f(a, /, b, c=1, *d, e, f=2, **g): pass")
    assert isinstance(function, ast.FunctionDef)
    assert [each.arg for each in source.parameters(function)] == ["a", "b", "c", "e", "f", "d", "g"]
    plain = statement("def f(a): pass")
    assert isinstance(plain, ast.FunctionDef)
    assert [each.arg for each in source.parameters(plain)] == ["a"]


def test_a_node_is_found_by_its_place_in_characters() -> None:
    marked = Marked('y = "ä中😀" + «it:f("ö", «n:n»)»\n')
    call = marked.source.node(marked.sites["it"])
    assert isinstance(call, ast.Call) and marked.source.text(call) == 'f("ö", n)'
    assert marked.source.node(marked.sites["n"], ast.Name).id == "n"
    assert marked.source.node(marked.sites["n"], ast.Call) is None
    assert marked.source.node(None) is None
    assert marked.source.node(Site("net.py", 1)) is None


def test_of_nodes_with_one_range_the_outermost_is_found() -> None:
    marked = Marked("«it:f(n)»\n")
    assert isinstance(marked.source.node(marked.sites["it"]), ast.Expr)
    assert isinstance(marked.source.node(marked.sites["it"], ast.expr), ast.Call)


def test_text_of_several_lines_keeps_them() -> None:
    marked = Marked("y = «it:f(1,\n  2,\n  3)» + 4\n")
    node = marked.source.node(marked.sites["it"], ast.Call)
    assert marked.source.text(node) == "f(1,\n  2,\n  3)"
    assert marked.source.range(node) == ((1, 4), (3, 4))
    assert marked.source.range(ast.Load()) is None


def test_the_nodes_around_a_node() -> None:
    marked = Marked("class A:\n    def f(self):\n        return [«it:n» for k in x]\n")
    found = marked.source
    node = found.node(marked.sites["it"], ast.Name)
    assert [type(each).__name__ for each in found.outwards(node)] == [
        *("ListComp", "Return", "FunctionDef", "ClassDef", "Module")
    ]
    assert found.around(node, (ast.FunctionDef, ast.ClassDef)).name == "f"
    assert found.around(node, ast.While) is None
    returned = found.statement(node)
    assert isinstance(returned, ast.Return) and found.statement(returned) is returned
    assert found.parent(found.tree) is None


DEFINITION = "x = 1\n\n\n@first(\n    1)\n@second\ndef f(\n    a\n):\n    return a\n\n\nasync def g(): return 1\n"


@pytest.mark.parametrize(
    ("line", "name"), [(1, None), (3, None), (4, "f"), (6, "f"), (7, "f"), (8, None), (10, None), (13, "g"), (14, None)]
)
def test_a_function_is_found_by_the_first_of_its_lines(line: int, name: str | None) -> None:
    found = Source("net.py", DEFINITION).definition(Site("net.py", line))
    assert (found and found.name) == name
    assert Source("net.py", DEFINITION).definition(None) is None


MODULE = '''"""Doc."""
from __future__ import annotations
import os.path
import paddle.nn
import numpy as np, math
from paddle import nn


def f(): pass


g = f
def g(): pass
h = 1
'''


def test_names_of_the_module() -> None:
    found = Source("net.py", MODULE)
    assert set(found.module_names()) == {"annotations", "os", "paddle", "np", "math", "nn", "f", "g", "h"}
    function = found.module_function("g")
    assert isinstance(function, ast.FunctionDef) and function.lineno == 13
    assert found.module_function("h") is None and found.module_function("other") is None


@pytest.mark.parametrize(
    ("module", "name"),
    [("numpy", "np"), ("math", "math"), ("paddle", "paddle"), ("os", "os"), ("os.path", "os.path"), ("sys", None)],
)
def test_the_name_under_which_a_module_is_reached(module: str, name: str | None) -> None:
    assert Source("net.py", MODULE).alias(module) == name


def test_a_name_that_is_free() -> None:
    found = Source("net.py", "merge = merge_2 = 1\n")
    assert [found.free(name) for name in ("merge", "other", "max")] == ["merge_3", "other", "max_2"]


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("x = 1\n", 1),
        ('"""Doc."""\nx = 1\n', 2),
        ('"""Doc."""\nfrom __future__ import annotations\n\nx = 1\nimport os\n', 5),
        ("from os import path\nx = 1\n", 1),
        ("@decorated\ndef f(): pass\n", 1),
        ("from __future__ import annotations\nimport os\nimport sys\n", 2),
        ('"""Doc."""\n', 1),
    ],
)
def test_an_import_is_put_above_the_others(code: str, line: int) -> None:
    name, edits = Source("net.py", code).importing("paddle")
    assert (name, edits) == ("paddle", (Edit("net.py", line, 0, line, 0, "import paddle\n"),))


def test_what_is_imported_is_not_imported_again() -> None:
    assert Source("net.py", "import paddle as pd\n").importing("paddle") == ("pd", ())


@pytest.mark.parametrize(
    ("code", "alone"),
    [
        ("«it:x = 1»\n", True),
        ("    «it:x = 1»  # one\n", True),
        ("«it:x = 1»; y = 2\n", False),
        ("y = 2; «it:x = 1»\n", False),
        ("«it:x = [1,\n  2]» ; y = 2\n", False),
        ("«it:x = [1,\n  2]»\n", True),
    ],
)
def test_a_statement_that_has_its_lines_for_itself(code: str, alone: bool) -> None:
    before = "if 1:\n" if code.startswith(" ") else ""
    marked = Marked(before + code)
    found = marked.source.node(marked.sites["it"], ast.Assign)
    assert marked.source.alone(found) is alone
    if before:
        assert marked.source.indent(found) == "    "


def test_edits_of_nodes() -> None:
    marked = Marked("y = f(«a:a», b)\n")
    a = marked.source.node(marked.sites["a"], ast.Name)
    assert marked.after((marked.source.replace(a, "c"),)) == "y = f(c, b)\n"
    assert marked.after((marked.source.insert_above(1, "x = 1\n"),)) == "x = 1\ny = f(a, b)\n"


@pytest.mark.parametrize(("code", "line"), [("x = 1", 1), ("@a\n@b\ndef f(): pass", 1), ("\n@a\nclass A: pass", 2)])
def test_the_first_line_of_a_statement_is_that_of_its_decorators(code: str, line: int) -> None:
    assert source.top_line(statement(code)) == line


def test_a_file_is_read_as_it_runs(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_bytes(b"x = 1\r\ny = 2\r\n")
    found = Source.of(str(path))
    assert found is not None and (found.file, found.lines) == (str(path), ["x = 1\n", "y = 2\n"])
    path.write_text("x = 3\n")
    assert Source.of(str(path)) is None, "it has changed since Python read it"
    linecache.checkcache(str(path))
    assert Source.of(str(path)) is not None


@pytest.mark.parametrize("content", [b"x = (\n", b"# coding: none\nx = 1\n", b"x = '\xff'\n", b"x = 1\0\n"])
def test_what_is_no_source_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "net.py"
    path.write_bytes(content)
    assert Source.of(str(path)) is None
    assert Source.of(str(tmp_path / "none.py")) is None
