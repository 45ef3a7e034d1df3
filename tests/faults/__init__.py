"""Faults of shapetrace's own, raised in every function of it that runs while a conversion is watched.

`inject.py` raises, `models.py` has what is converted, `__main__.py` compares with the same conversion unwatched.
"""
