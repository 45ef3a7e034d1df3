"""The trace as users hold it: the recorded data, with methods that draw graphs, explain dims and write files.

The records themselves (`shapetrace.trace`) know nothing of graphs, reports or files, which are made of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from shapetrace import trace as records
from shapetrace.trace import Finding, Tensor, findings

if TYPE_CHECKING:
    import networkx

    from shapetrace.graph.why import WhyStep


class Trace(records.Trace, dict=True):
    """Everything one watch recorded, and the findings its rules made of it."""

    def __repr__(self) -> str:
        from shapetrace.reports import wording

        return f"<Trace: {wording.summary(self)}>"

    def __str__(self) -> str:
        """The diagnosis, as `shapetrace run` prints it."""
        from shapetrace.reports import text

        return text.render(self, all=False, screen=False).rstrip()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows."""
        from shapetrace.reports import notebook

        return notebook.trace(self)

    def why(self, tensor: Tensor | str, axis: int) -> Way:
        """The chain of one dim back to its input axis or constant. See `shapetrace.graph.why`.

        Returns:
            The steps, a list; as text it is what `shapetrace why` prints.
        """
        from shapetrace import graph

        return Way(graph.why(self, tensor, axis), self.sources)

    def graph(self) -> networkx.DiGraph[Any]:
        """The whole provenance as a networkx DiGraph. See `shapetrace.graph.build`."""
        from shapetrace import graph

        return graph.build(self)

    def report(self, path: str | os.PathLike[str], format: str | None = None, *, lang: str | None = None) -> None:
        """Write a report.

        Args:
            path: The file to write. Its ending is the format (`.html`, `.md`, `.json`, `.sarif`, `.svg`, ...) unless `format` says it.
            format: Name of a format, as of `shapetrace report --format`.
            lang: `en` or `zh`; None takes it from the environment.

        Raises:
            UsageError: The format or the language is unknown, or the file cannot be written.
        """
        from shapetrace import reports

        reports.write(self, path, format, lang=lang)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the trace to `path`, compressed, whole or not at all.

        Args:
            path: The file to write. One that is there already is replaced.

        Raises:
            OSError: The file cannot be written; what was at `path` is still there.
        """
        from shapetrace.trace import file

        file.write(self, path)


class Way(list["WhyStep"]):
    """The steps of `Trace.why`. Shown or printed, it is text in which the ops that only pass the dim on are one line."""

    def __init__(self, steps: Iterable[WhyStep], sources: Mapping[str, Mapping[int, str]]) -> None:
        super().__init__(steps)
        self._sources = sources

    def __repr__(self) -> str:
        from shapetrace.reports import way

        return way.render(self, self._sources).rstrip()


def load(path: str | os.PathLike[str], *, own: bool = False) -> Trace:
    """Read a trace that `Trace.save` wrote. Needs no Paddle.

    Args:
        path: The file.
        own: Whether you made it. Only then may rules that are asked anew read the source files that it names, which they make
            fixes of.

    Returns:
        The trace.

    Raises:
        TraceFileError: The file is missing, is no trace, is damaged, or was written by a later version.
    """
    from shapetrace.trace import file

    trace = file.read(path, Trace)
    vars(trace)["_foreign"] = not own
    return trace


def _shown(finding: Finding) -> dict[str, str]:
    from shapetrace.reports import notebook

    return notebook.finding(finding)


findings.shown_by(_shown)
