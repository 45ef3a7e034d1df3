"""Factories for the models of a PaddleDetection checkout: `detection:configs/…/x.yml` builds one, with random weights."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from paddle.static import InputSpec


def __getattr__(name: str) -> Callable[[], tuple[Any, list[Any]]]:
    """The factory for a config, made when it is asked for."""
    if not name.endswith(".yml"):
        raise AttributeError(name)

    def build() -> tuple[Any, list[Any]]:
        sys.path.insert(0, os.getcwd())
        from ppdet.core.workspace import create, load_config

        settings = load_config(name)
        settings["weights"] = settings["pretrain_weights"] = None
        for section in settings.values():
            if isinstance(section, dict) and section.get("pretrained"):
                section["pretrained"] = None
        return create(settings["architecture"]), [_inputs(settings)]

    return build


def _inputs(settings: Any) -> dict[str, InputSpec]:
    """What `tools/export_model.py` exports with."""
    definition = settings["TestReader"].get("inputs_def") or {}
    shapes = {"image": [1, *definition.get("image_shape", [3, 640, 640])[-3:]], "scale_factor": [1, 2]}
    if settings["architecture"] == "DETR":  # the others do not use it
        shapes["im_shape"] = [1, 2]
    return {name: InputSpec(shape, "float32", name=name) for name, shape in shapes.items()}
