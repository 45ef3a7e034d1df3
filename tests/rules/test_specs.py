"""ST901 to ST906: what was asked for, in traces written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from example_traces import Program
from shapetrace import Trace, rules
from shapetrace.trace import Asked, Conversion, DimRecord, FailedCall, Failure, Finding, Given, Parameter, Request, Site

FILE = "/home/ann/net.py"


class Asking:
    """A trace in which a program of `Net.forward` was asked for.

    Attributes:
        trace: The trace.
        sites: Places in it: the function's definition, the call that asked, and an earlier call of the layer.
    """

    def __init__(self, *parameters: str, takes_more: bool = False) -> None:
        self.trace = Trace(shapetrace="1.0.0", paddle="3.3.1", python="3.11.9")
        self.program = Program(self.trace, "Net.forward")
        self.sites = [self.site(8, "def forward(...):"), self.site(60, "paddle.jit.save(...)"), self.site(50, "net(x)")]
        named = tuple(Parameter(name.rstrip("?"), not name.endswith("?")) for name in parameters)
        self.request = Request("Net.forward", self.sites[0], self.sites[1], True, named, takes_more)

    def site(self, line: int, code: str) -> int:
        return self.program.site(Site(FILE, line, 0, line, len(code), code, "forward"))

    def written(self, folder: Path, line: str) -> int:
        """The definition of a function of `feats` in a real file, with a line in it."""
        file = folder / "net.py"
        file.write_text(f"class Net:\n    def forward(self, feats):\n{line}\n")
        head = "def forward(self, feats):"
        return self.program.site(Site(str(file), 2, 4, 2, 4 + len(head), head, "forward"))

    def spec(self, parameter: str, *shape: int, name: str = "", path: str = "", line: int = 61) -> Asked:
        return Asked(
            parameter, path, name=name, shape=shape, dtype="float32", site=self.site(line, f"InputSpec({name})")
        )

    def asks(self, *given: Asked, **fields: Any) -> Asking:
        """The request, as it was answered."""
        self.request = msgspec.structs.replace(self.request, **{"given": given, "conversion": 0, **fields})
        self.trace.requests = [self.request]
        return self

    def refused(self, message: str, *given: Asked, kind: str = "ValueError", **fields: Any) -> Asking:
        """The request, which Paddle refused before anything was built."""
        return self.asks(*given, conversion=-1, failure=Failure(kind, message), **fields)

    def failed(self, message: str, call: FailedCall | None = None, kind: str = "TypeError") -> Asking:
        """The conversion ended with an exception."""
        self.program.conversion.failure = Failure(kind, message, (self.site(12, "use(x)"),), call)
        return self

    def found(self) -> list[Finding]:
        return [each for each in rules.check(self.trace) if each.rule.startswith("ST9")]

    def told(self) -> list[tuple[str, str, str]]:
        return [(each.rule, each.severity, each.message) for each in self.found()]


class TestTheParameterASpecGoesTo:
    def test_is_that_of_its_place(self) -> None:
        asking = Asking("x", "shift?", "mask?")
        asking.asks(asking.spec("x", -1, 4, name="x"), asking.spec("shift", -1, 4, name="mask", line=62))
        (finding,) = asking.found()
        assert (finding.rule, finding.severity) == ("ST901", "error")
        assert finding.message == "the spec named mask goes to shift, not to mask"
        assert finding.sink is not None and finding.source is not None
        assert (finding.sink.line, finding.source.line) == (62, 8)

    def test_is_not_told_to_go_where_its_twin_is(self) -> None:
        asking = Asking("x", "y")
        asking.asks(asking.spec("x", -1, 4, name="x"), asking.spec("y", -1, 4, name="x"))
        (finding,) = asking.found()
        assert finding.message == "two specs are named x: that of x, and that of y"
        assert finding.fix is not None and finding.fix.says == 'name it as its parameter: InputSpec(..., name="y")'

    def test_is_that_of_its_key_in_a_dict(self) -> None:
        asking = Asking("inputs")
        image = asking.spec("inputs", -1, 4, name="scale", path="['image']")
        asking.asks(Asked("inputs", kind="dict"), image, asking.spec("inputs", -1, 2, path="['scale']"))
        assert asking.told() == [("ST901", "error", "the spec named scale goes to image, not to scale")]

    @pytest.mark.parametrize("name", ["", "x", "picture"])
    def test_may_be_called_anything_else(self, name: str) -> None:
        asking = Asking("x", "mask?")
        assert asking.asks(asking.spec("x", -1, 4, name=name)).told() == []

    def test_is_told_once_of_a_program_that_is_asked_for_twice(self) -> None:
        asking = Asking("x", "mask?")
        asking.asks(asking.spec("x", -1, 4, name="mask"))
        asking.trace.requests *= 2
        (finding,) = asking.found()
        assert finding.count == 1


class TestAnInputThatIsNotUsed:
    def asking(self, path: str = "") -> Asking:
        asking = Asking("x", "label?")
        self.x, self.label = asking.program.input("x", "S0; 4"), asking.program.input("label", "S1; 1")
        self.doubled = asking.program.op("pd_op.scale", (self.x,), "S0; 4")
        asking.program.conversion.outputs = (self.doubled,)
        return asking.asks(asking.spec("x", -1, 4), asking.spec("label" if not path else "inputs", -1, 1, path=path))

    def test_is_missed_by_who_feeds_by_place(self) -> None:
        (finding,) = self.asking().found()
        assert (finding.rule, finding.severity) == ("ST902", "warning")
        assert finding.message == "no result depends on the input label: the exported model has it not"
        assert finding.notes == ("the export has these inputs: x; who feeds it by place feeds the wrong ones",)

    def test_is_a_note_where_it_is_fed_by_its_key(self) -> None:
        asking = self.asking("['label']")
        asking.trace.requests[0].parameters += (Parameter("inputs"),)
        assert [each.severity for each in asking.found()] == ["note"]

    def test_is_an_error_where_paddle_does_not_save_it(self) -> None:
        asking = self.asking()
        asking.trace.requests[0].unsaved = Failure("ValueError", "The feed_var is not involved in the target_vars")
        assert asking.told() == [("ST902", "error", "no result depends on the input label: Paddle does not save it")]
        assert "ST809" not in [each.rule for each in rules.check(asking.trace)]

    def test_is_none_if_it_is_left_out_where_the_program_is_saved(self) -> None:
        asking = self.asking()
        declared = asking.request.given
        asking.asks(asking.spec("x", -1, 4, name="x"), declared=declared)
        assert asking.told() == []

    def test_is_none_if_a_block_reads_it(self) -> None:
        asking = self.asking()
        program = asking.program
        result = program.op("pd_op.if", (self.doubled,), "S0; 4")
        program.parent = len(program.conversion.ops) - 1
        program.op("pd_op.add", (self.doubled, self.label), "S0; 4")
        program.conversion.outputs = (result,)
        assert asking.told() == []

    def test_is_none_if_a_loop_writes_it_into_an_array_that_is_used(self) -> None:
        asking = self.asking()
        program = asking.program
        array = program.op("pd_op.create_array", (), "")
        program.op("pd_op.while", (self.label,), "S1; 1")
        program.parent = len(program.conversion.ops) - 1
        inside = program.op("pd_op.relu", (self.doubled,), "S0; 4")
        program.op("pd_op.array_write_", (array, inside), "")
        program.parent = -1
        program.conversion.outputs = (program.op("pd_op.slice_array_dense", (array,), "S0; 4"), self.doubled)
        assert asking.told() == []

    def test_is_one_if_only_what_nobody_wants_reads_it(self) -> None:
        asking = self.asking()
        asking.program.op("pd_op.mean", (self.label,), "")
        assert [each.rule for each in asking.found()] == ["ST902"]

    def test_is_none_if_the_program_prints_it(self) -> None:
        asking = self.asking()
        asking.program.op("pd_op.print", (self.label,), "S1; 1")
        assert asking.told() == []

    def test_is_none_if_python_has_read_a_dim_of_it_which_other_rules_tell_of(self) -> None:
        asking = self.asking()
        asking.trace.dims.append(DimRecord(-1, "read", (), 0, self.label, 0, asking.sites[0]))
        assert asking.told() == []

    def test_matters_to_programs_that_are_saved(self) -> None:
        asking = self.asking()
        asking.trace.requests[0].saves = False
        assert asking.told() == []


class TestNoSpec:
    def asking(self, **fields: Any) -> Asking:
        asking = Asking("image", "label?")
        asking.program.input("_jst.0.image.0", "100; 28")
        asking.program.input("_jst.1.label.0", "100; 1")
        return asking.asks(given=None, cached=True, called=asking.sites[2], **fields)

    def test_takes_the_shapes_of_an_earlier_call(self) -> None:
        (finding,) = self.asking().found()
        told = "no spec is given, so the export has the inputs of an earlier call: image [100, 28] and label [100, 1]"
        assert (finding.rule, finding.severity, finding.message) == ("ST903", "warning", told)
        assert finding.sink is not None and finding.source is not None
        assert (finding.sink.line, finding.source.line) == (60, 50)

    def test_is_none_where_the_function_has_one(self) -> None:
        assert self.asking(declared=(Asked("image", shape=(-1, 28)),)).told() == []

    def test_is_told_where_paddle_has_made_specs_of_the_call(self) -> None:
        declared = (Asked("image", name="_jst.0.image.0", shape=(100, 28)), Asked("label", name="_jst.1.label.0"))
        asking = self.asking(declared=declared)
        asking.trace.requests[0].cached = False
        assert [rule for rule, _, _ in asking.told()] == ["ST903"]

    def test_is_no_matter_of_programs_that_are_not_saved(self) -> None:
        assert self.asking(saves=False).told() == []


class TestASpecThatNoTensorHas:
    def test_has_a_size_below_zero(self) -> None:
        asking = Asking("x", "offset", "required")
        asking.asks(asking.spec("x", -1, 8), asking.spec("offset", 0), asking.spec("required", -16))
        assert asking.told() == [
            ("ST904", "error", "the spec of offset is [0]: that is a tensor without elements"),
            ("ST904", "error", "the spec of required is [-16]: no tensor has a size of -16"),
        ]

    def test_explains_what_its_input_is_refused_for(self) -> None:
        asking = Asking("x", "required")
        value = asking.program.op("pd_op.scale", (asking.program.input("required", "-16"),), "-16")
        call = FailedCall("paddle", "slice", asking.site(12, "use(x)"), arguments=(Given("Tensor", value=value),))
        message = "slice(): argument (position 1) must be list of int, but got Tensor"
        call = msgspec.structs.replace(call, operands=call.arguments)
        asking.failed(message, call).asks(asking.spec("x", -1, 8), asking.spec("required", -16))
        assert [each.rule for each in rules.check(asking.trace)] == ["ST904"]
        asking.asks(asking.spec("x", -1, 8), asking.spec("required", 16))
        assert [each.rule for each in rules.check(asking.trace)] == ["ST703"]

    def test_may_be_empty_where_that_works(self) -> None:
        asking = Asking("x", "cache")
        assert asking.asks(asking.spec("x", -1, 8), asking.spec("cache", 0)).told() == []

    def test_is_a_list_of_numbers(self) -> None:
        asking = Asking("x").failed("flatten(): argument 'x' must be Tensor, but got list")
        asking.asks(Asked("x", kind="list", text="[1, 4]"), Asked("x", "[0]", "int", text="1"))
        (finding,) = asking.found()
        assert finding.message == "the spec of x is [1, 4], which the function gets as it is, and not a tensor"
        assert finding.fix is not None and finding.fix.says == "a tensor is described by InputSpec([1, 4])"

    def test_is_a_list_of_numbers_of_which_nothing_was_made(self) -> None:
        asking = Asking("x")
        asking.asks(
            Asked("x", kind="list", text="[None, 8]"),
            Asked("x", "[1]", "int", text="8"),
            unsaved=Failure("ValueError", "program must not be empty. at least one operator is required!"),
        )
        message = "the spec of x is [None, 8], which the function gets as it is, and not a tensor"
        assert asking.told() == [("ST904", "error", message)]
        assert [each.rule for each in rules.check(asking.trace)] == ["ST904"]

    def test_is_no_list_at_all(self) -> None:
        asking = Asking().refused("The input input_spec should be 'list'", kind="TypeError", given=None, instead="dict")
        message = "input_spec is of type dict, and not a list with one spec for each parameter"
        assert asking.told() == [("ST904", "error", message)]

    def test_is_not_a_number_that_the_function_wants(self) -> None:
        asking = Asking("x", "times").failed("matmul: the widths do not fit", kind="ValueError")
        assert asking.asks(asking.spec("x", -1, 8), Asked("times", kind="int", text="3")).told() == []


class TestTheStructureOfSpecs:
    def test_is_one_tensor_where_a_dict_is_wanted(self) -> None:
        asking = Asking("inputs")
        image = asking.program.input("image", "S0; 3")
        arguments = (Given("Tensor", code="inputs", value=image, shape=(-1, 3)), Given("str", text="'image'"))
        asking.failed(
            "Valid index accept int", FailedCall("paddle", "[]", asking.site(12, "use(x)"), arguments=arguments)
        )
        (finding,) = asking.asks(asking.spec("inputs", -1, 3, name="image")).found()
        assert finding.message == "inputs is used as a dict, by the key 'image', and its spec is one tensor"
        assert finding.sink is not None and finding.source is not None
        assert (finding.sink.line, finding.source.line) == (61, 12)

    def test_is_one_tensor_where_the_methods_of_a_dict_are_wanted(self) -> None:
        asking = Asking("batch").failed("'Value' object has no attribute 'items'", kind="AttributeError")
        asking.asks(asking.spec("batch", -1, 3))
        message = "batch is used as a dict, by its method items, and its spec is one tensor"
        assert asking.told() == [("ST904", "error", message)]

    @pytest.mark.parametrize("kind", ["dict", "list"])
    def test_is_a_container_where_a_tensor_is_wanted(self, kind: str) -> None:
        asking = Asking("x").failed(f"linear(): argument 'x' must be Tensor, but got {kind}")
        asking.asks(Asked("x", kind=kind), asking.spec("x", -1, 4, path="[0]"))
        assert asking.told() == [("ST904", "error", f"x is used as a tensor, and its spec is a {kind} of specs")]

    def test_is_not_to_blame_for_another_failure(self) -> None:
        asking = Asking("x").failed("the widths do not fit", kind="ValueError")
        asking.asks(Asked("x", kind="dict"), asking.spec("x", -1, 4, path="['image']"))
        assert asking.told() == []

    def test_is_of_more_specs_than_parameters(self) -> None:
        asking = Asking("inputs")
        asking.refused("requires 1 arguments", asking.spec("inputs", -1, 3), asking.spec("", -1, 2, line=63))
        (finding,) = asking.found()
        assert finding.message == "2 specs are given, and Net.forward takes these by place: inputs"
        assert finding.sink is not None and finding.sink.line == 63

    @pytest.mark.parametrize(
        ("head", "advice"),
        [
            ("def forward(self, x, *, scale):", "take the `*` out of it"),
            ("def forward(self, x, **others):", "name the parameters in place of `**others`"),
            ("def forward(self, x):", "leave out those beyond"),
        ],
    )
    def test_goes_to_what_is_given_by_name_only(self, head: str, advice: str) -> None:
        asking = Asking("x")
        asking.request.defined = asking.site(9, head)
        asking.refused("requires 1 arguments", asking.spec("x", -1, 3), asking.spec("", -1, 2, line=63))
        (finding,) = asking.found()
        assert finding.fix is not None and str(finding.fix.says).startswith(advice)

    @pytest.mark.parametrize(
        ("line", "kind", "words"),
        [
            ("        a, b = feats", "AttributeError", "'str' object has no attribute 'mean'"),
            ("        a = feats[0]", "KeyError", "0"),
            ("        y = [f(t) for t in feats]", "TypeError", "linear(): argument 'x' must be Tensor, but got str"),
        ],
    )
    def test_is_a_dict_that_is_taken_apart_as_a_list(self, tmp_path: Path, line: str, kind: str, words: str) -> None:
        asking = Asking("feats").failed(words, kind=kind)
        asking.request.defined = asking.written(tmp_path, line)
        asking.asks(Asked("feats", kind="dict"), asking.spec("feats", -1, 3, path="['a']"))
        message = "feats is taken apart as a list, and its spec is a dict: Python gives its keys"
        assert asking.told() == [("ST904", "error", message)]

    def test_is_a_list_that_is_taken_apart_beside_another_list(self, tmp_path: Path) -> None:
        """Of RT-DETR in the paddlex wheel: `[[h, w]] * batch`, where `batch` is a tensor."""
        asking = Asking("feats").failed("full(): argument (position 2) must be double, but got list")
        asking.request.defined = asking.written(tmp_path, "        return [[1, 2]] * feats[0].shape[0]")
        asking.asks(Asked("feats", kind="list"), asking.spec("feats", -1, 3, path="[0]"))
        assert asking.told() == []

    def test_is_a_dict_beside_a_text_that_is_another_matter(self, tmp_path: Path) -> None:
        asking = Asking("feats").failed("'str' object has no attribute 'mean'", kind="AttributeError")
        asking.request.defined = asking.written(tmp_path, "        y = self.mode.mean()")
        asking.asks(Asked("feats", kind="dict"), asking.spec("feats", -1, 3, path="['a']"))
        assert asking.told() == []

    def test_is_a_list_that_is_used_as_a_dict(self) -> None:
        asking = Asking("batch").failed("list indices must be integers or slices, not str")
        asking.asks(Asked("batch", kind="list"), asking.spec("batch", -1, 3, path="[0]"))
        assert asking.told() == [("ST904", "error", "batch is used as a dict, and its spec is a list of specs")]

    def test_leaves_out_a_key_that_is_looked_up(self) -> None:
        asking = Asking("batch").failed("'scale'", kind="KeyError")
        asking.program.conversion.failure = Failure(
            "KeyError", "'scale'", (asking.site(12, 'batch["image"] * batch["scale"]'),)
        )
        asking.asks(Asked("batch", kind="dict"), asking.spec("batch", -1, 3, path="['image']"))
        message = "batch is asked for 'scale', and its dict of specs has 'image'"
        assert asking.told() == [("ST904", "error", message)]

    def test_is_not_to_blame_for_a_key_of_another_dict(self) -> None:
        asking = Asking("batch").failed("'scale'", kind="KeyError")
        asking.program.conversion.failure = Failure("KeyError", "'scale'", (asking.site(12, 'self.gains["scale"]'),))
        asking.asks(Asked("batch", kind="dict"), asking.spec("batch", -1, 3, path="['image']"))
        assert asking.told() == []


class TestTwoSpecs:
    def two(self, declared: tuple[int, ...], given: tuple[int, ...], **fields: Any) -> Asking:
        asking = Asking("x")
        other = (asking.spec("x", *declared, line=20),)
        return asking.asks(asking.spec("x", *given), declared=other, **fields)

    def test_of_different_ranks(self) -> None:
        refused = {"conversion": -1, "failure": Failure("ValueError", "is conflict with")}
        (finding,) = self.two((-1, 784), (-1, 1, 28, 28), **refused).found()
        told = "you asked for x of rank 4, [None, 1, 28, 28], and [None, 784], of rank 2, is in the spec of to_static"
        assert (finding.rule, finding.severity, finding.message) == ("ST905", "error", told)
        assert finding.notes[0].endswith("Paddle refuses one that differs. Leave one of the two out")
        assert finding.sink is not None and finding.source is not None
        assert (finding.sink.line, finding.source.line) == (61, 20)

    def test_of_which_one_is_ignored(self) -> None:
        assert self.two((-1, 4), (1, 4)).told() == [("ST905", "warning", "you asked for x[0] = 1, and None arrived")]

    def test_that_are_alike(self) -> None:
        assert self.two((-1, 4), (-1, 4)).told() == []

    def test_that_differ_in_the_dtype_only(self) -> None:
        refused = {"conversion": -1, "failure": Failure("ValueError", "is conflict with")}
        message = "the two specs of this layer differ, and Paddle refuses that"
        assert self.two((-1, 4), (-1, 4), **refused).told() == [("ST905", "error", message)]

    def test_of_which_one_leaves_inputs_out(self) -> None:
        asking = Asking("inputs")
        image, scale = (asking.spec("inputs", -1, 4, name=name, path=f"['{name}']") for name in ("image", "scale"))
        assert asking.asks(image, declared=(Asked("inputs", kind="dict"), image, scale)).told() == []


class TestAParameterWithoutASpec:
    def test_is_named(self) -> None:
        asking = Asking("x", "mask", "scale?")
        asking.refused("requires `mask` arguments", asking.spec("x", -1, 4))
        (finding,) = asking.found()
        assert (finding.rule, finding.message) == ("ST906", "Net.forward wants mask, and there is no spec for it")
        assert finding.fix is not None and finding.fix.says.endswith("input_spec=[InputSpec(...), InputSpec(...)]")
        assert finding.source is not None and finding.source.line == 8

    def test_is_the_one_after_an_object_that_is_not_called_self(self) -> None:
        asking = Asking("this", "x")
        head = asking.site(9, "def forward(this, x):")
        asking.refused("requires `x` arguments", asking.spec("this", -1, 4, name="x"), defined=head)
        (finding,) = asking.found()
        assert (finding.rule, finding.message) == (
            "ST906",
            "Net.forward calls its object this, and Paddle takes that for an input",
        )
        assert list(finding.notes) == [
            "Paddle knows the object of a method by the name self, so the first spec went to this"
        ]
        assert finding.fix is not None and finding.fix.says == "call it self: def forward(self, ...)"
        assert finding.sink is not None and finding.sink.line == 9

    def test_is_named_where_its_default_is_used(self) -> None:
        asking = self.used("mask.sum()")
        (finding,) = rules.check(asking.trace)
        assert (finding.rule, finding.message) == (
            "ST906",
            "mask is None in Net.forward, its default: there is no spec for it",
        )
        assert finding.fix is not None and finding.fix.says.endswith("input_spec=[InputSpec(...), InputSpec(...)]")
        assert finding.sink is not None and finding.source is not None
        assert (finding.sink.line, finding.source.line) == (12, 8)

    @pytest.mark.parametrize("code", ["self.mask.sum()", "x.mask", "unmask"])
    def test_is_none_that_something_else_is(self, code: str) -> None:
        assert self.used(code).told() == []

    @pytest.mark.parametrize(
        ("code", "message"),
        [
            ("assert x is not None and mask is not None", "give a mask"),
            ("self.fc(mask)", "(InvalidArgument) matmul(): argument (position 1) must be Value, but got None"),
        ],
    )
    def test_is_named_where_a_tensor_is_wanted_of_it(self, code: str, message: str) -> None:
        (finding,) = rules.check(self.used(code, message).trace)
        assert finding.message == "mask is None in Net.forward, its default: there is no spec for it"

    @pytest.mark.parametrize(
        "code", ["assert x.ndim == 2, mask", "assert mask in (1, 2)", "assert self.mask is not None"]
    )
    def test_is_not_what_an_assert_is_about(self, code: str) -> None:
        assert self.used(code, "no").told() == []

    @pytest.mark.parametrize(("handed", "rules_told"), [("self.mixed(x, mask)", ["ST906"]), ("self.mixed(x)", [])])
    def test_is_named_where_it_is_handed_on(self, handed: str, rules_told: list[str]) -> None:
        asking = self.used("mask.sum()")
        failure = asking.program.conversion.failure
        assert failure is not None
        stack = (asking.site(11, handed), *failure.stack)
        asking.program.conversion.failure = Failure(failure.type, failure.message, stack)
        assert [rule for rule, _, _ in asking.told()] == rules_told

    def used(self, code: str, message: str = "'NoneType' object has no attribute 'sum'") -> Asking:
        asking = Asking("x", "mask?")
        asking.asks(asking.spec("x", -1, 4))
        asking.program.conversion.failure = Failure("AttributeError", message, (asking.site(12, code),))
        return asking

    def test_stands_in_brackets_too_many(self) -> None:
        asking = Asking("x", "y")
        inner = (asking.spec("x", -1, 4, path="[0]"), asking.spec("x", -1, 4, path="[1]"))
        asking.refused("requires `y` arguments", Asked("x", kind="list"), *inner)
        (finding,) = asking.found()
        assert finding.message == "Net.forward wants y, and there is no spec for it"
        assert finding.fix is not None
        assert finding.fix.says == "take the inner brackets away: input_spec=[InputSpec(...), InputSpec(...)]"

    def test_is_any_of_them_where_there_is_no_spec(self) -> None:
        asking = Asking("x", "mask").refused("No valid transformed program", given=None)
        assert [each.message for each in asking.found()] == ["Net.forward wants x, mask, and there is no spec for it"]

    def test_is_no_matter_where_something_else_is_refused(self) -> None:
        asking = Asking("x").refused("no room on the disk")
        assert asking.asks(asking.spec("x", -1, 4), conversion=-1).found() == []
        (finding,) = rules.check(asking.trace)
        assert (finding.rule, finding.message) == (
            "ST809",
            "nothing of Net.forward was converted: `ValueError: no room on the disk`",
        )


def test_healthy_requests_have_no_finding() -> None:
    asking = Asking("x")
    asking.trace.conversions[0] = Conversion("Net.forward")
    assert asking.asks(asking.spec("x", -1, 4, name="x")).told() == []
