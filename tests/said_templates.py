"""The templates of sentences that stand in the source, whether or not a model of the tests is told them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

import shapetrace
from shapetrace import errors

PACKAGE = Path(shapetrace.__file__).parent
_SAYING = ("said", "Said", "joined", "worded")
_RAISING = tuple(name for name, kind in vars(errors).items() if isinstance(kind, type))
_PRINTING = ("Line", "Combination", "say", "harmless", "click.echo")
_WORDS = re.compile(r"^(?!shapetrace |python )(?:.* )?[A-Za-z]{2,} (?:[a-z]{2,}|$)")
_GENERAL = (PACKAGE / "said.py", PACKAGE / "reports/translations/__init__.py")
"""What takes templates from others."""
_FACTS = msgspec.json.decode((PACKAGE / "facts/op_arguments.json").read_bytes())["arguments"]


def modules() -> dict[str, str]:
    """The source of each module whose sentences people read, by its file's name."""
    folders = (PACKAGE, PACKAGE.parent / "plugins")
    paths = (path for folder in folders for path in sorted(folder.rglob("*.py")) if path not in _GENERAL)
    return {str(path.relative_to(PACKAGE.parent)): path.read_text("utf-8") for path in paths}


def templates() -> dict[str, str]:
    """Every template, and a place that says it."""
    return {template: place for file, source in modules().items() for template, place in of_source(source, file)}


def of_source(source: str, file: str) -> Iterator[tuple[str, str]]:
    """The templates of one module, each with its place.

    Raises:
        AssertionError: A template stands neither at the call that says it nor in a table of the module.
    """
    tree = ast.parse(source)
    tables = {
        target.id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None
        for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = f"{file}:{node.lineno}"
            found = _given(node, tables)
            assert found is None or found, f"{place}: what it says is not seen: {ast.unparse(node)}"
            yield from ((template, place) for template in found or ())
        if isinstance(node, ast.ClassDef) and "Remedy" in map(ast.unparse, node.bases):
            yield from ((template, f"{file}:{node.lineno}") for template in _of_remedy(node))


def _of_remedy(node: ast.ClassDef) -> Iterator[str]:
    """What `shapetrace remedies` tells of a remedy."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) in ("summary", "versions"):
            yield ast.literal_eval(statement.value)


def plain_prints(source: str, file: str) -> Iterator[str]:
    """The places at which an exception of ours, a line of `doctor` or what a command prints is a text in place of a sentence."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            given = [*node.args, *(keyword.value for keyword in node.keywords)] if called in _PRINTING else []
            given += node.args[:1] if called in _RAISING else []
            yield from (f"{file}:{part.lineno}" for part in given if _has_words(part))


def plain_texts(source: str, file: str) -> Iterator[str]:
    """The places at which a finding or a fix is given a text in place of a sentence: nobody could translate it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            given = [keyword.value for keyword in node.keywords if keyword.arg in ("said", "says", "remarks")]
            given += node.args[:1] if ast.unparse(node.func) == "Fix" else []
            yield from (f"{file}:{part.lineno}" for part in given if _is_plain(part))


def _is_plain(node: ast.AST) -> bool:
    """Whether an expression holds a text with words in it that is not part of a sentence."""
    if isinstance(node, ast.Call):
        return False
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and " " in node.value
    return isinstance(node, ast.JoinedStr) or any(map(_is_plain, ast.iter_child_nodes(node)))


def _has_words(node: ast.expr) -> bool:
    """Whether an expression holds two words in a row that are no command and no part of a sentence."""
    if isinstance(node, ast.Call):
        return False
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and bool(_WORDS.search(node.value))
    return any(map(_has_words, ast.iter_child_nodes(node)))  # type: ignore[arg-type]


def _given(call: ast.Call, tables: Mapping[str, ast.expr]) -> set[str] | None:
    """The templates that a call may be given; None for a call that says nothing."""
    assert isinstance(call.func, ast.Name)
    if call.func.id == "Meaning":
        return {text for keyword in call.keywords if keyword.arg == "text" for text in _texts(keyword.value, tables)}
    return _texts(call.args[0], tables) if call.func.id in _SAYING else None


def _texts(node: ast.expr, tables: Mapping[str, ast.expr]) -> set[str]:
    """The texts that an expression may be: a text, one of two, or an entry of a table."""
    if ast.unparse(node) == "self.text":
        return {row["text"] for row in _FACTS}
    parts: list[ast.expr] = []
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) else set()
    if isinstance(node, ast.IfExp):
        parts = [node.body, node.orelse]
    elif isinstance(node, ast.Dict):
        parts = node.values
    elif isinstance(node, ast.Subscript):
        parts = [node.value]
    elif isinstance(node, ast.Name) and node.id in tables:
        parts = [tables[node.id]]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        parts = [node.func.value, *node.args[1:]]
    return {text for part in parts for text in _texts(part, tables)}
