"""Statements that became part of a program, written by hand for the rules that read them. Needs no Paddle."""

from __future__ import annotations

from rules.leak import Leak
from shapetrace.trace import ControlFlow, Failure, Finding, Placeholder, State, Variable

UNSET, NONE = State("unset"), State("None")


def tensor(*shape: int, dtype: str = "float32") -> State:
    """A tensor."""
    return State("Tensor", shape=shape, dtype=dtype)


class Flows(Leak):
    """A conversion of `x` of [x[0], x[1], 8] with statements in it."""

    def variable(self, name: str, before: State, *after: State, line: int = 0) -> Variable:
        """A variable, and the line that assigns it."""
        assigned = self.site(line, f"{name} = ...", "forward") if line else -1
        return Variable(name, before, after, assigned)

    def flow(self, code: str, *variables: Variable, line: int = 10, **fields: object) -> Flows:
        """Add a statement; by default an `if` on data that Paddle could not put together."""
        kind = "loop" if code.startswith(("for", "while")) else "if"
        fields = {"condition": code.partition(" ")[2], "ended": "here", "data": True, **fields}
        site = self.site(line, code, "forward")
        self.trace.control_flow.append(ControlFlow(kind, 0, site, variables=variables, **fields))  # type: ignore[arg-type]
        return self

    def dim(self) -> int:
        """A tensor that holds x[0], as `x.shape[0]` in rewritten code."""
        return self.program.op("pd_op.shape64", [self.x], "3", data="S0; S1; 8") and self.program.op(
            "pd_op.slice", [self.x], "", data="S0"
        )

    def ends(self, message: str, name: str = "", code: str = "", line: int = 40) -> list[Finding]:
        """End the conversion, where it met a placeholder if one is named, and give what the rules find."""
        met = Placeholder(name, code) if name else None
        stack = (self.site(line, code or "use(x)", "forward"),)
        self.program.conversion.failure = Failure("TypeError", message, stack, placeholder=met)
        return self.found()
