"""What a sweep file asks for: models, modes, environments and limits, read from TOML."""

from __future__ import annotations

import difflib
import re
import sys
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
from msgspec import Struct, field, structs

from shapetrace.errors import UsageError
from shapetrace.said import said

Mode = Literal["as given", "batch unknown", "all unknown"]
MODES: tuple[Mode, ...] = get_args(Mode)
"""Which axes of the inputs are unknown: those that the factory's spec leaves so; the first ones too; and all but channels."""

_PLACEHOLDERS = ("each", "config", "stem")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """What a job may take before its processes are killed."""

    seconds: float = 900.0
    memory: float = 8.0
    """GB in use (resident)."""


class Environment(Struct, frozen=True, forbid_unknown_fields=True):
    """A Python that has Paddle and shapetrace."""

    name: str = "this"
    python: str = ""
    """Path of its interpreter, as the workers find it; empty for that of the worker."""
    variables: dict[str, str] = field(default_factory=dict)
    """What to set in its environment."""


class Model(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What stands under `[[model]]`: one model, or with `each` or `configs` one for each of them."""

    name: str
    factory: str = ""
    """`MODULE:FACTORY`."""
    script: str = ""
    module: str = ""
    """A module to be run as a script."""
    arguments: tuple[str, ...] = ()
    each: tuple[str, ...] = ()
    """What `{each}` stands for."""
    configs: tuple[str, ...] = ()
    """Globs of what `{config}` stands for, and `{stem}` for its name without folders and ending."""
    but: tuple[str, ...] = ()
    """Globs of configs that are left out."""
    modes: tuple[str, ...] = ()
    mode_arguments: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What a script takes besides, to export in a mode."""
    environments: tuple[str, ...] = ()
    remedies: tuple[str, ...] | None = None
    engines: tuple[str, ...] | None = None
    dims: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    sizes: bool | None = None
    verify: bool | None = None
    limits: Limits | None = None


class Plan(Struct, frozen=True, forbid_unknown_fields=True):
    """A sweep file."""

    model: tuple[Model, ...]
    root: str = "."
    """Where jobs run and what paths are relative to, itself relative to the file."""
    modes: tuple[str, ...] = ("as given",)
    environment: tuple[Environment, ...] = (Environment(),)
    remedies: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    """Globs of files that models are made of and no import leads to."""
    sizes: bool = False
    """Whether to derive which sizes each export takes."""
    verify: bool = True
    """Whether to compare each export with its model."""
    limits: Limits = Limits()


def read(path: Path) -> Plan:
    """Read a sweep file.

    Raises:
        UsageError: It cannot be read, or asks for something that there is not.
    """
    try:
        written = _parsed(path)
        _check_names(written, Plan)
        plan = msgspec.convert(written, Plan)
        _check(plan)
    except OSError as error:
        raise UsageError(said("cannot read {}: {}", path, error.strerror)) from None
    except (ValueError, UsageError) as error:  # the first of TOML and of msgspec alike
        raise UsageError(said("{}: {}", path, error)) from None
    return plan


def _parsed(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(path.read_text("utf-8"))


def _check_names(written: Any, kind: Any, where: str = "") -> None:
    """Check that a table has no names but those of a class, nor any table in it."""
    if not isinstance(written, dict):
        return  # msgspec tells of it
    fields = {each.encode_name: each.type for each in structs.fields(kind)}
    for name, value in written.items():
        if name not in fields:
            near = [each for each in fields if name.startswith(each)] or difflib.get_close_matches(name, fields, n=1)
            also = said("did you mean {}?", near[0]) if near else said("there are {}", ", ".join(fields))
            raise UsageError(said("{}there is no {}: {}", where, repr(name), also))
        for table in (Model, Environment, Limits):
            if table in (fields[name], *get_args(fields[name])):
                for number, each in enumerate(value if isinstance(value, list) else [value], 1):
                    which = f"[{name}], " if each is value else f"[[{name}]] {number}, "
                    _check_names(each, table, where + which)


def _check(plan: Plan) -> None:
    if not plan.model:
        raise UsageError(said("there is no [[model]]"))
    if not plan.environment:
        raise UsageError(said("there is no [[environment]]"))
    names = [environment.name for environment in plan.environment]
    if len(set(names)) < len(names):
        raise UsageError(said("two environments have one name"))
    for mode in plan.modes:
        mode_named(mode)
    _check_limits(plan.limits)
    for model in plan.model:
        if not model.name:
            raise UsageError(said("a [[model]] has no name"))
        try:
            _check_model(model, names)
        except UsageError as error:
            raise UsageError(said("the model {}: {}", model.name, error)) from None


def _check_limits(limits: Limits) -> None:
    for name, value in structs.asdict(limits).items():
        if value <= 0:
            raise UsageError(said("the limit {} is {}: nothing can be done within it", name, f"{value:g}"))


def _check_model(model: Model, environments: list[str]) -> None:
    _check_placeholders(model)
    if model.limits is not None:
        _check_limits(model.limits)
    subjects = [name for name in (model.factory, model.script, model.module) if name]
    if len(subjects) != 1:
        raise UsageError(said("give one of factory, script and module"))
    if model.factory and (model.arguments or model.mode_arguments):
        raise UsageError(said("a factory takes no arguments"))
    if model.factory and ":" not in model.factory:
        raise UsageError(said("{} names no factory: write MODULE:FACTORY", repr(model.factory)))
    if model.each and model.configs:
        raise UsageError(said("give each or configs, not both"))
    unknown = [name for name in model.environments if name not in environments]
    if unknown:
        raise UsageError(said("there is no environment {}: there are {}", unknown[0], ", ".join(environments)))
    for mode in model.mode_arguments:
        mode_named(mode)
    for mode in map(mode_named, model.modes):
        if not model.factory and mode not in modes_of(model, MODES):
            raise UsageError(said("a script is exported {} only where mode-arguments say how", repr(mode)))


def _check_placeholders(model: Model) -> None:
    """Check that each placeholder stands for something. Arguments may have braces of their own."""
    known = ["each"] if model.each else ["config", "stem"] if model.configs else []
    texts = (model.name, model.factory, model.script, model.module)
    written = [name for text in texts for name in _PLACEHOLDER.findall(text)]
    written += [name for text in model.arguments for name in _PLACEHOLDER.findall(text) if name in _PLACEHOLDERS]
    for name in written:
        if name not in known:
            placeholder = f"{{{name}}}"
            if name not in _PLACEHOLDERS:
                raise UsageError(said("nothing stands for {}: there are {stem}, {config} and {each}", placeholder))
            raise UsageError(
                said("nothing stands for {}: give {}", placeholder, "each" if name == "each" else "configs")
            )


def mode_named(name: str) -> Mode:
    """A mode by its name, in which hyphens may stand for spaces.

    Raises:
        UsageError: There is no such mode.
    """
    written = name.replace("-", " ").replace("_", " ")
    for mode in MODES:
        if mode == written:
            return mode
    raise UsageError(said("there is no mode {}: there are {}", repr(name), ", ".join(MODES)))


def modes_of(model: Model, modes: tuple[str, ...]) -> list[Mode]:
    """The modes that a model is exported in.

    Args:
        model: The model.
        modes: Those of the sweep, for a model that names none. A script leaves out the ones that it has no arguments for.
    """
    wanted = [mode_named(mode) for mode in model.modes or modes]
    if model.factory:
        return wanted
    known = {"as given", *map(mode_named, model.mode_arguments)}
    return [mode for mode in wanted if mode in known]
