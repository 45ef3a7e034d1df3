"""The jobs of a plan: one for each model, mode and environment, and what each is known again by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from shapetrace.errors import UsageError
from shapetrace.said import said
from shapetrace.sweep.plan import Environment, Limits, Mode, Model, Plan, modes_of

_FORM = 4
"""Counts up when a job comes to record something else than before."""


class Job(Struct, frozen=True):
    """One export: a model, in a mode, in an environment."""

    model: str
    mode: Mode
    environment: Environment
    root: str
    """Where it runs."""
    factory: str = ""
    script: str = ""
    module: str = ""
    arguments: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    dims: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    sizes: bool = False
    verify: bool = True
    limits: Limits = Limits()

    @property
    def name(self) -> tuple[str, str, str]:
        """Model, mode and environment: its place in the matrix, which no other job of a sweep has."""
        return self.model, self.mode, self.environment.name


def jobs(plan: Plan, file: Path) -> list[Job]:
    """All jobs of a plan, in the order of the file.

    Args:
        plan: The plan.
        file: Where it was read from.

    Raises:
        UsageError: Two of them have one name, or globs find nothing.
    """
    root = (file.parent / plan.root).resolve()
    if not root.is_dir():
        raise UsageError(said("{}: there is no directory {}", file, root))
    listed = [job for model in plan.model for job in _of_model(plan, model, root)]
    names: set[tuple[str, str, str]] = set()
    for job in listed:
        if job.name in names:
            raise UsageError(
                said("{}: two models are called {}: put {stem}, {config} or {each} into the name", file, job.model)
            )
        names.add(job.name)
    return listed


def _of_model(plan: Plan, model: Model, root: Path) -> Iterator[Job]:
    environments = [
        choice for choice in plan.environment if not model.environments or choice.name in model.environments
    ]
    for values in _values(model, root):
        for mode in modes_of(model, plan.modes):
            for environment in environments:
                yield _job(plan, model, root, values, mode, environment)


def _values(model: Model, root: Path) -> Iterator[dict[str, str]]:
    """What stands for each placeholder, a dict a model."""
    if model.each:
        yield from ({"each": each} for each in model.each)
        return
    if not model.configs:
        yield {}
        return
    configs = {path for pattern in model.configs for path in root.glob(pattern) if path.is_file()}
    configs -= {path for pattern in model.but for path in root.glob(pattern)}
    if not configs:
        raise UsageError(said("the model {}: {} finds no file in {}", model.name, ", ".join(model.configs), root))
    for path in sorted(configs):
        yield {"config": path.relative_to(root).as_posix(), "stem": path.stem}


def _job(plan: Plan, model: Model, root: Path, values: Mapping[str, str], mode: Mode, environment: Environment) -> Job:
    def filled(text: str) -> str:
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    return Job(
        model=filled(model.name),
        mode=mode,
        environment=environment,
        root=str(root),
        factory=filled(model.factory),
        script=filled(model.script),
        module=filled(model.module),
        arguments=tuple(map(filled, (*model.arguments, *_arguments_of(model, mode)))),
        remedies=plan.remedies if model.remedies is None else model.remedies,
        engines=plan.engines if model.engines is None else model.engines,
        dims=model.dims,
        code=(*plan.code, *map(filled, model.code)),
        sizes=plan.sizes if model.sizes is None else model.sizes,
        verify=plan.verify if model.verify is None else model.verify,
        limits=model.limits or plan.limits,
    )


def _arguments_of(model: Model, mode: Mode) -> tuple[str, ...]:
    named = {name.replace("-", " ").replace("_", " "): value for name, value in model.mode_arguments.items()}
    return named.get(mode, ())


class Known(Struct, frozen=True):
    """What is known of an environment: what it has installed."""

    python: str
    """Version of Python."""
    paddle: str
    """Version of Paddle; empty where there is none."""
    shapetrace: str
    packages: str
    """Digest of the names and versions of all that is installed."""


def key(job: Job, known: Known, files: Sequence[tuple[str, str]]) -> str:
    """What a job is known again by: the digest of all that decides what comes of it.

    Where the checkout stands and what the limits are is no part of it: a job that ran into a limit is done again by `--rerun`.

    Args:
        job: The job.
        known: What its environment has installed.
        files: Names and digests of the files that its model is made of.
    """
    python = structs.replace(job.environment, python="")
    what = structs.replace(job, root="", limits=Limits(), environment=python, code=())
    content = msgspec.json.encode([_FORM, what, known, files])
    return hashlib.sha256(content).hexdigest()[:32]
