"""The page on the Python API is what the docstrings say, and leaves out nothing that is exported."""

from __future__ import annotations

import api_page
import shapetrace


def test_the_page_is_what_the_docstrings_say() -> None:
    assert api_page.PAGE.read_text("utf-8") == api_page.page(), "python tests/api_page.py writes it"


def test_the_page_names_all_that_is_exported() -> None:
    page = api_page.page()
    assert [name for name in shapetrace.__all__ if f"`shapetrace.{name}`" not in page and f"`{name}`" not in page] == [
        "__version__"
    ]
