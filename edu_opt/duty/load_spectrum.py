"""Load spectra for strength and life: a life of cycles plus peak blocks, at the axle of one drive unit.

A cycle alone never shows what breaks gears: production gears run in the finite-life range at peak torque, so the rare
full-torque launches and overruns stand as blocks of their own. How many there are is assumed (`LifeAssumptions`).
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.duty.cycles import Cycle
from edu_opt.duty.reduction import cycle_forces
from edu_opt.duty.road_load import RoadLoad, tyre_and_air_force
from edu_opt.numerics.constants import KILOMETRE_PER_HOUR
from edu_opt.numerics.pytree import pytree

DAMAGE_EXPONENT = 6.6  # on torque: half the slope 13.2 of the flank's S-N curve (ISO 6336-2, stress ~ sqrt(torque))
DRIVING_BLOCKS = 8
BRAKING_BLOCKS = 4


@pytree
class LoadSpectrum:
    """Blocks of constant load over the life of one drive unit, at its output (differential cage); K blocks.

    axle_torque [K] N m (sum of both wheels of the axle; + driving, - recuperating: the other flanks);
    axle_speed [K] rad/s >= 0; duration [K] s over the whole life. Revolutions of the axle in a block are
    axle_speed * duration / (2 pi). Blocks with zero duration are allowed and mean nothing.
    """

    axle_torque: jax.Array
    axle_speed: jax.Array
    duration: jax.Array


@pytree
class LifeAssumptions:
    """What a life holds. 300 000 km is the usual design target of passenger cars; the rest is assumed.

    One launch at full torque, one overtaking at 60 % of it and one hard overrun every 20 km; 2 % of the distance at top
    speed. Seconds and speeds of each: a launch holds full torque to about 40 km/h (mean 20 km/h) for 1.5 s.
    """

    distance: float = 3.0e8  # m
    events_per_metre: float = 1.0 / 20e3
    launch_seconds: float = 1.5
    launch_speed: float = 20.0 * KILOMETRE_PER_HOUR
    overtaking_seconds: float = 3.0
    overtaking_speed: float = 80.0 * KILOMETRE_PER_HOUR
    overtaking_torque_share: float = 0.6
    overrun_seconds: float = 3.0
    overrun_speed: float = 60.0 * KILOMETRE_PER_HOUR
    top_speed_share: float = 0.02


def _block_edges(torque: np.ndarray) -> np.ndarray:
    """Edges of equal width over the driving and the braking torque of a cycle."""
    braking = np.linspace(min(torque.min(), -1e-6), 0.0, BRAKING_BLOCKS + 1)
    return np.concatenate([braking[:-1], np.linspace(0.0, max(torque.max(), 1e-6), DRIVING_BLOCKS + 1)])


def cycle_blocks(
    cycle: Cycle,
    road_load: RoadLoad,
    mass: float,
    wheel_radius: float,
    share: float | Callable[[np.ndarray], np.ndarray] = 1.0,
    life: LifeAssumptions | None = None,
) -> LoadSpectrum:
    """A cycle repeated over a life as 12 blocks (4 braking, 8 driving), host side.

    `share` of the wheel force is carried by this unit, also as a function of the vehicle's speed [m/s]; where it is 0
    the unit stands (its axle has let go). A block's torque is the damage mean of its seconds (exponent
    6.6, weighted by revolutions), its speed keeps the revolutions, its duration the time.
    """
    life = LifeAssumptions() if life is None else life
    speed, road, per_mass, duration = cycle_forces(cycle, road_load)
    carried = share(speed) if callable(share) else np.full_like(speed, share)
    torque = (road + mass * per_mass) * wheel_radius * carried
    duration = np.where(carried > 0.0, duration, 0.0)
    angle = speed / wheel_radius * duration
    edges = _block_edges(torque)
    block = np.clip(np.digitize(torque, edges) - 1, 0, len(edges) - 2)
    count = len(edges) - 1
    turned = np.bincount(block, angle, count)
    damage = np.bincount(block, angle * np.abs(torque) ** DAMAGE_EXPONENT, count)
    time = np.bincount(block, np.where(speed > 0.0, duration, 0.0), count)
    mean = (damage / np.where(turned > 0.0, turned, 1.0)) ** (1.0 / DAMAGE_EXPONENT)
    sign = np.where(np.arange(count) < BRAKING_BLOCKS, -1.0, 1.0)
    repeats = life.distance * (1.0 - life.top_speed_share) / cycle.distance
    return LoadSpectrum(
        axle_torque=jnp.asarray(sign * mean),
        axle_speed=jnp.asarray(turned / np.where(time > 0.0, time, 1.0)),
        duration=jnp.asarray(time * repeats),
    )


def peak_blocks(
    peak_axle_torque: jax.Array,
    overrun_axle_torque: jax.Array,
    top_speed_axle_torque: jax.Array,
    wheel_radius: jax.Array,
    top_speed: jax.Array,
    life: LifeAssumptions | None = None,
) -> LoadSpectrum:
    """Launch, overtaking, overrun and top-speed blocks (4,); torques [N m] >= 0 of one unit, speed [m/s]."""
    life = LifeAssumptions() if life is None else life
    events = life.distance * life.events_per_metre
    torque = [
        peak_axle_torque,
        life.overtaking_torque_share * jnp.asarray(peak_axle_torque),
        -jnp.asarray(overrun_axle_torque),
        top_speed_axle_torque,
    ]
    speed = [life.launch_speed, life.overtaking_speed, life.overrun_speed, top_speed]
    seconds = [
        events * life.launch_seconds,
        events * life.overtaking_seconds,
        events * life.overrun_seconds,
        life.distance * life.top_speed_share / jnp.asarray(top_speed),
    ]
    stack = [jnp.stack([jnp.asarray(v, float) for v in values]) for values in (torque, speed, seconds)]
    return LoadSpectrum(axle_torque=stack[0], axle_speed=stack[1] / wheel_radius, duration=stack[2])


def join(first: LoadSpectrum, second: LoadSpectrum) -> LoadSpectrum:
    """Blocks of both spectra, in order."""
    return jax.tree.map(lambda a, b: jnp.concatenate([a, b]), first, second)


def load_spectrum(
    cycle: Cycle,
    road_load: RoadLoad,
    mass: float,
    wheel_radius: float,
    peak_axle_torque: jax.Array,
    overrun_axle_torque: jax.Array,
    top_speed: float,
    share: float = 1.0,
    life: LifeAssumptions | None = None,
) -> LoadSpectrum:
    """Whole life of one unit, 16 blocks: cycle blocks, then launch, overtaking, overrun, top speed (see both parts)."""
    cruising = tyre_and_air_force(road_load, jnp.asarray(top_speed)) * wheel_radius * share
    rare = peak_blocks(
        peak_axle_torque, overrun_axle_torque, cruising, jnp.asarray(wheel_radius), jnp.asarray(top_speed), life
    )
    return join(cycle_blocks(cycle, road_load, mass, wheel_radius, share, life), rare)
