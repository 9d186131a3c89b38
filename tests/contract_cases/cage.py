"""The cage as the contract sees it: rotor, currents, flux, temperature -> sections, resistance, slip, loss."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.materials.conductors import conductor
from edu_opt.motor.cage import CAGE_VARIABLES, bar_area, cage_from_values
from edu_opt.motor.cage_loss import Cage, cage_loss, cage_resistance, slip_speed
from tests.contract import ContractCase

BARS, POLE_PAIRS = 66.0, 3.0
# Rotor radius [m], bar length [m], ring section [m2], bar current [A], rotor flux [Wb], temperature [degC].
_LOW = np.array([0.05, 0.08, 1e-4, -2000.0, 0.0, -40.0])
_HIGH = np.array([0.10, 0.22, 6e-4, 2000.0, 0.4, 200.0])


def _outputs(x: jax.Array) -> dict[str, jax.Array]:
    count = len(CAGE_VARIABLES)
    radius, length, ring, current, flux, celsius = (x[count + k] for k in range(len(_LOW)))
    rotor = cage_from_values(x[:count], radius, jnp.asarray(BARS))
    cage = Cage(
        bars=jnp.asarray(BARS),
        pole_pairs=jnp.asarray(POLE_PAIRS),
        bar_area=bar_area(rotor),
        bar_height=rotor.bar_depth,
        bar_length=length,
        ring_area=ring,
        ring_radius=0.8 * radius,
        metal=conductor("copper"),
    )
    # Below a tenth of a usual flux the slip leaves the skin effect's range: the contract's range ends there.
    slip = slip_speed(cage, current, 0.05 + flux, celsius)
    return {
        "bar_area": bar_area(rotor),
        "resistance": cage_resistance(cage, slip, celsius),
        "slip": slip,
        "loss": cage_loss(cage, current, slip, celsius),
    }


CASES = [
    ContractCase(
        name="cage",
        low=np.concatenate([[v.low for v in CAGE_VARIABLES], _LOW]),
        high=np.concatenate([[v.high for v in CAGE_VARIABLES], _HIGH]),
        function=_outputs,
        eager=False,
    )
]
