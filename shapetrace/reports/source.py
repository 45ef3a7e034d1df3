"""The user's source in the terminal, each line with the shapes it makes."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from shapetrace.annotated import File, Line, Made, Read, Size, annotate
from shapetrace.errors import UsageError
from shapetrace.reports.excerpt import wrapped
from shapetrace.reports.printable import relative, short, visible
from shapetrace.reports.translations import catalog
from shapetrace.said import said
from shapetrace.trace import Sentence, Trace

if TYPE_CHECKING:
    from typing import TextIO

WIDTH = 120
"""Cells in a line where the output is no terminal."""

_ROOTS = ("cyan", "magenta", "green", "blue", "bright_cyan", "bright_magenta")
"""Colours of the input axes, in turn. Red, amber and grey say something else."""
_WIDEST_CODE = 76
_LONGEST_SIZE = 40
_STATES = {"unseen": "bright_black", "as-is": "yellow", "": ""}


def render(trace: Trace, file: str = "", *, all: bool = True, width: int = WIDTH, lang: str | None = None) -> str:
    """The source of `trace` as plain text, with the shapes that each line makes; see `show`."""
    lines = _Drawing(trace, width, all, lang).files(_chosen(annotate(trace), file))
    return "".join(f"{line.plain.rstrip()}\n" for line in lines)


def show(
    trace: Trace, out: TextIO, file: str = "", *, all: bool = False, color: bool | None = None, lang: str | None = None
) -> None:
    """Print the source of `trace` to `out`, each line with the shapes that it makes.

    Args:
        trace: The trace.
        out: Where to.
        file: Which of the files, by its path or the end of it; empty for all.
        all: Every line, and the files of libraries; else the functions that a conversion came by.
        color: True or False to say so; None to find out.
        lang: `en` or `zh`; None takes it from the locale.

    Raises:
        UsageError: The trace has no such file.
    """
    console = Console(file=out, force_terminal=color, no_color=color is False, highlight=False)
    width = console.width if console.is_terminal else WIDTH
    for line in _Drawing(trace, width, all, lang).files(_chosen(annotate(trace), file)):
        line.rstrip()
        console.print(line, soft_wrap=True)


def _chosen(files: list[File], wanted: str) -> list[File]:
    """The files whose paths end as `wanted` does; all of them where it is empty."""
    if not files:
        raise UsageError(said("the trace holds no conversion, so there is nothing to show beside the source"))
    if not wanted:
        return files
    parts = wanted.replace("\\", "/").removeprefix("./").split("/")
    chosen = [file for file in files if file.path.replace("\\", "/").split("/")[-len(parts) :] == parts]
    if not chosen:
        names = [relative(file.path) for file in files]
        near = difflib.get_close_matches(wanted, names, n=1) or names[:5]
        raise UsageError(said("the trace has nothing of a file {}: it has {}", wanted, ", ".join(near)))
    return chosen


@dataclass
class _Drawing:
    trace: Trace
    width: int
    all: bool
    lang: str | None
    colours: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        texts = catalog(self.lang)
        self.gettext: Callable[[str], str] = texts.gettext
        self.say: Callable[[Sentence], str] = texts.say

    def files(self, files: Sequence[File]) -> Iterator[Text]:
        """All lines of the report."""
        for number, file in enumerate(files):
            if number:
                yield Text()
            yield from self.file(file, open=self.all or not file.library or len(files) == 1)
        if self.colours:
            yield Text()
            yield Text("  ").join([Text(), *(Text(name, style) for name, style in self.colours.items())])

    def file(self, file: File, open: bool) -> Iterator[Text]:
        """One file: a heading, and its lines, or how many there would be."""
        yield Text(visible(relative(file.path)), "bold underline")
        if not open:
            yield Text(f"      {self.gettext('of a library: name the file to see it')}", "bright_black")
            return
        if not file.text:
            yield Text(f"      {self.gettext('the trace has no source of this file')}", "bright_black")
        gutter = len(str(max([*file.lines, len(file.text), 1])))
        states = file.states()
        before = 0
        for number in self.shown(file):
            if number > before + 1 and before:
                yield Text(f"{'⋮':>{gutter}}", "bright_black")
            before = number
            yield from self.line(number, file, states.get(number, ""), gutter)

    def shown(self, file: File) -> list[int]:
        """Numbers of the lines to show: of functions that a conversion came by, and others of which there is something to say."""
        if self.all and file.text:
            return list(range(1, len(file.text) + 1))
        states = file.states()
        shown = set(file.lines)
        for function, state in file.functions:
            if state == "unseen":
                shown.add(function.first)
            elif any(line in function and (each.makes or each.reads) for line, each in file.lines.items()):
                shown.update(n for n in range(function.first, function.last + 1) if states.get(n) != "unseen")
        return sorted(shown)

    def line(self, number: int, file: File, state: str, gutter: int) -> Iterator[Text]:
        """One line of source, what it makes, and the findings below it."""
        line = file.lines.get(number, Line())
        mark, style = ("!", "bold red") if line.findings else ("~", "yellow") if state == "as-is" else (" ", "blue")
        code = self.code(file, number, state, bool(line.findings))
        row = Text.assemble((f"{number:>{gutter}} ", "blue"), (mark, style), " ", code)
        beside = [*map(self.made, line.makes), *map(self.read, line.reads)]
        together = Text("   ").join(beside)
        column = min(_WIDEST_CODE, self.width // 2) + gutter
        fits = max(row.cell_len, column) + together.cell_len + 2 <= self.width
        if beside and fits:
            row.append(" " * max(2, column - row.cell_len)).append(together)
        yield row
        below = [] if fits or not beside else [Text("↳ ", "bright_black") + together]
        indent = " " * (gutter + 3 + len(code.plain) - len(code.plain.lstrip()))
        for each in (*below, *(Text(f"^ {told}", "red") for told in self.findings(line, file.path, number))):
            yield from (Text(indent) + part for part in wrapped(each, max(self.width - len(indent), 20)))

    def findings(self, line: Line, path: str, number: int) -> list[str]:
        """What is wrong at a line, each sentence once."""
        lines = []
        for finding in (self.trace.findings[index] for index in line.findings):
            here = finding.sink is None or (finding.sink.file, finding.sink.line) == (path, number)
            told = short(self.say(finding.said), 400) if here else self.gettext("the number comes from here")
            lines.append(self.say(said("{}: {}", visible(finding.rule), told)))
        return list(dict.fromkeys(lines))

    def code(self, file: File, number: int, state: str, wrong: bool) -> Text:
        """The source of a line; a word on a function that is folded."""
        if not file.text:
            return Text()
        text = Text(visible(file.code(number).replace("\t", "    ")), "red" if wrong else _STATES[state])
        if state == "unseen" and not self.all:
            text.append(f"  {self.gettext('no conversion came by')}", "italic bright_black")
        return text

    def made(self, made: Made) -> Text:
        """`value: [B, 8400, 8, 32] 3×`."""
        text = Text(f"{short(made.name, 60)}: " if made.name else "", "bold")
        if made.holds is None or made.shape:
            text = Text.assemble(text, "[", Text(", ").join(map(self.size, made.shape)), "]")
        if made.holds is not None:
            held = Text(", ").join(map(self.size, made.holds))
            text = Text.assemble(text, *((" = (", held, ")") if made.shape else (held,)))
        if len(made.tensors) > 1:
            text.append(f" {len(made.tensors):,}×", "bright_black")
        return text

    def read(self, read: Read) -> Text:
        """`batch = -1, meaning B`."""
        text = Text.assemble((short(read.name, 60), "bold"), f" = {short(read.value, 60)}")
        if not read.meant.text:
            return text
        return Text.assemble(text, f" {self.gettext('in place of')} ", self.size(read.meant))

    def size(self, size: Size) -> Text:
        """A dim in the colour of the input axis it comes from."""
        for root in size.roots:
            self.colours.setdefault(root, _ROOTS[len(self.colours) % len(_ROOTS)])
        style = self.colours[size.roots[0]] if size.roots else ""
        return Text(short(size.text, _LONGEST_SIZE), style)
