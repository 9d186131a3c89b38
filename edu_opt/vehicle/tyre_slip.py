"""Slip of driven tyres: what the tread loses between a unit's axle and the road while it drives or brakes the car.

A tyre that transmits a force turns faster (braking: slower) than it rolls. In driving cycles (up to a third of the
load, with friction near 1) slip is proportional to force over load, and the power F v slip is lost. A coast-down does
not contain it: its tyres roll freely. Of the wall energy it is 1.2 to 1.7 % on UDDS and 0.4 % on HWFET with one driven
axle (four EPA test cars), 0.6 and 0.2 % with two (I-PACE). Sprints and climbs go without it.
"""

from __future__ import annotations

import jax

from edu_opt.numerics.constants import STANDARD_GRAVITY
from edu_opt.vehicle.model import Number, Vehicle, axle_positions


def axle_loads(vehicle: Vehicle, mass: Number) -> jax.Array:
    """Static load (A,) [N] of each driven axle; weight transfer is left out (mean slip of an axle: second order)."""
    return axle_positions(vehicle)[0] * mass * STANDARD_GRAVITY


def force_with_slip(vehicle: Vehicle, force: jax.Array, load: jax.Array) -> jax.Array:
    """Force [N] that an axle must give its wheels for a force on the road (any shape; < 0: braking) under a load [N].

    The slip is charged as force at the vehicle's speed, F (1 + F / (k load)): the power at the wheels is exact, torque
    and speed are each off by the slip (i4: 0.4 % of the way on WLTC, 1.7 % at most), and all axles keep one speed.
    """
    return force * (1.0 + force / (vehicle.slip_stiffness * load))
