"""Proof that a schedule is valid on its whole open domain: balls inside, expansions at the ends, never samples."""
