"""From a proved formula to accurate code: rewrites that are proved, and accepted only when measurement says that they help."""
