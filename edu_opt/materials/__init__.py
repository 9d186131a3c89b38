"""Cited parameter sets of materials: data apart from models."""
