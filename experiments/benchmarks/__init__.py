"""Comparisons with peers on the same machine in the same run: `python -m experiments.benchmarks.NAME`."""
