"""The version of shapetrace."""

__version__ = "0.1.0"
