"""Benchmarks: what is slow or inaccurate, measured as ratios in one interleaved run."""
