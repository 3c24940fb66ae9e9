"""Text in the vocabulary, read without being evaluated: what may be written, how it is walked, and what is refused for its size.

Modules
-------
syntax
    Tokens, aliases and the errors that point at a place in the text.
walk
    From the syntax tree to SymPy, by a whitelist.
limits
    How large a number, a power or an expression may become.
bounded
    SymPy's operations, each asked for its size before it is carried out.

:mod:`s2n_proofs.parsing` is the public face of these.
"""
