"""Motor: geometry -> field (2-D FE) -> flux map -> losses, thermal nodes, stress, demagnetization, mass."""
