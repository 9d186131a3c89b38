"""Full cycle -> a few duty points, by deterministic clustering on the host.

Each point stands for the seconds of one cluster in the plane of speed and wheel force. Its speed is their mean
(distance kept exactly) and its force is their energy mean (work = force x speed x duration kept exactly, for the road
load's part and the mass's part apart, so that it stays exact at every other mass). Driving and braking seconds never
share a cluster, so positive and negative work are kept exactly at the reference mass. What a reduction loses is the
spread of torque and speed inside a cluster, to which the losses are curved: about -1.3 % of the losses with 24 points,
-1.0 % with 32 on WLTC (tests/duty).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.duty.cycles import STANDSTILL_SPEED, Cycle
from edu_opt.duty.duty_points import DutyPoints
from edu_opt.duty.road_load import ROTATING_MASS_SHARE, RoadLoad

LLOYD_STEPS = 60
TRACE_POINTS = 1664  # moving seconds of the longest regulation cycle (WLTC 1564), rounded up
TRACE_STEP = 256  # points by which the trace of a longer cycle grows: cycles of about one length share a program


def cycle_forces(cycle: Cycle, road_load: RoadLoad) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(speed, road-load force, force per mass, duration) of each interval of a cycle, shapes (n-1,).

    The road load is that of tyres and air: the drive unit's own drag is left to its loss model. Its quadratic term uses
    the mean of v^3 over the interval, so that the work is that of the linear speed trace.
    """
    speed, acceleration, duration = cycle.intervals
    first, last = cycle.speed[:-1], cycle.speed[1:]
    cube = (first + last) * (first**2 + last**2) / 4.0
    safe = np.where(speed > 0.0, speed, 1.0)
    square = np.where(speed > 0.0, (first**2 + first * last + last**2) / 3.0, 0.0)
    constant = float(road_load.constant) - float(road_load.unit_drag)
    linear = float(road_load.linear) - float(road_load.unit_drag_linear)
    quadratic = float(road_load.quadratic) - float(road_load.unit_drag_quadratic)
    road = constant + (linear * square + quadratic * cube) / safe
    return speed, np.where(speed > 0.0, road, 0.0), acceleration * (1.0 + ROTATING_MASS_SHARE), duration


def farthest_starts(features: np.ndarray, weight: np.ndarray, count: int) -> np.ndarray:
    """Indices of `count` starting centres: the heaviest point, then always that of the largest weighted distance."""
    chosen = [int(np.argmax(weight))]
    distance = np.sum((features - features[chosen[0]]) ** 2, axis=1)
    while len(chosen) < count:
        chosen.append(int(np.argmax(distance * weight)))
        distance = np.minimum(distance, np.sum((features - features[chosen[-1]]) ** 2, axis=1))
    return np.array(chosen)


def cluster(features: np.ndarray, weight: np.ndarray, count: int) -> np.ndarray:
    """Labels (n,) of weighted k-means clusters; deterministic, no cluster empty."""
    count = min(count, len(np.unique(features, axis=0)))
    centres = features[farthest_starts(features, weight, count)]
    labels = np.zeros(len(features), int)
    for _ in range(LLOYD_STEPS):
        distance = np.sum((features[:, None, :] - centres[None]) ** 2, axis=2)
        labels = np.argmin(distance, axis=1)
        total = np.bincount(labels, weight, count)
        for axis in range(features.shape[1]):
            moments = np.bincount(labels, weight * features[:, axis], count)
            centres[:, axis] = np.where(total > 0, moments / np.where(total > 0, total, 1.0), centres[:, axis])
    return np.unique(labels, return_inverse=True)[1]


def split_count(driving: np.ndarray, power: np.ndarray, duration: np.ndarray, count: int) -> int:
    """How many of `count` points go to driving: by the share of throughput energy, at least a quarter to each side; all
    to one side where the other one is empty (a cycle that never brakes)."""
    if driving.all() or not driving.any():
        return count if driving.any() else 0
    throughput = np.abs(power) * duration
    share = throughput[driving].sum() / max(throughput.sum(), 1e-9)
    return int(np.clip(round(count * share), count // 4, count - count // 4))


def filled_up(points: np.ndarray, count: int) -> np.ndarray:
    """Points (rows, count) from fewer, their durations in the first row: the longest are halved until there are enough.

    A cycle of few unlike seconds (constant speed) thus has as many points as any other and shares its programs."""
    while points.shape[1] < count:
        longest = int(np.argmax(points[0]))
        points[0, longest] *= 0.5
        points = np.concatenate([points, points[:, [longest]]], axis=1)
    return points


def reduce_cycle(cycle: Cycle, road_load: RoadLoad, mass: float, count: int) -> DutyPoints:
    """`count` duty points for a cycle at a reference mass [kg] (count >= 8; see the module's text)."""
    if count < 8:
        raise ValueError(f"a cycle needs at least 8 duty points, got {count}")
    speed, road, per_mass, duration = cycle_forces(cycle, road_load)
    moving = speed > STANDSTILL_SPEED
    standstill = float(duration[~moving].sum())
    lost = float((speed * duration)[~moving].sum())
    speed, road, per_mass, duration = (a[moving] for a in (speed, road, per_mass, duration))
    force = road + mass * per_mass
    features = np.stack([speed / speed.max(), force / np.abs(force).max()], axis=1)
    weight = duration * (0.05 + np.abs(force * speed) / np.abs(force * speed).max())
    driving = force >= 0.0
    drive_count = split_count(driving, force * speed, duration, count)
    labels = np.empty(len(force), int)
    first = 0
    for side, points in ((driving, drive_count), (~driving, count - drive_count)):
        if side.any():
            labels[side] = cluster(features[side], weight[side], points) + first
            first = labels[side].max() + 1
    time = np.bincount(labels, duration)
    travelled = np.bincount(labels, duration * speed)
    travelled[np.argmin(travelled / time)] += lost  # of the seconds that count as rest
    work = [np.bincount(labels, force * speed * duration) / travelled for force in (road, per_mass)]
    time, mean, constant, inertial = filled_up(np.stack([time, travelled / time, *work]), count)
    return DutyPoints(
        speed=jnp.asarray(mean),
        force_constant=jnp.asarray(constant),
        force_per_mass=jnp.asarray(inertial),
        duration=jnp.asarray(time),
        standstill=jnp.asarray(standstill),
        distance=jnp.asarray(cycle.distance),
    )


def trace_points(*cycles: Cycle) -> int:
    """Points that hold every moving second of each of the cycles: `TRACE_POINTS`, more for a longer one."""
    needed = max(int((cycle.intervals[0] > 0.0).sum()) for cycle in cycles)
    return TRACE_POINTS if needed <= TRACE_POINTS else -(-needed // TRACE_STEP) * TRACE_STEP


def full_points(cycle: Cycle, road_load: RoadLoad, count: int | None = None) -> DutyPoints:
    """Every moving second of a cycle as its own duty point: what a reduction is measured against.

    `count`: so many points, the last ones at 10 m/s without force and of no duration, so that cycles of different
    length share a compiled program (`trace_points`; `TRACE_POINTS` holds every regulation cycle).
    """
    speed, road, per_mass, duration = cycle_forces(cycle, road_load)
    moving = speed > 0.0
    added = (0 if count is None else count) - int(moving.sum())
    if count is not None and added < 0:
        raise ValueError(f"{cycle.name}: has {moving.sum()} moving seconds, more than {count} points")

    def filled(values: np.ndarray, padding: float) -> jax.Array:
        return jnp.asarray(np.pad(values[moving], (0, max(added, 0)), constant_values=padding))

    return DutyPoints(
        speed=filled(speed, 10.0),
        force_constant=filled(road, 0.0),
        force_per_mass=filled(per_mass, 0.0),
        duration=filled(duration, 0.0),
        standstill=jnp.asarray(float(duration[~moving].sum())),
        distance=jnp.asarray(cycle.distance),
    )
