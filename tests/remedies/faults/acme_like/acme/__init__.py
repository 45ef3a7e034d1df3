"""A stranger's package, and what can be repaired in it."""
