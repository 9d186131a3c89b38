"""Gearbox: layouts and their trains, tooth geometry, load capacity with a spectrum, losses, bearings, shafts, mass,
whole numbers of teeth."""
