"""The findings of traces written by hand, whole, as files that a reviewer can read: `golden/GROUP.json` beside this one.

    python tests/rules/written.py                  # writes the files again: look at what `git diff` shows

What no small model comes to stands here: the rarer sentences of the rules, with all that a finding has. A group is a function whose name
begins with `of_`; it yields names, and traces. Nothing here needs Paddle.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

import whole_findings
from example_traces import Program
from rules.leak import Leak, number, tensor
from rules.test_specs import Asking
from shapetrace import Trace, rules
from shapetrace.trace import (
    Asked,
    DimRef,
    Endless,
    FailedCall,
    Failure,
    Given,
    Site,
    Skip,
    TensorUse,
)

GOLDEN = Path(__file__).parent / "golden"
Named = Iterator[tuple[str, Trace]]
CONFLICT = Failure("ValueError", "is conflict with")


def of_endless_loops() -> Named:
    for name, iterated, bound in (
        ("a range of a variable", "range(n)", "x.shape[0]"),
        ("a tensor", "x", ""),
        ("something unknown", "", ""),
    ):
        for code in (f"[f(i) for i in {iterated or 'x'}]", f"list({iterated or 'x'})", f"[*{iterated}]"):
            leak = Leak()
            leak.trace.endless.append(Endless(0, leak.site(12, code), iterated, bound, 1000))
            yield f"{name}: {code}", leak.trace
    leak = Leak().failed("", kind="KeyboardInterrupt")
    leak.trace.endless.append(Endless(0, leak.site(12, "sum(i for i\n    in range(n))"), "range(n)", "", 7))
    yield "ended by Ctrl-C", leak.trace
    for iterated in ("outs", "zip(ones, others)"):
        leak = Leak()
        site, loop = leak.site(12, f"[f(x) for x in {iterated}]"), leak.site(10, "for i in range(n)")
        leak.trace.endless.append(Endless(0, site, iterated, "", 1000, True, loop))
        yield f"arrays: {iterated}", leak.trace


def of_two_specs() -> Named:
    def two(declared: list[Asked], given: list[Asked], asking: Asking, **fields: object) -> Trace:
        return asking.asks(*given, declared=tuple(declared), **fields).trace

    refused = {"conversion": -1, "failure": CONFLICT}
    for name, fields in (("", {}), (", refused", refused)):
        asking = Asking("x", "y")
        yield (
            f"other counts{name}",
            two([asking.spec("x", 4)], [asking.spec("x", 4), asking.spec("y", 4)], asking, **fields),
        )
        yield f"none declared{name}", two([], [asking.spec("x", 4, name="a")], asking, **fields)
        yield f"none given{name}", two([asking.spec("x", 4)], [], asking, **fields)
        x, y = asking.spec("x", -1, 4, name="x", line=20), asking.spec("y", 3, 4, name="y", line=21)
        others = [asking.spec("y", 3, 9, name="y", line=31), asking.spec("x", 7, 5, name="x", line=30)]
        yield f"in another order{name}", two([x, y], others, asking, **fields)
        rank = asking.spec("x", -1, 4, 4, line=30)
        yield f"other ranks{name}", two([x, y], [rank, y], asking, **fields)
        unknown = msgspec.structs.replace(x, site=-1, shape=(2, 4))
        yield f"made before{name}", two([unknown], [rank], asking, **fields)
        yield f"left out on purpose{name}", two([x, y], [msgspec.structs.replace(y, shape=(3, 5))], asking, **fields)
    yield "another failure", two([x], [x], asking, conversion=-1, failure=Failure("ValueError", "no room"))
    yield "not saved", two([x], [others[1]], asking, unsaved=Failure("ValueError", "no room"))


def of_saved_inputs() -> Named:
    for name, path, unsaved in (
        ("by place", "", None),
        ("by key", "['label']", None),
        ("refused", "", Failure("ValueError", "The feed_var is not involved in the target_vars")),
    ):
        asking = Asking("x", "inputs?")
        x, _ = asking.program.input("x", "S0; 4"), asking.program.input("label", "S1; 1")
        asking.program.conversion.outputs = (asking.program.op("pd_op.scale", (x,), "S0; 4"),)
        asking.asks(asking.spec("x", -1, 4), asking.spec("inputs", -1, 1, path=path, name="label"), unsaved=unsaved)
        yield name, asking.trace
        asking.asks(asking.spec("x", -1, 4), msgspec.structs.replace(asking.spec("label", -1, 1), site=-1))
        yield f"{name}, made before", asking.trace
    asking = Asking("image")
    asking.program.input("_jst.0.image.0", "100; 28")
    yield "no spec", asking.asks(given=None, cached=True, called=asking.sites[2]).trace


def of_signatures() -> Named:
    asking = Asking("x", "shift?", "mask?")
    yield "to another parameter", asking.asks(asking.spec("shift", -1, name="mask")).trace
    asking = Asking("inputs")
    given = (
        Asked("inputs", kind="dict"),
        asking.spec("inputs", 4, name="b", path="['a']"),
        asking.spec("inputs", 4, path="['b']"),
    )
    yield "to another key", asking.asks(*given).trace
    asking = Asking().refused("must be a list", kind="TypeError", given=None, instead="dict")
    yield "no list", asking.trace
    asking = Asking("x", "y").refused("requires", *(Asked("x", kind="int", text=text) for text in ("1", "4")))
    yield "a list of numbers", asking.trace
    asking = Asking("x").failed("argument 'x' must be Tensor, but got int")
    yield "a number", asking.asks(Asked("x", kind="int", text="4", site=asking.sites[2])).trace
    asking = Asking("x").failed("argument 'x' must be Tensor, but got tuple")
    yield "a tuple of numbers", asking.asks(Asked("x", kind="tuple", text="(1, 4)")).trace
    asking = Asking("x", "y")
    yield "sizes", asking.asks(asking.spec("x", -2, 4), asking.spec("y", 0, -3)).failed("no").trace
    asking = Asking("x", "y")
    yield "one number", asking.asks(asking.spec("x", -1, 8), asking.spec("y", -16)).trace
    asking = Asking("a", "b")
    yield (
        "too many",
        asking.refused("requires", *(asking.spec(name, 4, line=70 + len(name)) for name in ("a", "b", ""))).trace,
    )
    asking = Asking()
    yield "too many of none", asking.refused("requires", asking.spec("", 4)).trace
    for kind in ("dict", "OrderedDict", "tuple"):
        asking = Asking("x").failed(f"argument 'x' must be Tensor, but got {kind}")
        yield f"a {kind} for a tensor", asking.asks(Asked("x", kind=kind), asking.spec("x", 4, path="[0]")).trace
    call = FailedCall("paddle", "scale", 0, arguments=(Given("list"),))
    asking = Asking("x").failed("no", call)
    yield "a list that a call got", asking.asks(Asked("x", kind="list"), asking.spec("x", 4, path="[0]")).trace
    asking = Asking("x", "batch").failed("'paddle.base.Variable' object has no attribute 'keys'")
    stack = (asking.program.site(Site("/home/ann/net.py", 12, 4, 12, 20, "batch.keys()", "forward")),)
    failure = asking.program.conversion.failure
    assert failure is not None
    asking.program.conversion.failure = Failure(failure.type, failure.message, stack)
    yield "a tensor for a dict", asking.asks(asking.spec("x", 4), asking.spec("batch", 4)).trace
    asking = Asking("inputs")
    image = asking.program.input("image", "S0; 3")
    arguments = Given("Tensor", code="inputs", value=image, shape=(-1, 3)), Given("str", text="'image'")
    asking.failed("Valid index", FailedCall("paddle", "[]", asking.site(12, "use(x)"), arguments=arguments))
    yield "a tensor with a key", asking.asks(asking.spec("inputs", -1, 3, name="image")).trace
    asking = Asking("x", "mask", "scale?")
    yield "without", asking.refused("requires `mask`", asking.spec("x", -1, 4)).trace


def of_claims() -> Named:
    def claimed(shapes: str, *claims: tuple[str, ...], site: bool = True) -> Program:
        made = Program(Trace(), "forward")
        for place, (dims, told) in enumerate(zip(shapes.split(" | "), claims, strict=True)):
            made.input("xyz"[place], dims)
            given = made.conversion.inputs[place]
            shown = Site("/home/ann/net.py", 3 + place, 0, 3 + place, 9, f"spec({place})")
            where = made.site(shown) if site else -1
            made.conversion.inputs[place] = msgspec.structs.replace(given, claims=told, site=where)
        return made

    for site in (True, False):
        before = "" if site else ", made before"
        yield f"a size that is unknown{before}", claimed("S0; 4", ("3", "4"), site=site).trace
        yield f"a size that is another{before}", claimed("5; 4", ("3", "4"), site=site).trace
        yield f"a name that is fixed{before}", claimed("5; 4", ("B", "-1"), site=site).trace
        yield f"one name, two sizes{before}", claimed("S0; 4 | 7; 4", ("B", "-1"), ("B", "-1"), site=site).trace
    yield "one name, two numbers", claimed("5 | 7", ("B",), ("B",)).trace
    yield "one name on two axes", claimed("S0; S0", ("B", "B")).trace
    made = claimed("S0; S1", ("B", "B"))
    bent = made.op("pd_op.other", (0,), "Add(S1, 1); S1")
    made.line = 12
    made.op("pd_op.add", (0, bent), "S0; S1")
    yield "one name on axes that an op makes differ", made.trace
    made = claimed("S0; S1; 4 | S2; 4; 5", ("B", "N", "-1"), ("B", "-1", "-1"))
    made.op("pd_op.matmul", (0, 1), "S0; S1; 5")
    yield "one name on axes that fit", made.trace
    for name, dims in (("B", "S0; 12"), ("B=1..8", "S0; 12"), ("B=4*k", "S0; 12")):
        made = claimed(dims, (name, "-1"))
        table = made.op("builtin.parameter", (), "7; 12", named="w")
        made.line = 12
        made.op("pd_op.add", (0, table), "7; 12")
        yield f"an op that fixes {name}", made.trace
    for result, shape in (
        ("1; 48", (1, 48)),
        ("11; 1; 4", (11, 1, 4)),
        ("S0; 12", (-1, 12)),
        ("2; Mul(S0, S1, 2)", (2, -1)),
    ):
        made = claimed("S0; S1; 4", ("B", "N", "-1"))
        reshaped = made.op("pd_op.reshape", (0, made.constant("1; 2")), result)
        made.conversion.values[reshaped].shape = shape
        made.conversion.outputs = (reshaped,)
        yield f"a reshape to {result}", made.trace
    leak = Leak()
    leak.program.conversion.inputs[0] = msgspec.structs.replace(
        leak.program.conversion.inputs[0], claims=("B", "N", "8")
    )
    leak.used("op", leak.computed(-8, "*", DimRef(leak.n), 8), op="full", argument="fill_value")
    leak.program.conversion.outputs = (leak.program.op("pd_op.full", (), "1; S1"),)
    yield "a leak of which no output shows anything", leak.trace


def of_misfits() -> Named:
    def failed(call: FailedCall, message: str, leak: Leak, kind: str = "ValueError") -> Trace:
        return leak.failed(message, call=call, kind=kind).trace

    def of(
        leak: Leak, api: str, *given: Given, op: str = "", operands: tuple[Given, ...] = (), code: str = "use(n)"
    ) -> FailedCall:
        return FailedCall("paddle", api, leak.site(40, code), op, given, operands, "/Net/Head/")

    words = "(InvalidArgument) The shapes do not go together. [Hint: no] (at /x.cc:3)"
    index = Given("tuple", "item", items=(Given("slice"), number(9), Given("slice"), Given("slice")))
    for code in ("x", ""):
        leak = Leak()
        x = tensor(-1, -1, 8, name="x", code=code, value=leak.x)
        unknown = tensor(-1, 4)
        for axis in ("3", "-4"):
            given = Given("int", "axis", axis)
            yield f"axis {axis} of {code}", failed(of(leak, "sum", x, given), words, leak)
            yield f"unsqueeze at {axis} of {code}", failed(of(leak, "unsqueeze", x, given), words, leak)
        yield f"unsqueeze at 4 of {code}", failed(of(leak, "unsqueeze", x, number(4, "axis")), words, leak)
        yield (
            f"axes of {code}",
            failed(of(leak, "flip", x, Given("list", "axis", items=(number(0), number(5)))), words, leak),
        )
        yield f"axis of a vector {code}", failed(of(leak, "sum", tensor(4), number(1, "axis")), words, leak)
        yield f"axis of no axes {code}", failed(of(leak, "sum", tensor(), number(0, "axis")), words, leak)
        yield (
            f"an index {code}",
            failed(of(leak, "[]", x, Given("tuple", items=(Given("slice"), Given("slice"), number(8)))), words, leak),
        )
        yield (
            f"an index below {code}",
            failed(of(leak, "[]", unknown, Given("tuple", items=(Given("slice"), number(-5)))), words, leak),
        )
        yield f"too many indices {code}", failed(of(leak, "[]", x, index), words, leak)
        yield f"one index {code}", failed(of(leak, "[]", tensor(3, 4, code=code), number(3)), words, leak)
        yield (
            f"a copied axis {code}",
            failed(of(leak, "reshape", x, Given("list", "shape", items=(*[number(2)] * 3, number(0)))), words, leak),
        )
        yield f"a clash {code}", failed(of(leak, "add", x, tensor(7, code=code and "table"), op="add"), words, leak)
        yield f"words of {code}", failed(of(leak, "fold", x, Given("list", items=(unknown,)), op="fold"), words, leak)
        bound = tensor(2, value=leak.program.input(f"offset{code}", "2"))
        yield (
            f"a bound {code}",
            failed(of(leak, "[]", x, op="reshape", operands=(bound,), code="x[:, :offset]"), words, leak),
        )
    leak = Leak()
    yield "words of another exception", failed(of(leak, "fold", x), words, leak, "KeyError")
    yield "words about something else", failed(of(leak, "fold", x), "no memory", leak)
    leak = Leak()
    leak.program.line, leak.program.file = 50, "/home/ann/net.py"
    weight = leak.program.op("builtin.parameter", (), "6; 5", named="linear_0.w_0")
    doubled = leak.program.op("pd_op.scale", (leak.x,), "S0; S1; 8")
    leak.program.line = 51
    moved = leak.program.op("pd_op.transpose", (doubled,), "S1; S0; 8", attrs={"perm": [1, 0, 2]})
    given = tensor(-1, -1, 8, code="moved", value=moved), Given("Tensor", text="parameter", shape=(6, 5), value=weight)
    yield "a product with a weight", failed(of(leak, "Linear", *given, op="matmul", operands=given), words, leak)
    given = tensor(-1, -1, 8, code="x.transpose([1, 0, 2])", value=moved), tensor(-1, 8, code="rest", value=doubled)
    yield "ranks", failed(of(leak, "concat", Given("list", items=given), op="concat"), words, leak)
    for times in (tensor(value=doubled, code="n", reads=(leak.site(21, "x.shape"),)), tensor(reads=(leak.site(21),))):
        for kind in ("list", "str"):
            leak.program.conversion.failure = None
            call = FailedCall("python", "*", leak.site(44, "k * n"), arguments=(Given(kind), times))
            yield f"a {kind} times {times.code}", failed(call, "no", leak, "TypeError")


def of_kinds() -> Named:
    base = "paddle.base.libpaddle.pir.Value"
    leak = Leak()
    x = tensor(-1, -1, 8, name="x", code="x", value=leak.x)

    def failed(
        api: str, given: tuple[Given, ...], message: str, kind: str = "TypeError", operands: tuple[Given, ...] = ()
    ) -> Trace:
        again = Leak()
        call = FailedCall("paddle", api, again.site(40, "use(n)"), api if operands else "", given, operands)
        return again.failed(message, call=call, kind=kind).trace

    def refused(wants: str, place: str = "") -> str:
        return f"f(): argument (position 2) must be {wants}, but got {base}{place}"

    for wants in ("double", "int", "bool", "list of int", "Value", "Tensor", "str"):
        for other in (
            tensor(4, name="size", code="n"),
            Given("list", "size", items=(number(1), tensor(code="n"), tensor())),
        ):
            yield f"{wants} and not {other.type}", failed("fold", (x, other), refused(wants), operands=(x, other))
            yield (
                f"{wants} and not {other.type} at 1",
                failed("fold", (x, other), refused(wants, " at pos 1"), operands=(x, other)),
            )
    many = Given("tuple", "size", items=tuple(tensor(code=f"n{place}") for place in range(6)))
    yield (
        "many tensors",
        failed("fold", (x, many), refused("list of int"), operands=(x, Given("list", items=many.items))),
    )
    yield (
        "an empty list",
        failed("fold", (x, Given("list", "size")), refused("list of int"), operands=(x, Given("list"))),
    )
    yield "an operand that nobody gave", failed("fold", (x,), refused("list of int"), operands=(x, Given("list")))
    yield (
        "an operator",
        failed("+", (x, Given("str", text="'a'")), refused("Tensor"), operands=(x, Given("str", text="'a'"))),
    )
    for kind in ("pad", "value"):
        yield (
            f"pad's {kind}",
            failed("nn.pad", (x, tensor(name=kind)), refused("double"), operands=(x, tensor(name=kind))),
        )
    for name, type in (
        ("Value", "Tensor"),
        ("Variable", "Tensor"),
        ("Tensor", "Tensor"),
        ("dict", "dict"),
        ("NoneType", "NoneType"),
    ):
        given = Given(type, "shape", value=leak.x if type == "Tensor" else -1)
        message = f"The shape should be a list, but received <class 'a.{name}'>"
        yield f"a type {name}", failed("expand", (x, given), message)
        yield (
            f"a checked type {name}",
            failed(
                "expand",
                (x, given),
                f"The type of 'shape' in expand must be <class 'int'>, but received <class 'a.{name}'>.",
            ),
        )
    for type in ("str", "int", "int32", "uint8", "Tensor", "float"):
        items = Given("list", "shape", items=(number(1), Given(type, text="4")))
        yield f"an element {type}", failed("reshape", (x, items), "no", "AssertionError")
    yield (
        "a long text",
        failed(
            "expand",
            (x, Given("str", "shape", "'" + "a" * 70 + "'")),
            "The shape should be a list, but received <class 'str'>",
        ),
    )


def of_numbers_that_leave() -> Named:
    for numpy in (False, True):
        leak = Leak()
        leak.used("float", leak.n, result="-1.0", op="float", code="float(n)", numpy=numpy)
        leak.used("int", leak.n, 41, op="int", code="int(n)", numpy=numpy)
        leak.used("index", leak.m, 42, op="index", code="np.zeros(\n  n)", numpy=numpy)
        leak.used("operand", leak.m, 43, op="*", code="n * 0.5", against="float", result="-0.5", numpy=numpy)
        leak.used("operand", leak.m, 44, op="*", code="n * [0]", against="list", result="[]", numpy=numpy)
        half = leak.computed(-0.5, "/", DimRef(leak.n), 2)  # type: ignore[arg-type]
        leak.used("op", half, 45, op="full", argument="fill_value", expression="n / 2", numpy=numpy)
        leak.used("refused", leak.n, 46, op="[]", error="IndexError", numpy=numpy)
        leak.used("refused", half, 47, op="zeros", error="ValueError", raised=0, numpy=numpy)
        yield f"numpy {numpy}", leak.trace
    leak = Leak()
    leak.used("hash", leak.n, code="table[n]").used("text", leak.m, 41, code="f'{n}'")
    leak.used("text", leak.m, 42, code="print(n)", message=True).used("subscript", leak.n, 43, container="list")
    leak.used("operand", leak.n, 44, against="str", op="*").used("range", leak.n, 45, result="0")
    leak.used("stored", leak.m, 46, op="Net.batch")
    yield "keys and texts", leak.trace
    leak = Leak()
    for line, (sign, against) in enumerate(
        (("__add__", "+"), ("__rsub__", "-"), ("__truediv__", "/"), ("__rpow__", "**"), ("__and__", "&"))
    ):
        dim = leak.computed(-8, "*", DimRef(leak.n), 8)
        leak.used("op", dim, 50 + line, code=f"x {against} n", op=sign, expression="n * 8")
    for line, code in enumerate(("x[n * 8]", "x[1:n * 8]", "x[0, n * 8]", "take(x)", "x[")):
        dim = leak.computed(-8, "*", DimRef(leak.n), 8)
        leak.used("op", dim, 60 + line, code=code, op="__getitem__", expression="n * 8", index=1 if "," in code else 0)
    yield "operators", leak.trace


def of_paddles_own_code() -> Named:
    for api in ("kl_div", "tensor_split"):
        for ended in (False, True):
            leak = Leak()
            leak.trace.skips[0] = Skip("paddle-api", api, called=0)
            eight = leak.computed(-8, "*", DimRef(leak.n), 8)
            leak.used("op", eight, op="full", argument="shape", index=0, operation="full", arguments=("-8",))
            leak.used("op", leak.m, 41, op="divide", argument="")
            leak.used("compare", leak.n, 42, op=">", arguments=("3",), result="False", context="paddle")
            leak.used("truth", leak.m, 43, result="True", context="paddle")
            if ended:
                leak.failed("no", 42, FailedCall("paddle", api, leak.site(42, "use(n)")))
            yield f"{api}, ended {ended}", leak.trace


def of_dims_that_are_tensors() -> Named:
    for kind in ("lookup", "text", "isinstance", "truth"):
        for code in ("n", "x.shape", "tuple(x.shape)", "list(x.shape)", ""):
            leak = Leak()
            width = leak.program.read(leak.x, "S0; S1; 8", 1, "S1")
            given = tensor(value=width, code=code, reads=(leak.site(21, "x.shape"),))
            leak.trace.tensor_uses.append(TensorUse(kind, 0, leak.site(44, "use(\n  n)"), given, "1, 2", "/Net/"))  # type: ignore[arg-type]
            yield f"{kind} of {code}", leak.trace
    for rewritten in (True, False):
        for code in ("n", ""):
            leak = Leak()
            width = leak.program.read(leak.x, "S0; S1; 8", 1, "S1")
            given = tensor(value=width, code=code, reads=(leak.site(21, "x.shape"),))
            call = FailedCall(
                "python",
                ".max",
                leak.site(44, "max(\n  n)"),
                arguments=(number(1), Given("list", items=(given,))),
                layer="/Net/",
                rewritten=rewritten,
            )
            leak.trace.tensor_uses.append(TensorUse("truth", 0, call.site, given))
            yield f"max of {code}, rewritten {rewritten}", leak.failed("no", 44, call).trace


def of_other_failures() -> Named:
    for api in ("LSTM", "nn.LSTM", "+", ""):
        leak = Leak()
        x = tensor(-1, -1, 8, name="x", value=leak.x)
        many = Given("list", items=(*[tensor(4, code="k", value=-1)] * 4, tensor(2, code="k" * 70, name="n")))
        for given in ((), (x,), (x, many), (number(1),)):
            call = FailedCall("paddle", api, leak.site(44, "x +\n  y"), arguments=given, layer="/Net/")
            yield (
                f"{api} of {', '.join(item.type for item in given)}",
                leak.failed("it `is` so", 44, call, "KeyError").trace,
            )
    leak = Leak().failed("", kind="StopIteration")
    leak.program.conversion.failure = Failure("StopIteration", "", (), None, "/Net/")
    yield "no line", leak.trace
    for refused in (True, False):
        asking = Asking("x")
        asking.asks(asking.spec("x", 4))
        failure = Failure("OSError", "no room")
        asking.trace.requests[0] = msgspec.structs.replace(
            asking.request, conversion=-1, **{"failure" if refused else "unsaved": failure}
        )
        yield f"refused {refused}", asking.trace


def of_sizes_that_ops_fix() -> Named:
    def made(dims: str) -> Program:
        """A program with a tensor of these dims, which is its last."""
        program = Program(Trace(), "forward")
        program.input("x", "S0; S1" if "(" in dims else dims)
        if "(" in dims:
            program.op("pd_op.other", (0,), dims)
        program.line = 12
        return program

    def last(program: Program) -> int:
        return len(program.conversion.values) - 1

    def reshaped(program: Program, dims: str, *shape: int) -> Trace:
        given = last(program), program.constant("; ".join(map(str, shape)))
        value = program.op("pd_op.reshape", given, dims)
        program.conversion.values[value].shape = shape
        return program.trace

    for shape in ((6, 4), (1, 24), (6, 5), (1 << 9, 1 << 9)):
        yield f"a reshape to {shape}", reshaped(made("S0; 4"), "; ".join(map(str, shape)), *shape)
        yield f"a reshape of a sum to {shape}", reshaped(made("Add(S0, S0); 4"), "; ".join(map(str, shape)), *shape)
    for shape in ((-1, 7), (-1, 4), (-1, 8), (-1, -1, 7)):
        yield f"a reshape to {shape}", reshaped(made("S0; 4"), "; ".join(["Mul(S0, 4)"] * len(shape)), *shape)
    yield "a reshape of two", reshaped(made("S0; S1"), "6; 4", 6, 4)
    yield "a reshape that divides by its size", reshaped(made("Div(8, Sub(S0, 1))"), "4", 4)
    program = made("S0; 4")
    program.conversion.values[0].dims = None
    yield "a reshape of something unknown", reshaped(program, "6; 4", 6, 4)
    for dim, constant in (
        ("S0", 12),
        ("S0", 1),
        ("Mul(S0, 2)", 7),
        ("Div(S0, 4)", 3),
        ("Max(S0, 9)", 9),
        ("Mul(S0, S1)", 12),
    ):
        program = made(dim)
        bent = last(program)
        table = program.op("builtin.parameter", (), str(constant), named="w")
        for line in (12, 13, 14, 15, 16):
            program.line = line
            program.op("pd_op.add", (bent, table) if line % 2 else (table, bent), str(constant))
        yield f"{dim} and {constant}", program.trace
    for operand, result in (("S0; 4", "6; 4"), ("S0", "3; 6"), ("Mul(S0, 2)", "6"), ("S0; 4", "S0; 4"), ("4", "4")):
        for api in ("", "expand_as", "take_along_axis"):
            program = made(operand)
            bent = last(program)
            program.op("pd_op.expand", (bent, program.constant(result.replace("S0", "-1"))), result)
            program.conversion.ops[-1].api = api
            program.op("pd_op.expand", (bent, program.constant(result.replace("S0", "-1"))), result)
            program.conversion.ops[-1].api = api
            yield f"{operand} expanded to {result} by {api or 'nobody'}", program.trace
    program = made("S0; 4")
    program.op("pd_op.expand", (), "6; 4")
    program.op("pd_op.expand", (-1,), "6; 4")
    program.op("pd_op.reshape", (-1,), "6; 4")
    yield "ops of nothing", program.trace


def of_dims_that_paddle_loses() -> Named:
    for data, result, code in (
        ("1; -1", "1; Mul(S0, 28)", "scores.reshape([n, -1])"),
        ("1; -1", "1; Mul(S0, 28)", "scores.reshape([1, -1])"),
        ("-1; 28", "S0; 28", "scores.reshape([-1, 28])"),
        ("0; 28", "S0; 28", "scores.reshape([0, 28])"),
        ("1; 28", "1; 28", "paddle.reshape(scores, shape=(n, 28))"),
        ("1; 28", "1; 28", "reshape_(scores, sizes)"),
    ):
        for between in (False, True):
            program = Program(Trace(), "forward")
            x = program.input("x", "S0; 4; 5")
            table = program.op("builtin.parameter", (), "1; 5; 7", named="w")
            program.line = 11
            scores = program.op("pd_op.matmul", (x, table), "S0; 4; 7")
            program.conversion.values[scores].shape = (1, 4, 7)
            if between:
                scores = program.op("pd_op.relu", (scores,), "S0; 4; 7")
                program.conversion.values[scores].shape = (1, 4, 7)
            program.line = 12
            shape = program.constant(data)
            program.op("pd_op.reshape", (scores, shape), result)
            program.trace.sites[program.conversion.ops[-1].stack[0]] = Site(program.file, 12, code=code, function="f")
            yield f"{code} to {data}, {between}", program.trace
            program.line = 13
            program.op("pd_op.add", (scores, program.op("builtin.parameter", (), "3; 4; 7", named="v")), "3; 4; 7")
            yield f"{code} to {data}, {between}, and met", program.trace


def of_decisions() -> Named:
    for context in ("", "branch", "loop", "assert", "check", "guard", "asks"):
        leak = Leak()
        three = leak.computed(-3, "*", DimRef(leak.n), 3)
        same = leak.computed(0, "-", DimRef(leak.n), DimRef(leak.n))
        for line, (dim, sign, against, other, result) in enumerate(
            (
                (leak.n, ">", "4", -1, "False"),
                (leak.n, "==", "-1", -1, "True"),
                (leak.n, "<", "0", -1, "True"),
                (leak.n, "!=", "None", -1, "True"),
                (leak.n, "==", "str", -1, "False"),
                (three, "<=", "96", -1, "True"),
                (three, "!=", "-3", -1, "False"),
                (same, ">=", "0", -1, "True"),
                (leak.m, "<", "", leak.n, "False"),
                (three, ">", "", leak.m, "False"),
            )
        ):
            code = f"use({line},\n  n)" if line % 2 else "n > m"
            leak.used(
                "compare",
                dim,
                60 + line,
                code,
                op=sign,
                arguments=(against,),
                other=other,
                result=result,
                context=context,
            )
        leak.used("truth", leak.n, 80, "n", result="True", context=context)
        leak.used("truth", same, 81, "n - n", result="False", context=context)
        leak.used("range", three, 82, "range(n)", result="0").used("range", same, 83, "range(n)", result="0")
        leak.used("subscript", same, 84, container="list").used("operand", same, 85, against="list", op="*")
        yield f"in a {context or 'test'}", leak.trace
        failed = FailedCall("python", "assert", leak.site(60, "n > m"))
        yield f"in a {context or 'test'} that ended it", leak.failed("", 60, failed, "AssertionError").trace


GROUPS: dict[str, Callable[[], Named]] = {
    name.removeprefix("of_"): made for name, made in list(globals().items()) if name.startswith("of_")
}


def seen(group: str) -> str:
    """The findings of a group's traces, as its file has them."""
    found = {}
    for name, trace in GROUPS[group]():
        trace.findings = rules.check(trace)
        found[name] = [whole_findings.told(trace, finding) for finding in trace.findings]
    return whole_findings.laid_out(found) + "\n"


if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1])]
    GOLDEN.mkdir(exist_ok=True)
    for written in GROUPS:
        (GOLDEN / f"{written}.json").write_text(seen(written), encoding="utf-8")
