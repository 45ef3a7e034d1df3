"""A trace as the user's own source, each line with the shapes it makes: for the terminal, the page and editors."""

from shapetrace.annotated.lines import File, Line, Made, Read, Size, annotate

__all__ = ["File", "Line", "Made", "Read", "Size", "annotate"]
