"""Chooses the fix of each use of a leaked dim, so that the fixes of one trace fit together.

In this order: let the op infer the dim; have Paddle rewrite the function; read the dim as a tensor. A function that is rewritten holds
all its dims as tensors, so whatever in it needs numbers is rewritten with it, or else a person must judge.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypeVar

from shapetrace.capture.source import type_checks
from shapetrace.capture.source.expressions import converts_each
from shapetrace.edits import overlapping
from shapetrace.facts import op_arguments, operators
from shapetrace.rules.fixes import as_tensors, inferring, instead, rewriting
from shapetrace.rules.fixes.source import Source
from shapetrace.said import joined, said
from shapetrace.trace import (
    Applicability,
    Arithmetic,
    Comparison,
    DimRecord,
    DimRef,
    Edit,
    Fix,
    Float,
    Key,
    Loop,
    OpArgument,
    PlainIndex,
    PlainInt,
    Sentence,
    Site,
    Stored,
    Text,
    Trace,
    Truth,
    Use,
)

_SAFE_NUMPY = frozenset({"square", "multiply", "add", "subtract"})
"""Functions of NumPy that do to a tensor in rewritten code what they do to a number."""
_OF_TENSORS = frozenset({"abs", "pow", "sum", "math.prod", "reduce", "functools.reduce"})
"""Functions of Python that do to tensors what they do to numbers, wherever they are called."""
_OF_REWRITTEN = frozenset({"int", "float", "bool", "len", "range"})
"""Functions that Paddle converts in rewritten code, where they take tensors."""
_UNLIKE_NUMBERS = frozenset({"//", "%"})
"""Operators whose result, of tensors that hold one number, Paddle multiplies with no tensor of floats in dygraph."""
_BITS = frozenset({"&", "|", "^", "<<", ">>"})
"""Operators that Paddle has for two tensors only; those that shift take a number on 3.x."""

_HARD = (ast.Raise, ast.Try, ast.With, ast.Delete, ast.FunctionDef, ast.Import, ast.ImportFrom)
"""What cannot stand in both ways of a test that Paddle converts."""
_LEAVING = (ast.Break, ast.Continue, ast.Return)
"""What cannot, inside of a loop: its condition would become a tensor on the way."""

_FRACTION = "fraction"
"""A power of whole numbers whose exponent may be below zero: Paddle makes a whole number of it."""
Computed = tuple[str, int]
"""What was done to a dim, as in `DimRecord.op` or `_FRACTION`, and at which site."""
Item = TypeVar("Item")


def _unread(file: str) -> None:
    """The source of a file that is not to be opened."""


class Plan:
    """The fixes of one trace.

    Args:
        trace: The trace; its files must be as they were when it was recorded. Those of a foreign trace are not read.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.source: Callable[[str], Source | None] = _unread if trace.foreign else cache(Source.of)
        self._reads: dict[int, tuple[int, ...]] = {}
        self._more: dict[int, tuple[Computed, ...]] = {}
        self._by_skip: dict[int, list[Use]] = {}
        self._by_read: dict[int, list[Use]] = {}
        for use in trace.uses:
            for read in self.reads(use.dim):
                self._by_read.setdefault(trace.dims[read].site, []).append(use)
            for skip in {trace.dims[read].skip for read in self.reads(use.dim)}:
                self._by_skip.setdefault(skip, []).append(use)
        self._rewritings = cache(self._rewriting)
        self._call = cache(self._called)

    def fix(self, use: Use) -> Fix | None:
        """The fix of a use of a leaked dim; None where nothing is to be said."""
        reads = [self.trace.dims[index] for index in self.reads(use.dim) if not self.trace.dims[index].internal]
        if not reads or any(read.skip >= 0 and self._is_paddles(read.skip) for read in reads):
            return None
        return (
            self._inferred(use, reads) or self._rewritten(use, reads) or self._tensors(use, reads) or self._told(reads)
        )

    def reads(self, dim: int) -> tuple[int, ...]:
        """Indices of the reads that a dim goes back to."""
        return self._gathered(self._reads, dim, lambda index: (index,) if self.trace.dims[index].op == "read" else ())

    def _computed(self, dim: int) -> tuple[Computed, ...]:
        """What was done on the way to a dim, but for the operators of Python's that do the same to a tensor."""
        return self._gathered(self._more, dim, self._own)

    def _own(self, dim: int) -> tuple[Computed, ...]:
        record = self.trace.dims[dim]
        if self._is_fraction(record):
            return ((_FRACTION, record.site),)
        is_more = record.op in _UNLIKE_NUMBERS | _BITS or self._call(record.site) is not None
        return ((record.op, record.site),) if is_more and record.op != "read" else ()

    def _is_fraction(self, record: DimRecord) -> bool:
        """Whether it is a power of whole numbers whose exponent may be below zero."""
        if record.op != "**" or any(isinstance(operand, float | str) for operand in record.operands):
            return False
        exponent = record.operands[-1]
        if isinstance(exponent, DimRef):
            return self.trace.dims[exponent.id].op in ("neg", "-")
        return isinstance(exponent, int) and exponent < 0

    def _gathered(
        self, known: dict[int, tuple[Item, ...]], dim: int, own: Callable[[int], tuple[Item, ...]]
    ) -> tuple[Item, ...]:
        """What a dim and all that it was computed from have of their own."""
        pending = [dim]
        while pending:
            operands = [operand.id for operand in self.trace.dims[pending[-1]].operands if isinstance(operand, DimRef)]
            missing = [operand for operand in operands if operand not in known]
            pending += missing
            if not missing:
                index = pending.pop()
                below = (item for operand in operands for item in known[operand])
                known[index] = tuple(dict.fromkeys([*own(index), *below]))
        return known[dim]

    # -1.

    def _inferred(self, use: Use, reads: list[DimRecord]) -> Fix | None:
        if not inferring.may_infer(self.trace, use) or any(self._moves(read.skip) for read in reads):
            return None
        source, node = self._node(use, ast.Call)
        if source is None or node is None or not isinstance(use, OpArgument):
            return None
        edit = inferring.edit(source, node, use)
        if edit is None:
            return None
        return Fix(said("{} infers one -1, and the rest of this shape is known", use.op), "machine", (edit,))

    def _moves(self, skip: int) -> bool:
        """Whether the text of a callable is moved, so that nothing else can be edited in it."""
        if skip < 0 or all(
            self._may_be_inferred(use) for use in self._by_skip.get(skip, ()) if not isinstance(use, Stored)
        ):
            return False
        fix = self._rewritings(skip)
        return fix is not None and self.trace.skips[skip].kind in ("lambda", "not-global")

    def _may_be_inferred(self, use: Use) -> bool:
        """Whether a use is healthy as it is, or a -1 repairs it."""
        if not isinstance(use, OpArgument):
            return False
        if inferring.may_infer(self.trace, use):
            return True
        dim = self.trace.dims[use.dim]
        return dim.op == "read" and op_arguments.meaning(use.op, use.argument, use.index).bare == "healthy"

    # Have Paddle rewrite it.

    def _rewritten(self, use: Use, reads: list[DimRecord]) -> Fix | None:
        says: list[Sentence] = []
        edits: list[Edit] = []
        worth: Applicability = "machine"
        for skip in dict.fromkeys(read.skip for read in reads):
            fix = self._rewritings(skip) if skip >= 0 else None
            if fix is None:
                return None
            says.append(fix.said)
            edits += fix.edits
            worth = "maybe" if fix.applicability == "maybe" else worth
        if not edits:
            return None
        return Fix(joined("{}; {}", list(dict.fromkeys(says))), worth, tuple(dict.fromkeys(edits)))

    def _rewriting(self, skip: int) -> Fix | None:
        record = self.trace.skips[skip]
        uses = self._by_skip.get(skip, [])
        sites = [self._site(self.trace.dims[read].site) for use in uses for read in self.reads(use.dim)]
        read = next((site for site in sites if site is not None), None)
        rewritten = rewriting.of_skip(self.trace, record, read, self.source)
        if rewritten is None or self._cannot_be_rewritten(skip):
            return None
        says, edits = rewritten
        places = [*sites, *(self._site(use.site) for use in uses)]
        worth: Applicability = "maybe" if any(map(self._wants_numbers, places)) else "machine"
        changes = list(edits)
        for use in uses:
            more = self._for_tensors(use)
            if more is None:
                worth = "maybe"
                continue
            changes += more.edits
            worth = "maybe" if more.applicability == "maybe" else worth
        if any(True for _ in overlapping(changes)):
            if record.kind == "lambda" and (fix := self._moved(skip, read, changes[len(edits) :], worth)) is not None:
                return fix
            return (
                None
                if record.kind in ("lambda", "not-global") and len(changes) > len(edits)
                else Fix(says, "maybe", edits)
            )
        return Fix(says, worth, tuple(dict.fromkeys(changes)))

    def _moved(self, skip: int, read: Site | None, inner: list[Edit], worth: Applicability) -> Fix | None:
        """The rewriting of a lambda whose text is edited where it is moved to."""
        if any(True for _ in overlapping(inner)):
            return None
        rewritten = rewriting.of_skip(self.trace, self.trace.skips[skip], read, self.source, inner)
        if rewritten is None:
            return None
        says, edits = rewritten
        beside = [edit for edit in inner if not any(True for _ in overlapping([*edits, edit]))]
        return Fix(says, worth, tuple(dict.fromkeys([*edits, *beside])))

    def _cannot_be_rewritten(self, skip: int) -> bool:
        """Whether the code loops over a dim in an expression: rewritten, that never ends."""
        for use in self._by_skip.get(skip, ()):
            if isinstance(use, Loop):
                source, node = self._node(use, ast.Call)
                if source is None or node is None or not isinstance(source.parent(node), ast.For):
                    return True
        return False

    def _wants_numbers(self, place: Site | None) -> bool:
        """Whether the function around a place wants no tensor: it gives `int` or `float` to `map`, which Paddle does not convert, or asks for an int."""
        source = self.source(place.file) if place is not None else None
        if source is None or place is None:
            return False
        functions = (node for node in ast.walk(source.tree) if isinstance(node, ast.FunctionDef | ast.Lambda))
        around = (node for node in functions if node.lineno <= place.line <= (node.end_lineno or 0))
        parts = (part for function in around for part in ast.walk(function))
        return any(converts_each(part) or type_checks.wants_an_int(part, source.parent) for part in parts)

    def _for_tensors(self, use: Use) -> Fix | None:
        """What else is to be edited where the dim of a use is a tensor in rewritten code; None where that is not known."""
        fixes = [self._where_used(use), *map(self._where_computed, self._computed(use.dim))]
        sure = [fix for fix in fixes if fix is not None]
        if len(sure) < len(fixes):
            return None
        worth: Applicability = "maybe" if any(fix.applicability == "maybe" for fix in sure) else "machine"
        return Fix("", worth, tuple(dict.fromkeys(edit for fix in sure for edit in fix.edits)))

    def _where_computed(self, computed: Computed) -> Fix | None:
        """The same of what computed with the dim."""
        op, site = computed
        if op in _BITS:
            return None
        if op == _FRACTION:
            return self._power(site)
        called = self._call(site)
        name = ast.unparse(called[1].func) if called is not None else ""
        if called is None or name in _OF_TENSORS | _OF_REWRITTEN or name.rpartition(".")[2] in _SAFE_NUMPY:
            return Fix("", "machine")
        return self._expression(*called)

    def _power(self, site: int) -> Fix | None:
        """The same of a power with an exponent that may be below zero."""
        place = self._site(site)
        source = self.source(place.file) if place is not None else None
        node = source.node(place, ast.BinOp) if source is not None else None
        if source is None or node is None or not isinstance(node.op, ast.Pow):
            return None
        return Fix("", "machine", (source.replace(node, instead.of_floats(source, node.left, node.right)),))

    def _called(self, site: int) -> tuple[Source, ast.Call] | None:
        """The call that a site is, and its source."""
        place = self._site(site)
        source = self.source(place.file) if place is not None else None
        node = source.node(place, ast.Call) if source is not None else None
        return (source, node) if source is not None and node is not None else None

    def _where_used(self, use: Use) -> Fix | None:
        """The same of the use alone."""
        fine = Fix("", "machine")
        if isinstance(use, OpArgument):
            return fine if self._is_taken(use) else None
        if isinstance(use, Loop):
            return fine
        if isinstance(use, Text):
            return fine if use.message else None
        if isinstance(use, Stored | Key):
            return None
        source, node = self._node(use, ast.expr)
        if source is None:
            return None
        if node is None:
            source, statement = self._node(use, ast.stmt)
            return fine if isinstance(statement, ast.For | ast.While) else None
        return self._expression(source, node, use)

    def _expression(self, source: Source, node: ast.expr, use: Use | None = None) -> Fix | None:
        whole = instead.outermost(source, node)
        form = instead.written(source, whole)
        if form is not None:
            if source.around(node, (ast.ListComp, ast.GeneratorExp)) is not None:
                return None
            test = instead.is_check(source.parent(whole)) and isinstance(use, Comparison | Truth)
            edits = instead.check_as_assert(source, whole) if test else instead.edits(source, form, whole)
            return Fix("", "maybe" if test else form.applicability, edits) if edits else None
        if isinstance(use, Comparison | Truth):
            return self._decision(source, node)
        if isinstance(use, Float | PlainInt | PlainIndex):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            safe = name in ("float", "int") or name.rpartition(".")[2] in _SAFE_NUMPY
            return Fix("", "machine") if safe else None
        if isinstance(use, Arithmetic):
            return Fix("", "machine") if use.against not in ("list", "tuple", "str", "bytes") else None
        return None

    def _decision(self, source: Source, node: ast.expr) -> Fix | None:
        """A test, which Paddle converts where both ways can be built; a check that raises becomes an assert."""
        test: ast.AST = node
        while isinstance(outer := source.parent(test), ast.BoolOp | ast.UnaryOp | ast.Compare):
            test = outer
        if instead.is_check(outer) and isinstance(test, ast.expr):
            edits = instead.check_as_assert(source, test)
            return Fix("", "maybe", edits) if edits else None
        if isinstance(node, ast.Call) and ast.unparse(node.func) not in _OF_REWRITTEN:  # it asks the numbers itself
            return None
        if source.around(node, (ast.ListComp, ast.GeneratorExp, ast.Lambda)) is not None:
            return None
        ways = [*outer.body, *outer.orelse] if isinstance(outer, ast.If) else []
        hard = _HARD if source.around(node, (ast.For, ast.While)) is None else (*_HARD, *_LEAVING)
        return None if any(isinstance(part, hard) for way in ways for part in ast.walk(way)) else Fix("", "machine")

    # As tensors.

    def _tensors(self, use: Use, reads: list[DimRecord]) -> Fix | None:
        if not isinstance(use, OpArgument | Arithmetic) or any(self._moves(read.skip) for read in reads):
            return None
        edits: list[Edit] = []
        for site in dict.fromkeys(read.site for read in reads):
            source = self.source(self.trace.sites[site].file) if site >= 0 else None
            uses = self._by_read.get(site, [])
            if source is None or not all(map(self._takes_tensor, uses)):
                return None
            records = [record for record in self.trace.dims if record.op == "read" and record.site == site]
            leaked = [record.axis for record in reads if record.site == site]
            axes = {record.axis for record in records if any(self._hurts(other, record) for other in uses)} | set(
                leaked
            )
            changes = as_tensors.edits(source, self.trace.sites[site], axes, self._rank(records))
            if changes is None:
                return None
            edits += changes
        return Fix(as_tensors.SAYS, "machine", tuple(dict.fromkeys(edits))) if edits else None

    def _takes_tensor(self, use: Use) -> bool:
        """Whether a use goes on with a tensor, in code that is not rewritten."""
        ops = {op for op, _ in self._computed(use.dim)}
        calls = [called for _, site in self._computed(use.dim) if (called := self._call(site)) is not None]
        if ops & (_BITS | {_FRACTION}) or any(ast.unparse(node.func) not in _OF_TENSORS for _, node in calls):
            return False
        if isinstance(use, OpArgument) and use.op.startswith("__") and use.op not in operators.INDEXING:
            return not ops & _UNLIKE_NUMBERS
        if isinstance(use, OpArgument):
            return self._is_taken(use)
        if isinstance(use, Arithmetic):
            return use.against not in ("list", "tuple", "str", "bytes") and not use.numpy
        return isinstance(use, Text) and use.message

    def _is_taken(self, use: OpArgument) -> bool:
        """Whether Paddle takes a tensor for the argument."""
        return op_arguments.takes_tensor(use.op, use.argument, use.operation, use.index, self.trace.paddle)

    def _hurts(self, use: Use, read: DimRecord) -> bool:
        """Whether a use computes with a dim of this axis, or hands it to an op that makes something else of -1."""
        if not any(self.trace.dims[index] is read for index in self.reads(use.dim)):
            return False
        if not isinstance(use, OpArgument) or self.trace.dims[use.dim].op != "read":
            return True
        several = use.arguments.count("-1") > 1
        return several or op_arguments.meaning(use.op, use.argument, use.index).bare != "healthy"

    def _rank(self, reads: Iterable[DimRecord]) -> int:
        ranks = {
            len(self.trace.conversions[read.conversion].values[read.tensor].shape)
            for read in reads
            if read.conversion >= 0 and read.tensor >= 0
        }
        return ranks.pop() if len(ranks) == 1 else -1

    # Otherwise.

    def _told(self, reads: list[DimRecord]) -> Fix | None:
        skips = [self.trace.skips[read.skip] for read in reads if read.skip >= 0]
        if not skips:
            return None
        name = skips[0].callable.rpartition(".")[2]
        if skips[0].kind == "generator":
            return Fix(
                said(
                    "Paddle rewrites no generator: have `{}` append to a list and return it, in place of `yield`", name
                )
            )
        return Fix(
            said(
                "have Paddle rewrite `{}`: call it by its name from the model's forward, as a function of its module",
                name,
            )
        )

    def _is_paddles(self, skip: int) -> bool:
        return self.trace.skips[skip].kind == "paddle-api"

    def _site(self, index: int) -> Site | None:
        return self.trace.sites[index] if index >= 0 else None

    def _node(self, use: Use, kind: type[ast.AST]) -> tuple[Source | None, Any]:
        site = self._site(use.site)
        source = self.source(site.file) if site is not None else None
        return (source, source.node(site, kind)) if source is not None else (None, None)
