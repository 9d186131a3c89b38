"""Physical constants in SI units (CODATA 2018)."""

import math

VACUUM_PERMEABILITY = 1.25663706212e-6  # H/m
VACUUM_RELUCTIVITY = 1.0 / VACUUM_PERMEABILITY
STANDARD_GRAVITY = 9.80665  # m/s^2
CELSIUS_ZERO = 273.15  # K
RPM = 2.0 * math.pi / 60.0  # rad/s per revolution per minute
KILOMETRE_PER_HOUR = 1.0 / 3.6  # m/s per km/h
