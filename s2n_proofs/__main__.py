"""``python -m s2n_proofs`` is ``s2n``."""

from .cli import main

if __name__ == "__main__":
    main()
