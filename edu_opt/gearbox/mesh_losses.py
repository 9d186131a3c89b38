"""Loss of one mesh: load-dependent (Ohlendorf with Schlenk's friction) and oil injection (Ariura); contact seals."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry
from edu_opt.numerics.powers import power

SMALLEST_LINE_LOAD = 1.0  # N/mm: 0.2nd root of the load stays smooth at zero torque
SMALLEST_SUM_SPEED = 0.05  # m/s


def loss_factor(pair: GearPair, geometry: PairGeometry) -> jax.Array:
    """Ohlendorf's H_v = pi (u+1)/(z1 u cos(beta_b)) (1 - e_alpha + e_1^2 + e_2^2); a ring's u is negative."""
    ratio = geometry.gear_ratio
    parts = geometry.addendum_contact_ratio
    sum_squares = 1.0 - geometry.contact_ratio + parts[0] ** 2 + parts[1] ** 2
    return jnp.pi * (ratio + 1.0) / (jnp.abs(pair.teeth[0]) * ratio * jnp.cos(geometry.base_helix)) * sum_squares


def mesh_friction(
    pair: GearPair,
    geometry: PairGeometry,
    force: jax.Array,
    rolling_speed: jax.Array,
    dynamic_viscosity: jax.Array,
    roughness: float | jax.Array,
    lubricant_factor: jax.Array,
) -> jax.Array:
    """Schlenk's mean friction 0.048 (F_bt/b/(v_sumC rho_C))^0.2 eta^-0.05 Ra^0.25 X_L (Niemann/Winter; ISO/TR 14179-2).

    force F_t at the pitch circle [N] >= 0; rolling_speed: pitch-line velocity relative to the line of centres [m/s]
    >= 0; dynamic_viscosity [Pa s]; roughness Ra [m]. F_bt/b in N/mm, rho in mm, eta in mPa s and Ra in um inside.
    """
    angle = geometry.working_angle
    line_load = force / jnp.cos(angle) / (geometry.common_face_width * 1e3)
    line_load = jnp.sqrt(line_load**2 + SMALLEST_LINE_LOAD**2)
    sum_speed = jnp.sqrt((2.0 * rolling_speed * jnp.sin(angle)) ** 2 + SMALLEST_SUM_SPEED**2)
    ratio = geometry.gear_ratio
    radius = (
        0.5e3 * geometry.working_diameter[0] * jnp.sin(angle) / jnp.cos(geometry.base_helix) * ratio / (ratio + 1.0)
    )
    load_term = power(line_load / (sum_speed * radius), 0.2)
    return (
        0.048
        * load_term
        * power(dynamic_viscosity * 1e3, -0.05)
        * power(jnp.asarray(roughness) * 1e6, 0.25)
        * lubricant_factor
    )


def injection_loss(
    wheel_diameter: jax.Array,
    wheel_speed: jax.Array,
    oil_density: jax.Array,
    oil_flow: jax.Array,
    jet_speed: float = 0.4,
) -> jax.Array:
    """Power [W] to accelerate injected oil to the pitch-line velocity (Ariura): d/2 rho Q (v + v_jet) omega.

    oil_flow [m^3/s] per mesh, injected behind the mesh (no squeezing). Churning of a sump is not in it.
    """
    speed = 0.5 * wheel_diameter * wheel_speed
    return 0.5 * wheel_diameter * oil_density * oil_flow * (speed + jet_speed) * wheel_speed


def seal_loss(shaft_diameter: jax.Array, speed: jax.Array) -> jax.Array:
    """Radial lip seal [W]: 7.69e-6 d^2 n with mm and rpm (ISO/TR 14179-2)."""
    return 7.69e-6 * (shaft_diameter * 1e3) ** 2 * speed * 30.0 / jnp.pi
