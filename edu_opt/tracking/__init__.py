"""The record of a study: its folder on disk first, its mirror in MLflow second."""
