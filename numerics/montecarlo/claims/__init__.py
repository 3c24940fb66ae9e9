"""One module per part of the theory: which processes are simulated, and what is expected of them."""
