"""The trace as users hold it: the recorded data, with methods that draw graphs, explain dims and write files.

The records themselves (`shapetrace.trace`) know nothing of graphs, reports or files, which are made of them.
"""

from __future__ import annotations

import os
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

    def why(self, tensor: Tensor | str, axis: int) -> list[WhyStep]:
        """The chain of one dim back to its input axis or constant. See `shapetrace.graph.why`."""
        from shapetrace import graph

        return graph.why(self, tensor, axis)

    def graph(self) -> networkx.DiGraph[Any]:
        """The whole provenance as a networkx DiGraph. See `shapetrace.graph.build`."""
        from shapetrace import graph

        return graph.build(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the trace to `path`, compressed, whole or not at all.

        Args:
            path: The file to write. One that is there already is replaced.

        Raises:
            OSError: The file cannot be written; what was at `path` is still there.
        """
        from shapetrace.trace import file

        file.write(self, path)


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
