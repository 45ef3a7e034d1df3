"""ST703: an argument is of a kind that Paddle does not take, told by the error and by what was given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod

from shapetrace.capture.source import dim_tensors
from shapetrace.facts import op_arguments, operators
from shapetrace.rules.diagnosis import Diagnosis
from shapetrace.said import said
from shapetrace.trace import Conversion, FailedCall, Failure, Given, Said, Sentence

_WRONG_KIND = re.compile(r"\w+\(\): argument \(position (\d+)\) must be (.+?), but got ([\w.]+)(?: at pos (\d+))?")
_WRONG_TYPE = re.compile(r"The (\w+) should be .*but received <class '([\w.]+)'>", re.DOTALL)
_NAMED = re.compile(r"[`'](\w+)[`'] (?:should|must) be (?:an? )?(?:int|list|tuple)\b")
"""What functions of `paddle.nn.functional` say themselves of an argument."""
_CHECKED_TYPE = re.compile(r"The type of '(\w+)' in [\w.]+ must be .*, but received <class '([\w.]+)'>", re.DOTALL)
"""What `paddle.base.data_feeder.check_type` says."""
_CHECKED_ELEMENT = re.compile(
    r"The type of '\w+\[(\d+)\]' in [\w.]+ must be .*, but received <class '([\w.]+)'>", re.DOTALL
)
"""The same of an element of a list of tensors, whose parameter it may call by another name."""
_ATTRIBUTE = re.compile(r"Found Attribute\('(\w+)'\) with type\((?:Variable|Parameter)\), but it doesn't support")
"""What `paddle.base.framework` of 2.6 says of an attribute that is a tensor."""
_UNREAD = re.compile(r"static_op_arg_pre_cast_hook failed|'(?:tuple|list)' object has no attribute 'dtype'")
"""What Paddle 3.x and 2.6 say of several tensors that stand where one belongs."""
_NUMERICAL = re.compile(
    r"(?:Required|required) numerical type with .*, but received Tensor|_set_int32s?_attr\(\): incompatible"
    r"|In ?valid padding: .*(?:Value\(|Variable)|factor must be int"
)
"""What `paddle.utils.layers_utils` says of a kernel, stride or padding, 2.6 of other lists of numbers, and functions of
`paddle.nn.functional` themselves."""
_NO_AXES = re.compile(
    r"^list index out of range|must be a Tensor with ndim == 1|^not enough values to unpack \(expected \d, got 0\)"
)
"""What functions say that want sizes and get a tensor without axes: `convert_to_list` makes no element at all of it."""
_OF_KINDS = re.compile(
    r"\b(?:int|ints|integers?|Value|Variable|[Tt]ensor)\b|cannot access local variable|referenced before assignment"
    r"|setting an array element with a sequence"
)
"""What an exception says that comes of a tensor where a number belongs."""
_DYGRAPH_ONLY = re.compile(r"in dynamic graph mode")
_OPERATORS = {operator.sign for operator in (*operators.ARITHMETIC, operators.MATMUL, *operators.COMPARISONS)}
_MOST_NAMED = 4
_ADVICE = {
    ("avg_pool2d", "kernel_size"): "what pools over a whole map needs no size of it: F.adaptive_avg_pool2d(x, 1)",
    ("max_pool2d", "kernel_size"): "what pools over a whole map needs no size of it: F.adaptive_max_pool2d(x, 1)",
    ("pad", "pad"): "pad only the last axes, and give all their numbers as one tensor: F.pad(x, paddle.stack([...]))",
    (
        "pad",
        "value",
    ): "pad with 0 and set the value after, or join what is to be there: paddle.concat([paddle.full_like(...), x])",
}
"""What to write where an argument has to be numbers, by function and parameter."""
_WANTED = {
    "double": "a number",
    "int": "an int",
    "bool": "a bool",
    "list of int": "a list of ints",
    "Value": "a tensor",
    "Tensor": "a tensor",
}
"""What Paddle calls a kind of argument, in words."""


def wrong_kind(conversion: Conversion, failure: Failure, call: FailedCall) -> Diagnosis | None:
    """An argument is of a kind that Paddle does not take."""
    told = _WRONG_KIND.search(failure.message)
    if told and call.operands and int(told[1]) <= len(call.operands):
        return _of_op(conversion, call, told)
    several = _size_of_several(call)
    if several is not None:
        return several
    if _UNREAD.search(failure.message):
        return _several_for_one(call)
    if _NO_AXES.search(failure.message) and (single := _no_list(call)) is not None:
        return single
    if _NUMERICAL.search(failure.message):
        return _no_number(conversion, call)
    attribute = _ATTRIBUTE.search(failure.message)
    typed = _WRONG_TYPE.search(failure.message) or _CHECKED_TYPE.search(failure.message)
    element = _CHECKED_ELEMENT.search(failure.message)
    named = _NAMED.search(failure.message)
    for argument in call.arguments:
        if named is not None and argument.name == named[1] and argument.type == "Tensor":
            return _of_one(call, argument)
        position = int(element[1]) if element else len(argument.items)
        if element and position < len(argument.items) and argument.items[position].type == _kind_of(element[2]):
            return _no_tensor(call, argument, position)
        of_type = typed is not None and (argument.name, argument.type) == (typed[1], _kind_of(typed[2]))
        a_tensor = attribute is not None and (argument.name, argument.type) == (attribute[1], "Tensor")
        if of_type or a_tensor:
            what = said("{} cannot take {} for {}", call.api, described(argument), argument.name)
            return Diagnosis("ST703", what, _holding((argument,)), argument=argument.name, hint=_advice(call, argument))
        if failure.type in ("TypeError", "AssertionError") and argument.name in op_arguments.LISTS:
            for position, item in enumerate(argument.items):
                if item.type not in ("int", "Tensor") and not item.type.startswith(("int", "uint")):
                    place = f"{argument.name}[{position}]"
                    what = said("{} got {} for {}, where a size belongs", call.api, described(item), place)
                    return Diagnosis("ST703", what, argument=argument.name)
    return None


def dim_for_number(failure: Failure, call: FailedCall) -> Diagnosis | None:
    """A dim is a tensor where dygraph has an int: the model itself runs, and the exception is about that argument or about kinds."""
    if failure.in_dygraph is None or not failure.in_dygraph.runs or _DYGRAPH_ONLY.search(failure.message):
        return None
    for argument in call.arguments:
        held = next(_dims_in(argument, argument.name or "sizes"), None)
        named = bool(argument.name) and argument.name in failure.message
        if held is not None and (named or _OF_KINDS.search(failure.message)):
            name, dim = held
            what = said("{} wants a number for {}, and {} is a tensor in converted code", call.api, name, _called(dim))
            return Diagnosis("ST703", what, (dim,), argument=argument.name, hint=_advice(call, argument))
    return None


def _dims_in(argument: Given, name: str) -> Iterator[tuple[str, Given]]:
    """The dims that an argument is or holds, and how to call each place."""
    if argument.type == "Tensor" and argument.reads:
        yield name, argument
    for place, item in enumerate(argument.items):
        yield from _dims_in(item, f"{name}[{place}]")


def _called(dim: Given) -> str:
    return " ".join(dim.code.split()) or "a dim"


def _size_of_several(call: FailedCall) -> Diagnosis | None:
    """A size in a list is a tensor that does not hold one number; Paddle reshapes each to one."""
    refused = call.operands[0].value if call.op == "reshape" and call.operands else -1
    if refused < 0:
        return None
    for argument in call.arguments:
        for item in argument.items:
            held = prod(item.shape)
            if item.value != refused or item.type != "Tensor" or -1 in item.shape or held == 1:
                continue
            code = " ".join(item.code.split()) or said("a tensor")
            what = said("{} wants one number for a size, and {} holds {}", call.api, code, held)
            hint = (
                said("take the one that is meant: {}", f"{item.code}[0]")
                if held
                else said("it is the shape of a tensor without axes, which has none")
            )
            return Diagnosis("ST703", what, (item,), argument=argument.name, hint=hint)
    return None


def _several_for_one(call: FailedCall) -> Diagnosis | None:
    """A tuple or list of tensors, some of which may be None, is given where one tensor belongs."""
    for position, argument in enumerate(call.arguments, 1):
        types = {item.type for item in argument.items}
        if "Tensor" in types and types <= {"Tensor", "NoneType"}:
            name = argument.name or f"argument {position}"
            what = said("{} wants {} for {}, and got {}", call.api, wanted("Tensor"), name, described(argument))
            return Diagnosis(
                "ST703",
                what,
                argument=argument.name,
                hint=said("one of its elements is a tensor: {}", _first(argument)),
            )
    return None


def _first(several: Given) -> str:
    """The first element of a tuple or list, as the user would write it."""
    return f"{several.code}[0]" if several.code else "(...)[0]"


def _no_list(call: FailedCall) -> Diagnosis | None:
    """One size is given where sizes belong, as a tensor without axes."""
    for argument in call.arguments:
        emptied = argument.type == "list" and not argument.items and argument.code and not argument.code.startswith("[")
        if emptied or (argument.type == "Tensor" and argument.reads):
            what = said(
                "{} wants {} for {}, and {} is a tensor without axes",
                call.api,
                wanted("list of int"),
                argument.name,
                " ".join(argument.code.split()) or argument.name,
            )
            hint = said("put it in a list, once for each axis")
            return Diagnosis("ST703", what, _holding((argument,)), argument=argument.name, hint=hint)
    return None


def _no_number(conversion: Conversion, call: FailedCall) -> Diagnosis | None:
    """A kernel, a stride or the like is a tensor, or a list that holds one."""
    for argument in call.arguments:
        if any(item.type == "Tensor" for item in argument.items):
            name, advice = argument.name or "sizes", _advice(call, argument)
            return _tensors_among(conversion, call, argument, name, "list of int", advice)
        if argument.type == "Tensor" and argument.reads:
            return _of_one(call, argument)
    return None


def _of_one(call: FailedCall, argument: Given) -> Diagnosis:
    """A tensor stands where an int belongs."""
    name = argument.name or "sizes"
    what = said("{} wants {} for {}, and got {}", call.api, wanted("int"), name, described(argument))
    return Diagnosis("ST703", what, _holding((argument,)), argument=argument.name, hint=_advice(call, argument))


def _no_tensor(call: FailedCall, argument: Given, place: int) -> Diagnosis:
    """An element of a list of tensors is none."""
    got, name = described(argument.items[place]), f"{argument.name}[{place}]"
    what = said("{} wants {} for {}, and got {}", call.api, wanted("Tensor"), name, got)
    return Diagnosis("ST703", what, argument=argument.name)


def _of_op(conversion: Conversion, call: FailedCall, told: re.Match[str]) -> Diagnosis:
    """The C op refused one of its arguments, or an element of it."""
    operand = call.operands[int(told[1]) - 1]
    element = operand.items[int(told[4])] if told[4] and int(told[4]) < len(operand.items) else None
    argument = _argument_of(call, operand)
    name = argument.name or f"argument {told[1]}"
    api, advice = call.api, _advice(call, argument)
    if operand.type == "list" and element is None and not operand.items:
        return Diagnosis("ST703", said("{} got an empty list for {}", api, name), argument=argument.name)
    if api in _OPERATORS:
        return Diagnosis("ST703", said("{} takes tensors and numbers, and got {}", api, described(argument)))
    if "int" in told[2] and any(item.type == "Tensor" for item in operand.items):
        return _tensors_among(conversion, call, operand, name, told[2], advice)
    got = element or operand
    place = f"{name}[{told[4]}]" if element is not None else name
    what = said("{} wants {} for {}, and got {}", api, wanted(told[2]), place, described(got))
    return Diagnosis("ST703", what, _holding((got,)), argument=argument.name, hint=advice)


def _tensors_among(
    conversion: Conversion, call: FailedCall, given: Given, name: str, kind: str, advice: Said | None
) -> Diagnosis:
    """Some elements of a list of numbers are tensors."""
    places = [place for place, item in enumerate(given.items) if item.type == "Tensor"]
    named = [_element(conversion, name, place, given.items[place]) for place in places]
    what = said(
        "{} wants {} for {}, and {} is a tensor" if len(places) == 1 else "{} wants {} for {}, and {} are tensors",
        call.api,
        wanted(kind),
        name,
        _listed(named),
    )
    held = tuple(given.items[place] for place in places)
    argument = _argument_of(call, given)
    return Diagnosis("ST703", what, held, argument=argument.name, hint=advice)


def _advice(call: FailedCall, argument: Given) -> Said | None:
    """What to write where the argument has to be numbers; None where nothing is known."""
    about = call.api.rpartition(".")[2], argument.name
    return said(_ADVICE[about]) if about in _ADVICE else None


def _element(conversion: Conversion, name: str, place: int, item: Given) -> str:
    """An element of a list that is a tensor, and the size it is computed from: `pad[5] (8 - image[2] % 8)`."""
    size = dim_tensors.printed(conversion, item.value) if item.value >= 0 else ""
    text = size or " ".join(item.code.split())
    return f"{name}[{place}]" + (f" ({text})" if text else "")


def _listed(names: list[str]) -> Sentence:
    if len(names) == 1:
        return names[0]
    if len(names) <= _MOST_NAMED:
        return said("{} and {}", ", ".join(names[:-1]), names[-1])
    return said("{} and {} more", ", ".join(names[:_MOST_NAMED]), len(names) - _MOST_NAMED)


def _holding(operands: tuple[Given, ...]) -> tuple[Given, ...]:
    """Those that are tensors, to tell where they were made."""
    return tuple(item for item in operands if item.type == "Tensor" and item.value >= 0)


def _kind_of(name: str) -> str:
    """A class as `Given.type` has it."""
    last = name.rpartition(".")[2]
    return "Tensor" if last in ("Value", "Variable", "Tensor") else last


def _argument_of(call: FailedCall, operand: Given) -> Given:
    """What the user gave that became an operand of the C op."""
    return next((argument for argument in call.arguments if _bare(argument) == _bare(operand)), operand)


def _bare(argument: Given) -> tuple[object, ...]:
    """An argument without the names and expressions for it; Paddle makes a list of a tuple."""
    kind = "list" if argument.type == "tuple" else argument.type
    return kind, argument.text, argument.value, tuple(map(_bare, argument.items))


def wanted(kind: str) -> Said:
    """What Paddle wants, in words."""
    return said(_WANTED[kind]) if kind in _WANTED else said("a {}", kind)


def described(argument: Given) -> Sentence:
    """What was given, in words: `a tuple ([2, ?])`."""
    if argument.type == "NoneType":
        return "None"
    kind = said("a tensor") if argument.type == "Tensor" else _a(argument.type)
    code = (
        argument.code
        or argument.text
        or (f"[{', '.join(item.text or '?' for item in argument.items)}]" if argument.items else "")
    )
    return said("{} ({})", kind, code) if code and len(code) <= 60 else kind


def _a(kind: str) -> Said:
    return said("an {}" if kind[:1] in "aeiou" else "a {}", kind)
