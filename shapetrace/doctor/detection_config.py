"""Checks a PaddleDetection config before its model is exported: levels, image size, batch, `eval_size`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from shapetrace.doctor.lines import Line
from shapetrace.errors import in_words
from shapetrace.said import Said, said

_SUBJECT = "config"
_ISSUES = "https://github.com/PaddlePaddle/PaddleDetection/issues"
_POINTS = ("num_decoder_points", "num_points")
Config = Mapping[str, Any]


def lines(script: str, arguments: Sequence[str]) -> list[Line]:
    """The lines about the config that the arguments of a script name; none where they name none.

    Args:
        script: What is run.
        arguments: What it is run with.
    """
    path = named(arguments)
    if path is None or not (_is_export_tool(script) or "ppdet" in sys.modules):
        return []
    try:
        config = _read(path, arguments)
    except (Exception, SystemExit) as error:
        return [
            Line(
                "note",
                _SUBJECT,
                said("{} was not checked: PaddleDetection could not read it: {}", path, in_words(error)),
            )
        ]
    return examined(config, path)


def named(arguments: Sequence[str]) -> str | None:
    """The config that `-c` or `--config` names."""
    for place, argument in enumerate(arguments):
        option, equals, value = argument.partition("=")
        if option in ("-c", "--config"):
            path = value if equals else next(iter(arguments[place + 1 : place + 2]), "")
            if path.endswith((".yml", ".yaml")):
                return path
    return None


def examined(config: Config, path: str) -> list[Line]:
    """The lines about a config.

    Args:
        config: It, with what it is based on, and with the options of the command line.
        path: Where it was read from.
    """
    sections = _sections(config)
    shape = image_shape(config)
    problems = [*_levels(sections), *_batch(config, shape)]
    if len(shape) >= 3:
        height, width = shape[-2:]
        problems += [*_divisible(sections, height, width), *_eval_size(config, height, width)]
    architecture = config.get("architecture", said("no architecture"))
    kinds = said("{}: {}, image {}", path, architecture, _written(shape))
    return [Line("ok", _SUBJECT, kinds), *problems]


def image_shape(config: Config) -> list[Any]:
    """The image shape that the trainer reads; its default where the config says none."""
    reader = config.get("TestReader") or {}
    shape = (reader.get("inputs_def") or {}).get("image_shape")
    return [None, 3, -1, -1] if shape is None else list(shape)


def _is_export_tool(script: str) -> bool:
    return os.path.basename(script) == "export_model.py"


def _read(path: str, arguments: Sequence[str]) -> Config:
    """What the script has read, options included; else what it would read."""
    from ppdet.core import workspace

    if workspace.global_config.get("filename"):
        loaded: Config = workspace.global_config
        return loaded
    from ppdet.utils.cli import ArgsParser

    options, _ = ArgsParser().parse_known_args(list(arguments))
    config: Config = workspace.load_config(path)
    workspace.merge_config(ArgsParser()._parse_opt(options.opt))
    return config


def _sections(config: Config) -> dict[str, Config]:
    """The sections that the architecture uses, by name: a config may hold many others."""
    sections: dict[str, Config] = {}
    waiting = [config.get("architecture")]
    while waiting:
        name = waiting.pop()
        section = config.get(name) if isinstance(name, str) else None
        if isinstance(section, Mapping) and name not in sections:
            sections[str(name)] = section
            waiting += [value for value in section.values() if isinstance(value, str)]
    return sections


def _levels(sections: Mapping[str, Config]) -> list[Line]:
    problems = []
    for name, section in sections.items():
        levels, strides = section.get("num_levels"), section.get("feat_strides")
        if not isinstance(levels, int):
            continue
        if isinstance(strides, list | tuple) and len(strides) > levels:
            problems.append(
                _disagree(name, said("{} has {} levels, num_levels is {}", "feat_strides", len(strides), levels))
            )
        for key in _POINTS:
            points = section.get(key)
            if isinstance(points, list | tuple) and len(points) != levels:
                problems.append(_disagree(name, said("{} has {} levels, num_levels is {}", key, len(points), levels)))
    return problems


def _disagree(section: str, what: Said) -> Line:
    return Line(
        "error", _SUBJECT, said("{}: {}: the model cannot be built", section, what), said("give one entry a level")
    )


def _divisible(sections: Mapping[str, Config], height: Any, width: Any) -> list[Line]:
    strides = [
        stride
        for section in sections.values()
        for stride in _all_strides(section)
        if isinstance(stride, int) and stride > 0
    ]
    if not strides:
        return []
    largest = max(strides)
    odd = [size for size in (height, width) if _known(size) and size % largest]
    if not odd:
        return []
    return [
        Line(
            "warning",
            _SUBJECT,
            said(
                "image size {} x {}: {} is no multiple of {}, the largest stride; levels round it in different ways",
                height,
                width,
                odd[0],
                largest,
            ),
            said("take multiples of {}, such as {}", largest, odd[0] // largest * largest or largest),
        )
    ]


def _all_strides(section: Config) -> list[Any]:
    """`feat_strides`, and those of the levels that are added above: each twice the one before."""
    strides, levels = section.get("feat_strides"), section.get("num_levels")
    if not isinstance(strides, list | tuple) or not strides:
        return []
    more = levels - len(strides) if isinstance(levels, int) else 0
    return [*strides, *(strides[-1] * 2 ** (step + 1) for step in range(more))]


def _batch(config: Config, shape: Sequence[Any]) -> list[Line]:
    """Which batch arrives: the trainer drops the one asked for whenever post-processing is exported."""
    asked = shape[0] if len(shape) == 4 and _known(shape[0]) else None
    if asked is None:
        return [Line("note", _SUBJECT, said("the batch is unknown in the export"))]
    if not _post_process(config):
        return [Line("ok", _SUBJECT, said("the batch is {}", asked))]
    return [
        Line(
            "warning",
            _SUBJECT,
            said(
                "you asked for batch {}, None will arrive for the image: the trainer resets it whenever "
                "post-processing is exported",
                asked,
            ),
            said(
                "export.post_process=False keeps it; or export with an unknown batch, and feed batches of {} to "
                "the export",
                asked,
            ),
            (f"{_ISSUES}/9211",),
        )
    ]


def _post_process(config: Config) -> bool:
    """As `Trainer._get_infer_cfg_and_input_spec` decides it."""
    if "export" not in config:
        return True
    export = config["export"] or {}
    return bool(export.get("post_process", False) and not export.get("benchmark", False))


def _eval_size(config: Config, height: Any, width: Any) -> list[Line]:
    size = config.get("eval_size")
    if not size:
        return []
    if not (_known(height) and _known(width)):
        return [
            Line(
                "error",
                _SUBJECT,
                said(
                    "eval_size is {} while height or width is unknown: the model takes images of that size only",
                    list(size),
                ),
                said("set eval_size: null (eval_size=null after -o)"),
                (f"{_ISSUES}/8508",),
            )
        ]
    if list(size) != [height, width]:
        return [
            Line(
                "error",
                _SUBJECT,
                said(
                    "eval_size is {}, the image {} x {}: the model takes images of eval_size only",
                    list(size),
                    height,
                    width,
                ),
                said("set eval_size: [{}, {}], or null", height, width),
                (f"{_ISSUES}/8508",),
            )
        ]
    return []


def _known(size: Any) -> bool:
    return isinstance(size, int) and size > 0


def _written(shape: Sequence[Any]) -> str:
    return f"[{', '.join(map(str, shape))}]"
