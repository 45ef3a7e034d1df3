"""Unknown dims as tensors: rebuilding them, the functions they enter by, and how these are intercepted."""
