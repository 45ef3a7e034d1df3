"""Tries mutants in place of the code, in forks of a process that has loaded Paddle and nothing of shapetrace.

    python tests/replaced_mutants.py RESULTS NAME...        # writes a line for each that is done

What a module makes when it is imported is made of the mutant then, and no call of mutmut's stands among the frames that a watch looks at.
Where a test runs Python in a process of its own, that is a fork too.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import random
import resource
import runpy
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

import libcst
import paddle
import pytest
from mutmut.mutation.diff_apply import find_mutant, read_mutant_function, read_mutants_module
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

import subprocess_run

TESTS = {
    "shapetrace.dim.": ("tests/test_dim.py", "tests/capture/probes/test_refusals.py"),
    "shapetrace.capture.": (
        "tests/capture/source/test_stands.py",
        "tests/capture/probes/test_carriers.py",
        "tests/capture/probes/test_destinations.py",
        "tests/capture/probes/test_shadows.py",
        "tests/capture/probes/test_elements.py",
        "tests/capture/probes/test_logic.py",
        "tests/capture/probes/test_converted_dims.py",
        "tests/capture/probes/test_c_results.py",
        "tests/capture/probes/test_refusals.py",
        "tests/capture/source",
    ),
}
"""The tests of mutants whose names begin so."""
SURVIVED, NOTICED = 0, 1
MOST_SECONDS = 120
"""Of CPU time, for one process: one that loops for ever is noticed."""


class Replacing(MetaPathFinder, SourceFileLoader):
    """Has one module imported with another source.

    Args:
        module: Its name.
        path: Its file.
        source: What is to be read in place of the file.
    """

    def __init__(self, module: str, path: Path, source: str) -> None:
        super().__init__(module, str(path.resolve()))
        self.source = source

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        """Answer for the one module."""
        return (
            importlib.util.spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None
        )

    def get_code(self, fullname: str) -> CodeType:
        """Compile what is to be read, and keep nothing of it."""
        return compile(self.source, self.path, "exec", dont_inherit=True)


def mutated(name: str) -> Replacing:
    """What has a module imported with a mutant in it."""
    path = Path(find_mutant(name).path)
    function, class_name = orig_function_and_class_names_from_key(name)
    module = libcst.parse_module(path.read_text(encoding="utf-8"))
    holder: Any = module
    if class_name is not None:
        holder = next(
            part for part in module.body if isinstance(part, libcst.ClassDef) and part.name.value == class_name
        ).body
    original = next(
        part for part in holder.body if isinstance(part, libcst.FunctionDef) and part.name.value == function
    )
    mutant = read_mutant_function(read_mutants_module(path), name)
    source = module.deep_replace(original, mutant).code
    assert ast.dump(ast.parse(source)) != ast.dump(ast.parse(module.code))
    return Replacing(name.rpartition(".")[0], path, source)


def tried(tests: Sequence[str], mutant: str = "") -> int:
    """How tests end with a mutant, or with none."""
    if (child := os.fork()) == 0:
        code = NOTICED
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
            nowhere = os.open(os.devnull, os.O_WRONLY)
            for number in (1, 2):
                os.dup2(nowhere, number)
            if mutant:
                _import(mutated(mutant))
            code = NOTICED if pytest.main(["-xq", "-p", "no:cacheprovider", *tests]) else SURVIVED
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _import(replacing: Replacing) -> None:
    """Import the module before pytest does, which imports what has a plugin of its own by itself."""
    sys.meta_path.insert(0, replacing)
    importlib.import_module(replacing.name)


def run_python(
    arguments: Sequence[str | Path],
    *,
    cwd: Path = subprocess_run.ROOT,
    env: Mapping[str, str] | None = None,
    **_: Any,
) -> subprocess.CompletedProcess[str]:
    """Run a script as `subprocess_run.run_python` does, in a fork."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as out,
        tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
    ):
        if (child := os.fork()) == 0:
            os.chdir(cwd)
            os.environ.update(env or {})
            os.dup2(out.fileno(), 1)
            os.dup2(errors.fileno(), 2)
            sys.stdout, sys.stderr = os.fdopen(1, "w", encoding="utf-8"), os.fdopen(2, "w", encoding="utf-8")
            code = 0
            try:
                sys.argv = list(map(str, arguments))
                runpy.run_path(sys.argv[0], run_name="__main__")
            except BaseException:
                traceback.print_exc()
                code = 1
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        out.seek(0)
        errors.seek(0)
        code = os.waitstatus_to_exitcode(status)
        return subprocess.CompletedProcess(list(map(str, arguments)), code, out.read(), errors.read())


def _convert_something() -> None:
    """Have Paddle import and cache what its first conversion does."""

    def double(x: Any) -> Any:
        return x + x

    spec = [paddle.static.InputSpec([-1, 2], "float32")]
    _ = paddle.jit.to_static(double, input_spec=spec, full_graph=True).concrete_program


def main(results: str, *names: str) -> None:
    """Run from the command line."""
    subprocess_run.run_python = run_python
    _convert_something()
    assert "shapetrace" not in sys.modules
    with Path(results).open("w", encoding="utf-8") as done:
        for prefix, tests in TESTS.items():
            mutants = [name for name in names if name.startswith(prefix)]
            assert not mutants or tried(tests) == SURVIVED, f"without any mutant one of these fails: {tests}"
            for name in random.Random(0).sample(mutants, len(mutants)):
                print(tried(tests, name), name, file=done, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
