"""What a plugin of shapetrace imports and brings: remedies, rules, reports and engines. This docstring is the manual.

A plugin is a module (or any object) that is registered under the entry point group `shapetrace` and has one
or more of the functions in `Hooks`, marked with `hookimpl`:

    # pyproject.toml of the plugin:  [project.entry-points.shapetrace]
    #                                fast-norm = "fast_norm_remedy"
    from shapetrace.plugin import Probe, Remedy, hookimpl

    class FastNorm(Remedy):
        name = "fast-norm"
        summary = "makes acme.fast_norm infer the batch instead of reading it"
        requires = ("acme.norms",)
        causes = frozenset({"partial"})

        def probe(self): ...
        def apply(self, transaction): ...

    @hookimpl
    def shapetrace_remedies():
        return [FastNorm()]

**Probing** answers one question: is the bug that the remedy repairs present in what is imported here? It tries the
behaviour on a tiny input; it does not compare versions or source text, since people patch both. It runs in the
user's process right before an export, so it must leave no trace and must not run a conversion of unknown code:
`shapetrace.probing` has what is needed for that. It is called only once every module in `requires` has been
imported by somebody else, and imports no package of the user's by itself.

**Applying** makes changes through the transaction it gets, and only through that. The transaction takes them back when
the watch ends, or at once if `apply` raises. A remedy never changes what a model computes.

**When.** What is imported when the watch opens is repaired then. A remedy that still waits for a module (`shapetrace
run` opens the watch before the script imports anything) is probed and applied when the next conversion begins: by then
the model has been built, so everything it needs is there. No import hook is involved.

**Rules** are `Rule`s with a `text`, the page that `shapetrace rule CODE` prints. A rule reads a trace,
and needs no Paddle for that. **Reports** are functions from a trace to text or bytes, by the ending of their files; they
may take `lang` and `command` as keywords.

    @hookimpl
    def shapetrace_rules():
        return [Rule("ACME101", "a norm got an unknown dim", "warning", find, text="# ACME101: ...")]

    @hookimpl
    def shapetrace_reports():
        return {".table": table}

**Engines** run an export where it is served, for `shapetrace verify --engine NAME`. An `Engine` says what it needs, loads a model
and runs it; it does so in a process of its own, where it may crash, exit or hang.

    @hookimpl
    def shapetrace_engines():
        return [TVM()]

**What fails** is left out, with one sentence: a plugin that cannot be imported, a rule whose code is taken or that
raises, `answers` or a report that raises. Plugins are imported when a watch closes, if not before, and by commands that
run where Paddle is not installed: import Paddle inside of functions.

**What is stable.** The names in `__all__`, with their attributes and the methods named above, change only with a new minor version,
and CHANGELOG.md says how. So do the fields of `Finding`. The records of a `Trace` follow what is recorded, and may change with any
version. Everything else in shapetrace is its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

import pluggy

from shapetrace import probing
from shapetrace.patching import Transaction
from shapetrace.said import Sentence, joined, said
from shapetrace.trace import Finding, Severity, Trace

__all__ = [
    "Engine",
    "Finding",
    "Hooks",
    "Probe",
    "Remedy",
    "Rule",
    "Session",
    "Severity",
    "Trace",
    "Transaction",
    "hookimpl",
    "joined",
    "probing",
    "said",
]

hookspec = pluggy.HookspecMarker("shapetrace")
hookimpl = pluggy.HookimplMarker("shapetrace")


@dataclass(frozen=True)
class Probe:
    """What a probe found."""

    state: Literal["present", "absent", "not-applicable", "failed"]
    """`present`: the bug is here. `absent`: it is not. `not-applicable`: what it lives in is not imported, or is not
    installed. `failed`: could not tell."""
    reason: Sentence = ""
    """One sentence for people: what was seen."""

    @property
    def present(self) -> bool:
        """Whether the bug was found."""
        return self.state == "present"


class Remedy(ABC):
    """A reversible repair. Subclass it, fill in the attributes, and write `probe` and `apply`."""

    name: ClassVar[str]
    """What people type: lower-case words joined by hyphens."""
    summary: ClassVar[str]
    """One line: what it changes."""
    versions: ClassVar[str] = ""
    """Which versions of what it patches it was tested with, for people."""
    requires: ClassVar[tuple[str, ...]] = ()
    """Modules that must have been imported before it can be probed or applied. Empty for Paddle alone."""
    specificity: ClassVar[int] = 50
    """Who goes first: 100 repairs one model, 50 a kind of code, 10 anything."""
    rules: ClassVar[frozenset[str]] = frozenset()
    """Ids of the rules whose findings it repairs."""
    causes: ClassVar[frozenset[str]] = frozenset()
    """Kinds of cause (`shapetrace.trace.Skip.kind`) it answers; empty for any."""

    @abstractmethod
    def probe(self) -> Probe:
        """Find out whether its bug is present, leaving no trace. May raise: then it is reported as failed."""

    @abstractmethod
    def apply(self, transaction: Transaction) -> None:
        """Repair, through the transaction only. May raise: then everything it did is taken back."""

    def answers(self, finding: Finding) -> bool:
        """Whether this remedy is worth naming beside the finding: by its rule and cause, if not overridden.

        Asked where findings are made, which may be a machine without Paddle: the finding has to be enough.
        """
        if finding.rule not in self.rules:
            return False
        return not self.causes or (finding.cause is not None and finding.cause.kind in self.causes)


class Rule(NamedTuple):
    """One rule.

    Attributes:
        code: `ST101`.
        title: What is wrong, in a few words.
        severity: Of its findings.
        find: Yields the findings of this rule in a trace.
        text: The page in Markdown, for rules that do not keep it in `pages/` (those of plugins).
    """

    code: str
    title: str
    severity: Severity
    find: Callable[[Trace], Iterable[Finding]]
    text: str = ""

    @property
    def page(self) -> str:
        """The rule's page in Markdown: what happens, an example, how to fix it, when it is fine."""
        if self.text:
            return self.text
        return (resources.files("shapetrace.rules") / "pages" / f"{self.code}.md").read_text(encoding="utf-8")


class Session(Protocol):
    """A model that an engine has loaded."""

    def inputs(self) -> Sequence[str]:
        """Names of the inputs that it takes."""
        raise NotImplementedError

    def run(self, arrays: Mapping[str, Any]) -> Sequence[Any]:
        """Run it once.

        Args:
            arrays: NumPy arrays, by the name of the input; the same session is run at several sizes.

        Returns:
            The outputs as NumPy arrays, in the order in which the model returns them.
        """
        raise NotImplementedError


class Engine(ABC):
    """Something that serves an export. Subclass it, fill in the attributes, and write `load`."""

    name: ClassVar[str]
    """What people type: lower-case words joined by hyphens."""
    summary: ClassVar[str]
    """One line: what it is."""
    modules: ClassVar[tuple[str, ...]]
    """What must be importable, besides what makes the ONNX file."""
    install: ClassVar[str]
    """What to type where it is not: `pip install 'shapetrace[onnx]'`."""
    format: ClassVar[Literal["paddle", "onnx"]] = "paddle"
    """What it loads: the files of `paddle.jit.save`, or an ONNX file, which Paddle2ONNX makes of them first."""
    variants: ClassVar[tuple[Sentence, ...]] = ("",)
    """Ways to set it up, the one that people deploy first. Where that goes wrong the others are tried, and what comes of them is
    said; so each but the first is worded as the end of a sentence: `without oneDNN (config.disable_mkldnn())`."""
    exact: ClassVar[Sentence] = ""
    """The one of `variants` that computes in float32, for an engine that may round to fewer bits as it is deployed. Values that differ are judged there, and
    what rounding makes of them is said."""

    def missing(self, *, converting: bool = True) -> Sentence:
        """Why it cannot be used here, and what to do; empty where it can. Imports nothing.

        Args:
            converting: Whether an ONNX file is to be made first, for an engine that loads one.
        """
        converter = ("paddle2onnx",) if self.format == "onnx" and converting else ()
        lacking = [name for name in (*converter, *self.modules) if find_spec(name) is None]
        return said("{} cannot be imported: {}", joined("{} and {}", lacking), self.install) if lacking else ""

    @abstractmethod
    def load(self, model: Path, variant: str) -> Session:
        """Load a model. Called in a process of its own; may raise, exit or crash.

        Args:
            model: `model.onnx`, or the path that was given to `paddle.jit.save`.
            variant: One of `variants`.
        """


class Hooks:
    """The functions a plugin may have. Each is called once, when it is first needed."""

    @hookspec
    def shapetrace_remedies(self) -> Sequence[Remedy]:
        """Remedies the plugin brings."""
        raise NotImplementedError

    @hookspec
    def shapetrace_rules(self) -> Sequence[Rule]:
        """Rules the plugin brings. Codes that begin with ST are shapetrace's."""
        raise NotImplementedError

    @hookspec
    def shapetrace_reports(self) -> Mapping[str, Callable[..., str | bytes]]:
        """Report formats the plugin brings: the ending of their files, and a function from a trace to the content."""
        raise NotImplementedError

    @hookspec
    def shapetrace_engines(self) -> Sequence[Engine]:
        """Engines the plugin brings."""
        raise NotImplementedError
