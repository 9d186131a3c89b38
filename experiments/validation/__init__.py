"""Validation against reality: one script an area, `python -m experiments.validation.NAME [--data FILE]`."""
