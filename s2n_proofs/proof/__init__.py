"""The judge: the only trusted code."""
