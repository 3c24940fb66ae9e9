"""Printers: one program as torch, numpy, mpmath, Arb and JavaScript source, and as LaTeX."""
