"""Runnable studies: validation against reality, benchmarks against peers, studies."""
