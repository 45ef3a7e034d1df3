"""The page on the Python API, made of the docstrings of what `shapetrace` exports: `python tests/api_page.py` writes it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import shapetrace
from shapetrace.graph import WhyStep
from shapetrace.trace import Conversion, Fix, Site, Tensor

PAGE = Path(__file__).resolve().parent.parent / "docs/reference/python.md"
HEAD = """# The Python API

Made of the docstrings by `python tests/api_page.py`. What is not here is not for others to call; a plugin imports
[`shapetrace.plugin`](../how-to/write-a-remedy.md) and nothing else. How it is used: [from Python and from pytest](../how-to/use-from-python-and-pytest.md).
"""
FUNCTIONS: tuple[Any, ...] = (
    shapetrace.watch,
    shapetrace.watched,
    shapetrace.load,
    shapetrace.verify,
    shapetrace.sizes,
)
TRACE = ("report", "save", "why", "graph")
RECORDS = (shapetrace.Finding, Fix, Site, Conversion, Tensor, WhyStep)
SECTIONS = {"Args:": "argument", "Returns:": "", "Raises:": "exception", "Yields:": ""}


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    parts += [_callable(function, f"shapetrace.{function.__name__}") for function in FUNCTIONS]
    parts.append(f"## `shapetrace.Trace`\n\n{_text(shapetrace.Trace)}")
    parts.append(_fields(shapetrace.Trace.__mro__[1]))
    parts += [_callable(getattr(shapetrace.Trace, name), f"Trace.{name}", "###") for name in TRACE]
    parts += [f"## `{record.__name__}`\n\n{_text(record)}\n\n{_fields(record)}" for record in RECORDS]
    errors = [value for name in shapetrace.__all__ if _is_error(value := getattr(shapetrace, name))]
    rows = [f"| `{error.__name__}` | {' '.join(_text(error).split())} |" for error in errors]
    parts.append("\n".join(["## Exceptions", "", "| exception | raised when |", "| --- | --- |", *rows]))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _is_error(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, Exception)


def _callable(function: Callable[..., Any], name: str, level: str = "##") -> str:
    signature = str(inspect.signature(function)).replace("(self, ", "(").replace("(self)", "()")
    signature = re.sub(r"(: |-> )'([^']*)'", r"\1\2", signature).replace("shapetrace.opened.", "")
    return f"{level} `{name}`\n\n```python\n{_broken(name + signature)}\n```\n\n{_docs(function)}"


def _broken(signature: str) -> str:
    """A signature of which each parameter has a line of its own, where it is long."""
    if len(signature) <= 100:
        return signature
    head, _, rest = signature.partition("(")
    inner, _, returned = rest.rpartition(") -> ") if ") -> " in rest else (rest.rpartition(")")[0], ")", "")
    return (
        f"{head}(\n" + "".join(f"    {each},\n" for each in _split(inner)) + (f") -> {returned}" if returned else ")")
    )


def _split(text: str) -> Iterator[str]:
    """The parts between commas that stand in no brackets."""
    depth, part = 0, ""
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and not depth:
            yield part.strip()
            part = ""
        else:
            part += character
    yield part.strip()


def _text(thing: Any) -> str:
    """The docstring without its sections."""
    return re.split(r"\n\n(?:Args|Returns|Raises|Attributes|Example):\n", inspect.getdoc(thing) or "")[0]


def _docs(function: Any) -> str:
    """The docstring with its sections as lists."""
    first, *sections = re.split(r"\n\n(?=(?:Args|Returns|Raises|Example):\n)", inspect.getdoc(function) or "")
    return "\n\n".join([first, *map(_section, sections)])


def _section(text: str) -> str:
    title, _, body = text.partition("\n")
    body = inspect.cleandoc(body)
    if title == "Example:":
        return f"```python\n{re.sub(r' *# doctest:.*', '', body)}\n```"
    if title == "Returns:":
        return f"Returns: {' '.join(body.split())}"
    entries = re.split(r"\n(?=\S)", body)
    items = [re.sub(r"^([\w*]+):", r"`\1`:", " ".join(entry.split())) for entry in entries]
    return "\n".join([title, "", *(f"- {item}" for item in items)])


def _fields(record: type) -> str:
    """The public fields and properties of a class, with the lines that stand below them in its source."""
    source = inspect.getsource(record)
    rows = [
        f"| `{name}` | `{kind.replace('|', chr(92) + '|')}` | {' '.join((said or '').split())} |"
        for name, kind, said in re.findall(
            r'^    (\w+): ([^=\n]+?)(?: = [^\n]+)?\n(?:    """(.*?)"""\n)?', source, re.MULTILINE | re.DOTALL
        )
        if not name.startswith("_")
    ]
    properties = [
        (name, value.fget)
        for name, value in vars(record).items()
        if isinstance(value, property) and not name.startswith("_")
    ]
    rows += [
        f"| `{name}` | `{str(getter.__annotations__.get('return', '')).replace('|', chr(92) + '|')}` | {' '.join((inspect.getdoc(getter) or '').split())} |"
        for name, getter in properties
        if getter is not None
    ]
    return "\n".join(["| | type | |", "| --- | --- | --- |", *rows])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
