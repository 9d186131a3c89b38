"""Gearbox: tooth geometry, load capacity with a spectrum, losses, bearings, mass; parallel axis and coaxial
planetary."""
