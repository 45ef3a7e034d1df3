"""What stands beside a line, on programs written by hand."""

from __future__ import annotations

import textwrap

import pytest

from example_traces import Program, leaky_trace
from shapetrace import Trace
from shapetrace.annotated import File, annotate
from shapetrace.annotated.statements import parsed
from shapetrace.trace import DimRecord, Failure, Op, Site, Skip

FILE = "/home/ann/net.py"


class Written:
    """A program whose ops stand on lines of a source text: `at(line, …)` for a stack of lines."""

    def __init__(self, source: str = "") -> None:
        self.trace = Trace()
        self.program = Program(self.trace, "Net.forward")
        if source:
            self.trace.files[FILE] = textwrap.dedent(source).lstrip("\n")
        self.outside = self.program.site(Site("/home/ann/export.py", 3, function="<module>"))
        self.x = self.stacked(self.program.input("x", "S0; 3"), (self.outside,))

    def stacked(self, value: int, stack: tuple[int, ...]) -> int:
        conversion = self.program.conversion
        index = conversion.values[value].op
        op = conversion.ops[index]
        conversion.ops[index] = Op(op.name, op.inputs, op.outputs, op.attrs, op.layer, stack, op.parent, op.block)
        return value

    def at(self, *lines: int, takes: int = 0, dims: str = "S0; 3", functions: tuple[str, ...] = ()) -> int:
        names = functions or ("forward", "inner", "innermost")
        sites = [self.program.site(Site(FILE, line, function=name)) for line, name in zip(lines, names, strict=False)]
        return self.stacked(self.program.op("pd_op.relu", (takes,), dims), (self.outside, *sites))

    def file(self) -> File:
        (file,) = (file for file in annotate(self.trace) if file.path == FILE)
        return file

    def told(self) -> dict[int, list[str]]:
        """Line to what it makes, as `name: [shape] count`."""
        return {
            number: [
                f"{made.name}: [{', '.join(size.text for size in made.shape)}] {len(made.tensors)}"
                for made in line.makes
            ]
            for number, line in self.file().lines.items()
        }


def test_a_line_makes_what_is_used_elsewhere() -> None:
    net = Written("""
        def forward(self, x):
            y = f(f(x))
            return y * 2
    """)
    between = net.at(2, takes=net.x, dims="S0; 4")
    y = net.at(2, takes=between)
    net.program.conversion.outputs = (net.at(3, takes=y, dims="S0; 5"),)

    assert net.told() == {2: ["y: [x[0], 3] 1"], 3: ["return: [x[0], 5] 1"]}


def test_a_call_makes_what_leaves_the_function() -> None:
    net = Written("""
        def forward(self, x):
            y = inner(x)
            return y

        def inner(x):
            z = f(x)
            return f(z)
    """)
    z = net.at(2, 6, takes=net.x, dims="S0; 7")
    net.program.conversion.outputs = (net.at(2, 7, takes=z),)

    assert net.told() == {2: ["y: [x[0], 3] 1"], 6: ["z: [x[0], 7] 1"], 7: ["return: [x[0], 3] 1"]}


def test_inputs_without_a_stack_are_made_by_no_line() -> None:
    net = Written("""
        def forward(self, x):
            y = f(x)
            return y
    """)
    net.stacked(net.x, ())
    net.program.conversion.site = net.program.site(Site(FILE, 1, function="forward"))
    net.program.conversion.outputs = (net.at(2, takes=net.x), net.at(2, takes=net.x, dims="S0; 4"))

    assert net.told() == {2: ["y: [x[0], 3] 1", "y: [x[0], 4] 1"]}


def test_calls_of_one_line_are_folded() -> None:
    net = Written("""
        def forward(self, x):
            for layer in self.layers:
                x = layer(x)
                keep(x)
            return x

        def inner(x):
            return f(g(x))
    """)
    x = net.x
    for _ in range(3):
        x = net.at(3, 8, takes=x)
        x = net.at(4, takes=x, dims="S0; 9")
    net.program.conversion.outputs = (x,)

    assert net.told() == {3: ["x: [x[0], 3] 3"], 4: [": [x[0], 9] 3"], 8: ["return: [x[0], 3] 3"]}


def test_the_head_of_a_branch_makes_nothing_of_its_own() -> None:
    net = Written("""
        def forward(self, x):
            if x.max() > 0:
                x = f(x)
            return g(x)
    """)
    inside = net.at(2, 3, takes=net.x, functions=("forward", "forward"))
    net.program.conversion.outputs = (net.at(4, takes=inside),)

    assert net.told() == {3: ["x: [x[0], 3] 1"], 4: ["return: [x[0], 3] 1"]}


def test_a_conditional_expression_makes_nothing_of_its_own() -> None:
    net = Written("""
        def forward(self, x):
            return f(x) if x.max() > 0 else x
    """)
    asked = net.at(2, takes=net.x, dims="")
    chosen = net.program.op("pd_op.if", (asked,), "S0; 3")
    net.stacked(chosen, ())
    net.program.parent = net.program.conversion.values[chosen].op
    net.at(2, takes=net.x)
    net.program.parent = -1
    net.program.conversion.outputs = (net.at(2, takes=chosen, dims="S0; 5"),)

    assert net.told() == {2: ["return: [x[0], 5] 1"]}


def test_several_targets_are_named_where_one_op_made_them_all() -> None:
    net = Written("""
        def forward(self, x):
            a, b = x.split(2)
            c, d = f(x), g(b)
            e, h = pair(x)
    """)
    op = net.program.conversion.values[net.at(2, takes=net.x)].op
    made = net.program.conversion.ops[op]
    other = net.program.value(op, "S0; 8")
    net.program.conversion.ops[op] = Op(made.name, made.inputs, (*made.outputs, other), stack=made.stack)
    taken = [net.at(3, takes=made.outputs[0], dims="S0; 5"), net.at(3, takes=other, dims="S0; 6")]
    taken += [net.at(4, takes=each) for each in taken]
    net.program.conversion.outputs = tuple(taken)

    assert net.told() == {
        2: ["a: [x[0], 3] 1", "b: [x[0], 8] 1"],
        3: ["c: [x[0], 5] 1", "d: [x[0], 6] 1"],
        4: [": [x[0], 3] 2"],
    }


def test_a_statement_that_was_not_done_makes_nothing() -> None:
    net = Written("""
        def forward(self, x):
            y = f(x)
            z = y.reshape([n, f(y)])
    """)
    y = net.at(2, takes=net.x)
    net.at(3, takes=y)
    assert net.told()[3] == ["z: [x[0], 3] 1"]

    stack = net.program.conversion.ops[-1].stack
    net.program.conversion.failure = Failure("ValueError", "no", stack)

    assert net.told() == {2: ["y: [x[0], 3] 1"]}


def test_functions_that_no_conversion_came_by_and_that_were_run_as_they_stand() -> None:
    net = Written("""
        class Net:
            def __init__(self):
                self.inner = partial(inner)

            def forward(self, x):
                return self.inner(x)

        def inner(x):
            return f(x)
    """)
    net.program.conversion.outputs = (net.at(6, 9, takes=net.x),)
    net.trace.skips.append(Skip("partial", "inner", defined=net.program.site(Site(FILE, 8, function="inner"))))

    file = net.file()

    assert [(function.name, state) for function, state in file.functions] == [
        ("Net.__init__", "unseen"),
        ("Net.forward", ""),
        ("inner", "as-is"),
    ]
    assert file.states() == {2: "unseen", 3: "unseen", 8: "as-is", 9: "as-is"}


def test_a_trace_without_source_has_lines_without_names() -> None:
    net = Written()
    net.program.conversion.outputs = (net.at(7, takes=net.x),)

    assert net.file().text == []
    assert net.told() == {7: [": [x[0], 3] 1"]}


def test_a_read_has_its_number_and_what_it_stands_for() -> None:
    net = Written("def forward(self, x):\n    n = x.shape[0]\n")
    site = net.program.site(Site(FILE, 2, 8, 2, 18, "x.shape[0]", "forward"))
    net.trace.dims.append(DimRecord(-1, "read", (), 0, net.x, 0, site, name="n"))

    (read,) = net.file().lines[2].reads

    assert (read.name, read.value, read.meant.text, read.meant.roots, read.tensor) == (
        "n", "-1", "x[0]", ("x[0]",), (0, net.x, 0))  # fmt: skip


def test_files_with_findings_come_first_and_libraries_are_told() -> None:
    files = annotate(leaky_trace())

    assert any(line.findings for line in files[0].lines.values())
    assert not files[0].library
    assert File("/usr/lib/python3/dist-packages/net/model.py", []).library
    assert File("C:\\env\\site-packages\\net\\model.py", []).library


@pytest.mark.parametrize("text", ["def f(:\n", "(" * 5000, "\0", "x = 1\n" * 3 + "é = '\ud800'"])
def test_what_is_no_python_has_no_statements(text: str) -> None:
    source = parsed(text)

    assert source.at(2).first == 2
    assert source.function_at(1) is None


def test_a_line_belongs_to_the_whole_statement() -> None:
    source = parsed(
        "y = f(\n    x,\n)\nself.scale: int = 2\nwhile (\n    x\n):\n    x += 1\nreturn_ = a[0]\na[0] = 1\n"
    )

    assert [source.at(line).first for line in range(1, 11)] == [1, 1, 1, 4, 5, 5, 7, 8, 9, 10]
    assert [source.at(line).targets for line in (2, 4, 5, 8, 10)] == [("y",), ("self.scale",), (), ("x",), ()]
    assert source.at(6).ends == 8
