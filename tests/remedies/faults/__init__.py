"""Remedies and watches that fail or are interrupted at every step, and what is left of them: nothing.

    python -m remedies.faults

runs each group of cases in a forked process and prints JSON lines.
"""
