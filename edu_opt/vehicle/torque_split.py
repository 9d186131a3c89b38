"""Two driven axles whose units may differ: the split of the wheel force with the least electrical power.

Every second is tried at `SPLITS` shares of the front axle, one axle alone at either end (open where it decouples) and
the vehicle's own share among them. What is taken is their mean with weights exp(-power / WIDTH): smooth in both maps,
above the least power of the tried ones by less than WIDTH (a parabola around its minimum: half of it). Two ways that
cost the same stand for half the time each, as a control with a threshold would take them.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_positive
from edu_opt.vehicle.model import Vehicle, axle_counts, axle_shares, coupling
from edu_opt.vehicle.unit_map import UnitMap, torque_limits

SPLITS = 13  # even shares; 65 change WLTC and UDDS by 0.004 % at most (alike, unlike units)
WIDTH = 1.0  # W of both axles
LIMIT_WIDTH = 2.0  # N m, smoothing of a unit's limit
OVERLOAD_PENALTY = 1e3  # W per N m beyond a unit's peak or asked of an open axle, in the choice of the split only

Pair = tuple[jax.Array, jax.Array]
AxleLoss = Callable[[int, jax.Array], Pair]  # (axle, share of the force (K,)) -> torque and loss of one unit (K,)


@pytree
class TorqueSplit:
    """Mean of the ways that are taken in each second (2, K): `shares` of the wheel force, `torque` [N m] and `loss` [W]
    of one unit of each axle."""

    shares: jax.Array
    torque: jax.Array
    loss: jax.Array


def least_power_split(
    vehicle: Vehicle, maps: tuple[UnitMap, ...], axle_loss: AxleLoss, speed: jax.Array
) -> TorqueSplit:
    """Split of two axles with maps of their units over vehicle speeds (K,) [m/s].

    What an axle that has let go still loses is not the split's matter: its torque is penalized away, the caller counts
    its drag.
    """
    turning, coupled = speed / vehicle.wheel_radius, coupling(vehicle, speed)
    peaks = [torque_limits(unit, turning)[0] for unit in maps]
    front = jnp.append(jnp.linspace(0.0, 1.0, SPLITS), axle_shares(vehicle)[0])

    def tried(share: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        torques, losses, power = [], [], jnp.zeros_like(speed)
        for k, part in enumerate((share, 1.0 - share)):
            torque, loss = axle_loss(k, jnp.broadcast_to(part, speed.shape))
            beyond = smooth_positive(torque - peaks[k], LIMIT_WIDTH) + part * (1.0 - coupled[k]) * peaks[k]
            drawn = torque * turning + coupled[k] * loss + OVERLOAD_PENALTY * beyond
            power += axle_counts(vehicle)[k] * drawn
            torques.append(torque)
            losses.append(loss)
        return power, jnp.stack(torques), jnp.stack(losses)

    power, torque, loss = jax.vmap(tried)(front)
    weight = jax.nn.softmax(-power / WIDTH, axis=0)

    def mean(values: jax.Array) -> jax.Array:
        return jnp.einsum("mk,mak->ak", weight, values)

    shares = jnp.broadcast_to(jnp.stack([front, 1.0 - front], axis=1)[..., None], torque.shape)
    return TorqueSplit(shares=mean(shares), torque=mean(torque), loss=mean(loss))
