"""Vehicles as cited parameter sets; energy, range, acceleration, top speed and grade from unit maps and envelopes."""
