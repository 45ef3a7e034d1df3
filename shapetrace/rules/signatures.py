"""ST901, ST904 and ST906: the specs that were given, against the parameters of the function and what it does with them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from shapetrace.plugin import Rule
from shapetrace.rules import asked, fixes, given_inputs, optional_inputs
from shapetrace.rules.registry import register
from shapetrace.said import said
from shapetrace.trace import Asked, Conversion, FailedCall, Finding, Request, Said, Site, Trace

_OF_DICTS = re.compile(r"has no attribute '(items|keys|values|get|pop)'")
"""What Python says where a tensor is used as a dict."""
_TENSOR = re.compile(r"'(?:paddle\.[\w.]*)?(?:Value|Tensor|Variable)'")
_BY_PLACE = said(
    "its place in the list decides where a spec goes, and its name only what the input of the export is called"
)
_BY_KEY = said(
    "the key in the dict decides where a spec goes, and its name only what the input of the export is called"
)
_STAR = re.compile(r"[(,]\s*\*\s*,")
"""In the head of a function: what follows is given by name only."""
_ANY_NAMES = re.compile(r"[(,]\s*\*\*\s*(\w+)")
"""In the head of a function: it takes arguments of any name."""
_LOOKED_UP = r"\b{}\[\s*['\"]{}['\"]\s*\]"
"""A key that is looked up in a dict, in source."""
_FIRST_KEY = re.compile(r"\[((['\"]).*?\2)\]")
_OF_TEXTS = re.compile(r"'str'|(?:got|received|type)\W+(?:<class ')?str\b")
"""What is said of the keys of a dict, taken for tensors."""
_NO_KEYS = re.compile(
    r"(?:list|tuple) indices must be integers or slices, not str|'(?:list|tuple)' object has no attribute"
)
"""What Python says where a list is used as a dict."""
_HEAD = re.compile(r"(?:async )?def \w+\(\s*(\w+)")
"""The first parameter of a function, in its definition."""
_ONE_ARGUMENT = said(
    "the specs stand in a list within the list: such a list is one argument, and all of it goes to the first"
)
_DICTS = ("dict", "OrderedDict")
_CONTAINERS = (*_DICTS, "list", "tuple")


def misplaced(trace: Trace) -> Iterator[Finding]:
    """ST901: a spec that goes to another parameter than the one it is named for."""
    for request in asked.requests(trace):
        specs = [] if _receiver(trace, request) else asked.specs(request.effective)
        for item in specs:
            place, others = _place(item, request)
            if item.name and place and item.name != place and item.name in others:
                twin = any(other.name == item.name and _place(other, request)[0] == item.name for other in specs)
                yield (_twin if twin else _misplaced)(trace, request, item, place)


def _place(item: Asked, request: Request) -> tuple[str, set[str]]:
    """What the place is called that a spec goes to, and the names of all places beside it."""
    if not item.path:
        return item.parameter, {parameter.name for parameter in request.parameters}
    key = asked.KEY.search(item.path)
    if key is None:
        return "", set()
    around = item.path[: key.start()]
    beside = (
        other.path[len(around) :]
        for other in request.effective
        if other.parameter == item.parameter and other.path.startswith(around)
    )
    return key[2], {match[2] for path in beside if (match := asked.KEY.fullmatch(path))}


def _misplaced(trace: Trace, request: Request, item: Asked, place: str) -> Finding:
    return asked.finding(
        trace,
        "ST901",
        "error",
        said("the spec named {} goes to {}, not to {}", item.name, place, item.name),
        request,
        asked.at(trace, item.site),
        asked.at(trace, request.defined),
        expression=_target(item),
        notes=(_BY_KEY if item.path else _BY_PLACE,),
        says=said(
            "give it at the place of {}; what is left out in between is given as None, or as its default", item.name
        ),
    )


def _twin(trace: Trace, request: Request, item: Asked, place: str) -> Finding:
    """A spec that has the name of the one at its right place."""
    return asked.finding(
        trace,
        "ST901",
        "error",
        said("two specs are named {}: that of {}, and that of {}", item.name, item.name, place),
        request,
        asked.at(trace, item.site),
        asked.at(trace, request.defined),
        expression=_target(item),
        notes=(_BY_KEY if item.path else _BY_PLACE,),
        says=said("name it as its parameter: {}", f'InputSpec(..., name="{place}")'),
    )


def impossible(trace: Trace) -> Iterator[Finding]:
    """ST904: a spec that no tensor can have, or of another structure than the function wants."""
    for request in asked.requests(trace):
        if request.instead:
            yield _no_list(trace, request)
        words = asked.failed(trace, request)
        if words is None and request.unsaved is not None:
            words = request.unsaved.message
        findings = [*_sizes(trace, request, words is not None)]
        if words is not None:
            findings += [
                *_numbers(trace, request, words),
                *_too_many(trace, request),
                *_without_key(trace, request, words),
            ]
            findings = findings or [*_structures(trace, request, words)]
        yield from findings


def _no_list(trace: Trace, request: Request) -> Finding:
    message = said("input_spec is of type {}, and not a list with one spec for each parameter", request.instead)
    says = said("put it into a list: {}", "input_spec=[...]")
    return asked.finding(trace, "ST904", "error", message, request, asked.at(trace, request.site), None, says=says)


def _sizes(trace: Trace, request: Request, failed: bool) -> Iterator[Finding]:
    """The specs of sizes that no tensor has."""
    for item in given_inputs.impossible(request, failed):
        target, sizes = _target(item), asked.shape(item.shape)
        told = (
            said("the spec of {} is {}: no tensor has a size of {}", target, sizes, min(item.shape))
            if min(item.shape) < -1
            else said("the spec of {} is {}: that is a tensor without elements", target, sizes)
        )
        yield asked.finding(
            trace,
            "ST904",
            "error",
            told,
            request,
            asked.at(trace, item.site),
            None,
            expression=target,
            says=_instead_of_sizes(item),
        )


def _instead_of_sizes(item: Asked) -> Said:
    if len(item.shape) == 1:
        number = item.shape[0]
        return said(
            "a number is given as it is, {} in the place of its spec; it is a constant of the export then", number
        )
    return said("an unknown size is None or -1")


def _numbers(trace: Trace, request: Request, words: str) -> Iterator[Finding]:
    """Numbers that stand where specs of tensors belong: Paddle hands them to the function as they are."""
    items = [item for item in request.effective if not item.path]
    if items and all(item.kind == "int" for item in items):
        sizes = ", ".join(item.text for item in items)
        message = said("the spec is the list of numbers {}, and not one spec for each input", f"[{sizes}]")
        yield _number(trace, request, message, said("a tensor of these sizes is {}", f"[InputSpec([{sizes}])]"))
        return
    specs = asked.specs(request.effective)
    for item in items:
        listed = item.kind in ("list", "tuple") and item.text and item.text not in ("[]", "()")
        if (listed or item.kind == "int") and (not specs or _names_kind(words, item.kind)):
            sizes = item.text.strip("()[]") if listed else "..."
            says = said("a tensor is described by {}", f"InputSpec([{sizes}])")
            yield _number(
                trace,
                request,
                said(
                    "the spec of {} is {}, which the function gets as it is, and not a tensor", _target(item), item.text
                ),
                says,
            )


def _number(trace: Trace, request: Request, message: Said, says: Said) -> Finding:
    return asked.finding(trace, "ST904", "error", message, request, asked.at(trace, request.site), None, says=says)


def _names_kind(words: str, kind: str) -> bool:
    """Whether an exception says that a thing was of a Python type."""
    return re.search(rf"'{kind}'|(?:got|received|type)\W+(?:<class ')?{kind}\b", words) is not None


def _too_many(trace: Trace, request: Request) -> Iterator[Finding]:
    """More specs than parameters."""
    items = [item for item in request.effective if not item.path]
    beyond = [item for item in items if not item.parameter]
    if not beyond or not request.refused or request.takes_more:
        return
    names = ", ".join(parameter.name for parameter in request.parameters)
    defined = asked.at(trace, request.defined)
    yield asked.finding(
        trace,
        "ST904",
        "error",
        said("{} specs are given, and {} takes these by place: {}", len(items), request.function, names or "()"),
        request,
        asked.at(trace, beyond[0].site),
        defined,
        says=_by_place(defined.code if defined is not None else ""),
    )


def _by_place(head: str) -> Said:
    """What to write where more specs are given than a function takes by place."""
    if _STAR.search(head):
        return said("take the `*` out of it: Paddle hands each spec over by its place, and none by its name")
    if named := _ANY_NAMES.search(head):
        return said(
            "name the parameters in place of `**{}`, or take one dict of tensors: Paddle hands each spec over by its place",
            named[1],
        )
    return said(
        "leave out those beyond; one parameter that takes several tensors gets one list or dict of specs: {}",
        "[[InputSpec(...), InputSpec(...)]]",
    )


def _without_key(trace: Trace, request: Request, words: str) -> Iterator[Finding]:
    """A key that the function looks up in a dict of specs, and that is not in it."""
    failure = trace.conversions[request.conversion].failure if request.conversion >= 0 else None
    if failure is None or failure.type != "KeyError" or not failure.stack:
        return
    site = trace.sites[failure.stack[-1]]
    for item in request.effective:
        if words.isdigit() or item.kind not in _DICTS or item.path or not _looks_up(site.code, item.parameter, words):
            continue
        inside = [other for other in asked.specs(request.effective) if other.parameter == item.parameter]
        keys = dict.fromkeys(key[1] for other in inside if (key := _FIRST_KEY.match(other.path)))
        told = said("{} is asked for {}, and its dict of specs has {}", item.parameter, words, ", ".join(keys) or "{}")
        says = said("add its spec to the dict: {}", f"{words}: InputSpec(...)")
        yield _structure(trace, request, inside[0] if inside else item, told, site, says)


def _looks_up(code: str, name: str, key: str) -> bool:
    """Whether an expression looks a key up in what has a name."""
    return re.search(_LOOKED_UP.format(re.escape(name), re.escape(key.strip("'\""))), code) is not None


def _structures(trace: Trace, request: Request, words: str) -> Iterator[Finding]:
    """One tensor where the function wants a dict, and the other way round."""
    if request.conversion < 0:
        return
    conversion = trace.conversions[request.conversion]
    failure = conversion.failure
    call = failure.call if failure is not None else None
    site = asked.at(trace, failure.stack[-1]) if failure is not None and failure.stack else None
    bare = next(_as_dict(request, conversion, call, words, site), None)
    if bare is not None:
        item, message = bare
        yield _structure(
            trace, request, item, message, site, said("give a dict of specs: {}", "[{...: InputSpec(...), ...}]")
        )
        return
    for item in request.effective:
        inner = _first_inside(request, item)
        if inner is not None and (other := _other_container(trace, request, item, words)) is not None:
            yield _structure(trace, request, inner, other[0], site, other[1])
            return
        if item.kind not in _DICTS and _in_order(trace, request, item):
            continue  # it is the list that the function wants, and the exception speaks of another one
        if inner is not None and (_names_kind(words, item.kind) or _is_given(call, item.kind)):
            told = "dict" if item.kind in _DICTS else item.kind
            message = said("{} is used as a tensor, and its spec is a {} of specs", _target(item), told)
            yield _structure(trace, request, inner, message, site, said("give the spec itself: {}", "[InputSpec(...)]"))


def _other_container(trace: Trace, request: Request, item: Asked, words: str) -> tuple[Said, Said] | None:
    """A dict where the function wants a list, or a list where it wants a dict: what is wrong, and what to write."""
    if item.kind in _DICTS and (words.isdigit() or _OF_TEXTS.search(words)) and _in_order(trace, request, item):
        return (
            said("{} is taken apart as a list, and its spec is a dict: Python gives its keys", item.parameter),
            said("give a list of specs: {}", "[[InputSpec(...), ...]]"),
        )
    if item.kind not in _DICTS and _NO_KEYS.search(words):
        return (
            said("{} is used as a dict, and its spec is a {} of specs", item.parameter, item.kind),
            said("give a dict of specs: {}", "[{...: InputSpec(...), ...}]"),
        )
    return None


def _in_order(trace: Trace, request: Request, item: Asked) -> bool:
    """Whether the function goes through a parameter, takes it apart, or indexes it with numbers."""
    defined = asked.at(trace, request.defined)
    source = fixes.plan(trace).source(defined.file) if defined is not None else None
    if source is None or defined is None:
        return False
    heads = (node for node in ast.walk(source.tree) if isinstance(node, ast.FunctionDef))
    function = next((node for node in heads if node.lineno == defined.line), None)
    return function is not None and any(_takes_in_order(node, item.parameter) for node in ast.walk(function))


def _takes_in_order(node: ast.AST, name: str) -> bool:
    taken: ast.expr | None = None
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple | ast.List):
        taken = node.value
    elif isinstance(node, ast.For | ast.comprehension):
        taken = node.iter
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and type(node.slice.value) is int:
        taken = node.value
    return isinstance(taken, ast.Name) and taken.id == name


def _structure(trace: Trace, request: Request, item: Asked, message: Said, site: Site | None, says: Said) -> Finding:
    return asked.finding(trace, "ST904", "error", message, request, asked.at(trace, item.site), site, says=says)


def _as_dict(
    request: Request, conversion: Conversion, call: FailedCall | None, words: str, site: Site | None
) -> Iterator[tuple[Asked, Said]]:
    """The spec of one tensor that is indexed by a text, or asked for what dicts have."""
    bare = [item for item in asked.specs(request.effective) if not item.path]
    if call is not None and call.api == "[]" and len(call.arguments) > 1 and call.arguments[1].type == "str":
        indexed, key = call.arguments[0], call.arguments[1].text
        name = conversion.values[indexed.value].name if indexed.value >= 0 else ""
        for item in bare:
            if name and name in (item.name, item.parameter):
                yield item, said("{} is used as a dict, by the key {}, and its spec is one tensor", _target(item), key)
    if (method := _OF_DICTS.search(words)) and _TENSOR.search(words) and site is not None:
        for item in bare:
            if len(bare) == 1 or re.search(rf"\b{item.parameter}\.{method[1]}\b", site.code):
                yield (
                    item,
                    said(
                        "{} is used as a dict, by its method {}, and its spec is one tensor", _target(item), method[1]
                    ),
                )


def _first_inside(request: Request, container: Asked) -> Asked | None:
    """The first spec in a list or dict that stands for a parameter."""
    if container.kind not in _CONTAINERS or container.path or container.text:
        return None
    specs = asked.specs(request.effective)
    return next((item for item in specs if item.parameter == container.parameter), None)


def _is_given(call: FailedCall | None, kind: str) -> bool:
    """Whether the first argument of the call that failed was of a Python type."""
    return call is not None and bool(call.arguments) and call.arguments[0].type == kind


def without(trace: Trace) -> Iterator[Finding]:
    """ST906: a parameter without a default, or one that is used all the same, for which there is no spec."""
    yield from optional_inputs.left_out(trace)
    for request in asked.requests(trace):
        if not request.refused or request.takes_more or request.instead:
            continue
        covered = {item.parameter for item in request.effective}
        missing = [
            parameter.name for parameter in request.parameters if parameter.required and parameter.name not in covered
        ]
        if not missing or any(not item.parameter for item in request.effective):
            continue
        if receiver := _receiver(trace, request):
            yield _called_otherwise(trace, request, receiver)
            continue
        nested = len(request.effective) > 2 and request.effective[0].kind in ("list", "tuple")
        wanted = ", ".join("InputSpec(...)" for parameter in request.parameters if parameter.required)
        yield asked.finding(
            trace,
            "ST906",
            "error",
            said("{} wants {}, and there is no spec for it", request.function, ", ".join(missing)),
            request,
            asked.at(trace, request.site),
            asked.at(trace, request.defined),
            notes=(_ONE_ARGUMENT,) if nested else (),
            says=said(
                "take the inner brackets away: {}"
                if nested
                else "give one spec for each parameter without a default, in their order: {}",
                f"input_spec=[{wanted}]",
            ),
        )


def _receiver(trace: Trace, request: Request) -> str:
    """What a method calls its object, where that is not `self` and Paddle takes it for an input; else empty."""
    in_class = request.refused and "." in request.function.rpartition("<locals>.")[2]
    defined = asked.at(trace, request.defined)
    head = _HEAD.match(defined.code.strip()) if defined is not None and in_class else None
    first = request.parameters[0].name if request.parameters else ""
    return first if head is not None and head[1] == first else ""


def _called_otherwise(trace: Trace, request: Request, first: str) -> Finding:
    """Of a method that calls its object something else than `self`."""
    name = request.function.rpartition(".")[2]
    return asked.finding(
        trace,
        "ST906",
        "error",
        said("{} calls its object {}, and Paddle takes that for an input", request.function, first),
        request,
        asked.at(trace, request.defined),
        None,
        notes=(said("Paddle knows the object of a method by the name self, so the first spec went to {}", first),),
        says=said("call it self: {}", f"def {name}(self, ...)"),
    )


def _target(item: Asked) -> str:
    return f"{item.parameter or 'no parameter'}{item.path}"


register(Rule("ST901", "a spec goes to another parameter than the one it is named for", "error", misplaced))
register(Rule("ST904", "a spec that no tensor can have, or of the wrong structure", "error", impossible))
register(Rule("ST906", "a parameter without a spec", "error", without))
