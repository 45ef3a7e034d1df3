"""Places in the user's source."""

from __future__ import annotations

from msgspec import Struct, structs


class Site(Struct, frozen=True, omit_defaults=True, gc=False):
    """A range of the user's source.

    Lines count from 1 and columns from 0, both in characters, and `end_column` is one past the last
    one, as in Python's `ast` (which counts UTF-8 bytes instead).
    """

    file: str
    line: int
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    code: str = ""
    function: str = ""


class Sink(Site, frozen=True, omit_defaults=True, kw_only=True):
    """A site together with what was done there."""

    op: str = ""
    argument: str = ""
    index: int | None = None

    @classmethod
    def at(cls, site: Site, op: str, argument: str = "", index: int | None = None) -> Sink:
        """The sink at a site."""
        return cls(**structs.asdict(site), op=op, argument=argument, index=index)
