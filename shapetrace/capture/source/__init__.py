"""Frames and places in running code, turned into ranges of the user's source."""
