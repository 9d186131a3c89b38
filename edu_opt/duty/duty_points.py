"""A cycle reduced to a few steady points that keep its distance, time and wheel energies."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree


@pytree
class DutyPoints:
    """Steady points that stand for a cycle; K points, all with speed > 0.

    speed [K] m/s; force_constant [K] N (road load); force_per_mass [K] N/kg (acceleration with the wheels' rotating
    share); duration [K] s; standstill scalar s (time at rest: auxiliary power only); distance scalar m.
    The wheel force at a test mass is `force_constant + mass * force_per_mass`: positive drives, negative brakes.
    """

    speed: jax.Array
    force_constant: jax.Array
    force_per_mass: jax.Array
    duration: jax.Array
    standstill: jax.Array
    distance: jax.Array

    @property
    def time(self) -> jax.Array:
        """Duration of the cycle, standstill included [s]."""
        return jnp.sum(self.duration) + self.standstill


def wheel_force(points: DutyPoints, mass: float | jax.Array) -> jax.Array:
    """Force at the wheels of all driven axles together, shape (K,) [N]."""
    return points.force_constant + mass * points.force_per_mass


def wheel_energy(points: DutyPoints, mass: float | jax.Array) -> tuple[jax.Array, jax.Array]:
    """(driving >= 0, braking <= 0) energy at the wheels over the cycle [J]."""
    energy = wheel_force(points, mass) * points.speed * points.duration
    return jnp.sum(jnp.maximum(energy, 0.0)), jnp.sum(jnp.minimum(energy, 0.0))


def axle_demand(
    points: DutyPoints, mass: float | jax.Array, wheel_radius: float | jax.Array, share: float | jax.Array = 1.0
) -> tuple[jax.Array, jax.Array]:
    """(axle torque [N m], axle speed [rad/s]), each (K,), for one unit that carries `share` of the wheel force."""
    return wheel_force(points, mass) * wheel_radius * share, points.speed / wheel_radius
