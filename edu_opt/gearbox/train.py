"""Kinematics and power flow of any gear train from its structure: one equation a mesh gives speeds and torques.

A mesh rolls without slip against the arm that carries its line of centres (Willis): z1 (w_pinion - w_arm) +
z2 (w_wheel - w_arm) = 0, with the sign of ISO 21771 (a ring's z2 is negative). These rows, solved with the axle's speed
set to one, give every speed. The torques that the meshes put on the shafts are the rows' multipliers, so the
transposed system with the motor's torque on its right gives every torque, and power balances by construction (virtual
work; Mueller, Die Umlaufgetriebe, Springer 1998, ch. 2; recalled).
"""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_absolute

MOTOR, AXLE, HOUSING, LOOSE = "motor", "axle", "housing", "loose"


@dataclasses.dataclass(frozen=True)
class Mesh:
    """A mesh between the shafts of its two gears; `arm` carries its line of centres. Gear `planet` ("pinion",
    "wheel" or None) belongs to the planets: there are as many of this mesh in parallel as there are planets."""

    pinion: str
    wheel: str
    arm: str = HOUSING
    planet: str | None = None


@dataclasses.dataclass(frozen=True)
class Train:
    """Structure of a gear train: meshes in order from the motor to the axle; as many as free shafts.

    order: the free shafts where two trains of one gearbox (its gears) must name them alike; else as they appear.
    """

    meshes: tuple[Mesh, ...]
    order: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.meshes) != len(self.free_shafts):
            raise ValueError(f"{len(self.meshes)} meshes for the {len(self.free_shafts)} shafts {self.free_shafts}")

    @property
    def free_shafts(self) -> tuple[str, ...]:
        """Shafts whose speed follows: all but axle and housing, the motor first."""
        if self.order:
            return self.order
        named = [s for m in self.meshes for s in (m.pinion, m.wheel, m.arm)]
        return tuple(dict.fromkeys([MOTOR, *(s for s in named if s not in (AXLE, HOUSING))]))

    @property
    def shafts(self) -> tuple[str, ...]:
        """Free shafts, then the axle."""
        return (*self.free_shafts, AXLE)

    def role(self, role: str, shaft: str) -> np.ndarray:
        """1.0 for meshes (M,) in which a shaft is `role`: pinion, wheel or arm."""
        return np.array([float(getattr(m, role) == shaft) for m in self.meshes])

    def place(self, shaft: str) -> int:
        """Where a shaft's own losses join the flow of power: 0 ahead of the first mesh, k behind mesh k (of 1 to M)."""
        driven = [k + 1 for k, m in enumerate(self.meshes) if shaft in (m.wheel, m.arm)]
        return max(driven, default=0)

    @property
    def loaded(self) -> np.ndarray:
        """False for meshes (M,) whose wheel runs loose in this gear."""
        return np.array([LOOSE not in (m.pinion, m.wheel) for m in self.meshes])

    @property
    def split(self) -> np.ndarray:
        """1.0 for meshes (M,) that the planets share."""
        return np.array([float(m.planet is not None) for m in self.meshes])


@pytree
class TrainState:
    """Lossless state of a train per unit of axle speed and axle torque; M meshes, S shafts in the order of `shafts`.

    shaft_speed (S,) signed. Of each mesh (M,): parallel = how many of it share the torque; pinion_torque of one of
    them, positive when driving; pinion_speed, wheel_speed >= 0 against the line of centres; pinion_cycles,
    wheel_cycles: loads on one tooth in one turn of the axle.
    """

    shaft_speed: jax.Array
    parallel: jax.Array
    pinion_torque: jax.Array
    pinion_speed: jax.Array
    wheel_speed: jax.Array
    pinion_cycles: jax.Array
    wheel_cycles: jax.Array

    @property
    def ratio(self) -> jax.Array:
        """Motor speed over axle speed, positive."""
        return jnp.abs(self.shaft_speed[0])

    @property
    def rolling_power(self) -> jax.Array:
        """Power through the teeth of all parallel meshes over the power of the axle (M,): 1 between fixed axes."""
        return self.parallel * self.pinion_torque * self.pinion_speed


def rolling_conditions(train: Train, teeth: Any) -> Any:
    """Coefficients (..., M, S) of every shaft's speed in every mesh's rolling condition, shafts in the train's order;
    teeth (..., M, 2) of numpy or jax."""
    roles = [np.stack([train.role(role, s) for s in train.shafts]) for role in ("pinion", "wheel", "arm")]
    pinion, wheel = (roles[0] - roles[2]).T, (roles[1] - roles[2]).T
    return teeth[..., 0, None] * pinion + teeth[..., 1, None] * wheel


def train_ratio(train: Train, teeth: np.ndarray) -> np.ndarray:
    """Ratio (...) of many trains at once on the host, teeth (..., M, 2); NaN where a train is locked."""
    conditions = rolling_conditions(train, np.asarray(teeth, float))
    matrix, right = conditions[..., :-1], -conditions[..., -1:]
    locked = np.abs(np.linalg.det(matrix)) < 1e-9
    safe = np.where(locked[..., None, None], np.eye(matrix.shape[-1]), matrix)
    return np.where(locked, np.nan, np.abs(np.linalg.solve(safe, right)[..., 0, 0]))


def small_inverse(matrix: jax.Array) -> jax.Array:
    """Inverse of a matrix of 1 to 3 rows by its cofactors, in a handful of operations."""
    n = matrix.shape[0]
    if n == 1:
        return 1.0 / matrix
    if n == 2:
        cofactors = matrix[::-1, ::-1] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    else:
        one, two = np.array([1, 2, 0]), np.array([2, 0, 1])  # rows and columns beside the crossed-out one
        cofactors = matrix[one][:, one] * matrix[two][:, two] - matrix[one][:, two] * matrix[two][:, one]
    return cofactors.T / jnp.sum(matrix[0] * cofactors[0])


def train_state(train: Train, teeth: jax.Array, planets: float | jax.Array = 1.0) -> TrainState:
    """State of a train from its teeth (M, 2), real-valued, rings negative, and the number of planets."""
    conditions = rolling_conditions(train, teeth)
    inverse = small_inverse(conditions[:, :-1])
    speeds = jnp.append(-inverse @ conditions[:, -1], 1.0)
    pinion, wheel = (
        np.stack([train.role(role, s) - train.role("arm", s) for s in train.shafts], axis=1) @ speeds
        for role in ("pinion", "wheel")
    )
    # The motor's torque 1/ratio is the only one from outside on the free shafts.
    into_mesh = inverse[0] / speeds[0] * teeth[:, 0]
    parallel = jnp.where(train.split > 0.0, jnp.asarray(planets, float), 1.0)
    per_turn = {
        member: jnp.where(np.array([m.planet == member for m in train.meshes]), 1.0, parallel)
        for member in ("pinion", "wheel")
    }
    return TrainState(
        shaft_speed=speeds,
        parallel=parallel,
        pinion_torque=into_mesh / parallel * jnp.sign(pinion),
        pinion_speed=jnp.abs(pinion),
        wheel_speed=jnp.abs(wheel),
        pinion_cycles=jnp.abs(pinion) * per_turn["pinion"],
        wheel_cycles=jnp.abs(wheel) * per_turn["wheel"],
    )


def mesh_power_losses(
    shares: jax.Array,
    rolling_power: jax.Array,
    behind: tuple[jax.Array, ...],
    driving: float | jax.Array,
    scale: float | jax.Array,
) -> tuple[jax.Array, jax.Array]:
    """(losses of the meshes (M,) [W], signed power at the motor's side of the first mesh [W]).

    shares (M,): loss over the power that enters the teeth; rolling_power (M,) of `TrainState`; behind (M entries) [W]:
    signed power that joins the flow on the axle's side of each mesh: other losses there, and for the last mesh the
    axle's own power. driving: 1 drives, 0 recuperates (smooth between). scale [W]: |power| is rounded there.

    Of the power through the unit a mesh rolls the fraction r, so it takes r share of what enters: driving, P_in =
    P_out/(1 - r share); of a planetary with fixed ring and basic loss 1 - eta_0 the efficiency is then 1 - (1 - 1/i)
    (1 - eta_0), exact to the product of two shares (Mueller; VDI 2157, recalled).
    """
    power, losses = jnp.zeros(()), []
    for k in reversed(range(len(behind))):
        power = power + behind[k]
        share = shares[k] * rolling_power[k]
        loss = share * smooth_absolute(power, scale) / (1.0 - share * driving)
        losses.append(loss)
        power = power + loss
    return jnp.stack(losses[::-1]), power
