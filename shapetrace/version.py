"""The version of shapetrace."""

__version__ = "0.2.0"
