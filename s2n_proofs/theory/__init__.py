"""Derivations from generic alpha and sigma; they know nothing of claims."""
