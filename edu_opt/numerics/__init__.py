"""Smooth functions, pytrees, design variables, interpolation: nothing in here knows about drive units."""
