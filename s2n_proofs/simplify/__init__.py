"""Textbook forms: shorter ways to write a derived formula, each proved equal to it."""
