"""Checks before an export: what is installed, and the model itself, without converting anything.

Each module looks at one thing and gives lines; `shapetrace doctor` arranges and prints them.
"""
