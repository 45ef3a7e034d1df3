"""What every group of cases has in common: after each case the process is as it was before the first."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .snapshot import Snapshot


class Cases:
    """Counts the cases of a group and keeps what was wrong with any."""

    def __init__(self) -> None:
        self.count = 0
        self.wrong: dict[str, str] = {}
        self._before = Snapshot()

    @contextmanager
    def case(self, name: str) -> Iterator[None]:
        """One case. An interrupt that gets here is wrong, too."""
        self.count += 1
        try:
            yield
        except BaseException:
            self.wrong[name] = traceback.format_exc()
        if changed := self.changed():
            self.wrong[name] = f"{self.wrong.get(name, '')}{len(changed)} left changed: {changed[:10]}"
            self._before = Snapshot()  # the next case is judged by itself

    def changed(self) -> list[str]:
        """What is not as it was before the first case."""
        return self._before.differences()

    def result(self) -> dict[str, Any]:
        return {"count": self.count, "wrong": self.wrong}


@contextmanager
def raising(kind: type[BaseException], *texts: str) -> Iterator[None]:
    """The block must raise an exception of exactly that kind, whose text has all of these in it."""
    try:
        yield
    except kind as error:
        if type(error) is not kind:
            raise
        for text in texts:
            assert text in str(error), f"{text!r} is not in {str(error)!r}"
    else:
        raise AssertionError(f"no {kind.__name__} was raised")
