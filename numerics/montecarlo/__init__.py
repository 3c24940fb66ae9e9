"""The second witness: every claim about a random process, checked by simulating the process."""
