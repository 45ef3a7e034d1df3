"""Shows findings in the terminal the way a good compiler would: the user's lines first, then why and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from shapetrace.reports import changes, wording
from shapetrace.reports.excerpt import Span, excerpt, gutter_width, wrapped
from shapetrace.reports.printable import relative, short, visible
from shapetrace.reports.translations import current, worded
from shapetrace.trace import Finding, Fix, Site, Trace

if TYPE_CHECKING:
    from typing import TextIO

WIDTH = 80
"""Cells in a line where the output is no terminal."""

_WIDEST = 120  # longer lines of prose are hard to read, however wide the terminal
_SCREEN = 44  # lines; findings beyond these are listed by their headers
_LISTED = 10  # findings in that list
_STEPS = 4  # of a chain that are marked in the source
_NOTE_LINES = 25
_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
_SECONDARY = "cyan"
_NAMES = {
    "seen": "seen",
    "in": "in",
    "why": "why",
    "note": "note",
    "fix": "fix",
    "remedy": "remedy",
    "repaired": "repaired",
    "changed": "changed",
    "fixed": "fixed",
    "verify": "verify",
    "sizes": "sizes",
}
"""What the lines of advice begin with; templates, for there are translations of each."""


def render(
    trace: Trace,
    *,
    all: bool = True,
    screen: bool = True,
    width: int = WIDTH,
    command: str = "",
    root: str | None = None,
) -> str:
    """The findings of `trace` as plain text.

    Args:
        trace: The trace.
        all: Show everything in full, notes included; else what matters.
        screen: Without `all`, stop after about one screen of findings, and list the others.
        width: Cells in a line. Only paths, commands and code of the user's may be longer.
        command: What stood after `shapetrace run`, to suggest the next command with.
        root: Directory the paths are shown relative to; the current one when None.
    """
    return "".join(f"{line.plain.rstrip()}\n" for line in _report(trace, all, screen, width, command, root))


def show(trace: Trace, file: TextIO, *, all: bool = False, command: str = "", color: bool | None = None) -> None:
    """Print the findings of `trace` to `file`, in colour where that is a terminal that has it.

    Args:
        trace: The trace.
        file: Where to.
        all: Show everything in full, notes included; else what matters, about one screen of it in a terminal. A file
            or a pipe gets each finding in full: nobody can ask a log for more.
        command: What stood after `shapetrace run`, to suggest the next command with.
        color: True or False to say so; None to find out.
    """
    console = Console(file=file, force_terminal=color, no_color=color is False, highlight=False)
    width = min(console.width, _WIDEST) if console.is_terminal else WIDTH
    for line in _report(trace, all, file.isatty(), width, command, None):
        line.rstrip()
        console.print(line, soft_wrap=True)


def block(trace: Trace, finding: Finding, *, width: int = WIDTH, root: str | None = None) -> str:
    """One finding as plain text: its header, the marked source, and the advice.

    Args:
        trace: The trace it belongs to.
        finding: The finding.
        width: Cells in a line.
        root: Directory the paths are shown relative to; the current one when None.
    """
    return "".join(f"{line.plain.rstrip()}\n" for line in _finding(trace, finding, width, "", root, steps=_STEPS))


def finding_note(trace: Trace, finding: Finding) -> str:
    """A finding in at most 25 lines of plain text, for `BaseException.add_note`.

    Args:
        trace: The trace it belongs to.
        finding: The finding.
    """
    lines = _finding(trace, finding, WIDTH, "", None, steps=1)
    if len(lines) > _NOTE_LINES:  # sink and source are what matters most
        main, *others = _spans(finding, 1)
        source = finding.source and _plain(finding.source)
        marked = [main, *(span for span in others if span.site.file == main.site.file or span.site == source)]
        lines = _block(trace, finding, marked, WIDTH, "", None)
        advice = len(_advice(trace, finding, WIDTH, "", 0, None))
        excess = max(len(lines) - _NOTE_LINES, 0)
        lines = [*lines[: max(len(lines) - advice - excess, 1)], *lines[len(lines) - advice :]][:_NOTE_LINES]
    first, *rest = (line.plain.rstrip() for line in lines)
    return "\n".join([f"shapetrace: {first}", *rest])


def _report(trace: Trace, all: bool, screen: bool, width: int, command: str, root: str | None) -> list[Text]:
    findings = wording.ordered(trace.findings)
    shown = findings if all else [finding for finding in findings if finding.severity != "note"]
    lines: list[Text] = []
    rest: list[Finding] = []
    for finding in shown:
        block = _finding(trace, finding, width, command, root, steps=_STEPS)
        if screen and not all and lines and (rest or len(lines) + len(block) > _SCREEN):
            rest.append(finding)
        else:
            lines += [*block, Text()]
    if rest:
        for finding in rest[:_LISTED]:
            lines.append(_header(finding))
            lines += _place(finding.sink or finding.source, root)
        if len(rest) > _LISTED:
            lines.append(Text(worded("and {} more", f"{len(rest) - _LISTED:,}")))
        lines.append(Text())
    for name, sentence in wording.remedied(trace, all=all):
        lines += _entry(name, sentence, width, "")
    for fix in trace.fixed:
        what = worded("{} (in memory; `shapetrace fix` writes it)", short(current().say(fix.said), 400))
        lines += _entry("fixed", what, width, "")
    for verified in trace.verified:
        first, *others = verified.lines
        place = visible(relative(verified.path, root))
        lines += _entry("verify", f"{short(first, 400)} ({place})", width, "")
        lines += [Text(f"        {visible(line)}") for line in others]
    if taken := wording.sizes(trace):
        lines += _entry("sizes", taken, width, "")
    for note in trace.remarks if all else trace.remarks[:3]:
        lines += _entry("note", short(current().say(note), 400), width, "")
    summary = f"shapetrace: {wording.summary(trace)}"
    if rest or len(shown) < len(findings):
        summary += worded("; --all shows everything")
    return lines + wrapped(Text(summary, "bold"), width)


def _header(finding: Finding) -> Text:
    style = _STYLES[finding.severity]
    return Text.assemble(
        (f"{current().gettext(finding.severity)}[{visible(finding.rule)}]", style),
        (worded(": {}", short(current().say(finding.said), 400)), "bold"),
    )


def _finding(trace: Trace, finding: Finding, width: int, command: str, root: str | None, *, steps: int) -> list[Text]:
    return _block(trace, finding, _spans(finding, steps), width, command, root)


def _block(trace: Trace, finding: Finding, spans: list[Span], width: int, command: str, root: str | None) -> list[Text]:
    gutter = gutter_width(spans)
    lines = excerpt(trace.sources, spans, width, root) if spans else []
    return [_header(finding), *lines, *_advice(trace, finding, width, command, gutter, root)]


def _spans(finding: Finding, steps: int) -> list[Span]:
    """Sink, source, the last steps of the chain between them, and where the callable was wrapped or called."""
    main = finding.sink or finding.source
    if main is None:
        return []
    spans = [Span(_plain(main), _sink_label(finding), _STYLES[finding.severity], primary=True)]
    known = {_plain(main)}
    for site, label in _secondary(finding, steps):
        if site is not None and _plain(site) not in known:
            known.add(_plain(site))
            spans.append(Span(_plain(site), label, _SECONDARY))
    return spans


def _secondary(finding: Finding, steps: int) -> Iterable[tuple[Site | None, str]]:
    yield finding.source, wording.source_label(finding)
    for step in finding.chain[len(finding.chain) - steps :] if steps else ():
        value = str(step.value)
        if wording.at_source(finding) == "made" and step.symbolic:
            yield step.site, short(step.symbolic, 60)  # the shape of what is made there
            continue
        yield step.site, worded("{}, meant as {}", value, short(step.symbolic, 60)) if step.symbolic else value
    cause = finding.cause
    if cause is not None:
        if cause.wrapped is not None:
            yield cause.wrapped, worded("wrapped here, so not rewritten")
        else:
            yield cause.site, worded("called here, without being rewritten")


def _plain(site: Site) -> Site:
    """The range of `site` alone, so that a sink and a step at one place are found to be the same."""
    return Site(site.file, site.line, site.column, site.end_line, site.end_column, site.code)


def _sink_label(finding: Finding) -> str:
    sink = finding.sink
    value = short(str(finding.python_value), 40)
    if sink is None or finding.python_value is None:
        return ""
    if not sink.argument:
        return worded("{} is used here", value)
    index = "" if sink.index is None else f"[{sink.index}]"
    return worded("{} is {} here", f"{short(sink.argument, 40)}{index}", value)


def _advice(trace: Trace, finding: Finding, width: int, command: str, gutter: int, root: str | None) -> list[Text]:
    """The lines that start with `=`."""
    indent = " " * (gutter + 1)
    lines: list[Text] = []

    def entry(name: str, text: str) -> None:
        lines.extend(_entry(name, text, width, indent))

    if finding.count > 1:
        layers = sorted(set(finding.layers))
        where = ", ".join(short(layer, 80) for layer in layers[:3])
        if len(layers) > 3:
            where = worded("{} and {}", where, wording.counted(len(layers) - 3, "more layer"))
        times = f"{finding.count:,}"
        entry("seen", worded("{} times, in {}", times, where) if layers else worded("{} times", times))
    if about := wording.conversion(trace, finding):
        entry("in", worded("conversion {}", about))
    if cause := wording.why(finding):
        entry("why", cause)
    for note in finding.remarks:
        entry("note", short(current().say(note), 400))
    if finding.fix is not None:
        entry("fix", _fix(finding.fix))
        lines.extend(_changed(trace, finding.fix, indent, root))
    if finding.remedies:
        entry("remedy", wording.remedies(finding))
        lines.append(_command(wording.next_run(finding.remedies[0], command), indent))
    lines.append(_command(f"shapetrace rule {visible(finding.rule)}", indent))
    return lines


def _fix(fix: Fix) -> str:
    hint = current().gettext(changes.advice(fix)) if changes.advice(fix) else ""
    says = short(current().say(fix.said), 400)
    says = worded("{} ({})", says, hint) if hint else says
    return worded("{}:", says) if fix.edits else says


def _changed(trace: Trace, fix: Fix, indent: str, root: str | None) -> Iterable[Text]:
    """The lines that a fix takes away and puts in, never broken: people copy them."""
    for change in changes.of_fix(trace, fix):
        yield Text(f"{indent}       {visible(relative(change.file, root))}:{change.line}", "blue")
        indented = [len(row.text) - len(row.text.lstrip()) for row in change.rows if row.text.strip()]
        for row in change.rows:
            number = str(row.number or "").rjust(len(str(change.rows[-1].number or change.line)) + 1)
            code = row.text[min(indented, default=0) :]
            yield Text(f"{indent}      {number} {row.sign} {code}", "green" if row.sign == "+" else "red")


def _entry(name: str, text: str, width: int, indent: str) -> list[Text]:
    head = Text.assemble((f"{indent}= ", "blue"), (heading(name), "bold"))
    body = wrapped(Text(text), max(width - head.cell_len, 20))
    return [head + body[0], *(Text(" " * head.cell_len) + line for line in body[1:])]


def heading(name: str) -> str:
    """What stands before a line of advice: `fix: `."""
    return worded("{}: ", worded(_NAMES[name]))


def _command(text: str, indent: str) -> Text:
    """A suggested command, never broken: people copy it."""
    return Text.assemble((f"{indent}= ", "blue"), (worded("{}: ", worded("next")), "bold"), (text, "green"))


def _place(site: Site | None, root: str | None) -> Sequence[Text]:
    if site is None:
        return ()
    return (Text(f"  --> {visible(relative(site.file, root))}:{site.line}:{site.column + 1}", "blue"),)
