"""Loss of a gear that dips into an oil sump (splash lubrication), Changenet and Velex.

P = 1/2 rho w^3 R^3 S_m C_m with the drag coefficient by dimensional analysis of measured single gears: C. Changenet,
P. Velex, J. Mech. Design 129 (2007) 128 and 130 (2008) 062602; regimes and coefficients as in C. Changenet, G.
Leprince, F. Ville, P. Velex, J. Mech. Design 133 (2011) 121009 (all recalled, not read here). Measured on single gears
of automotive size, about 100 to 160 mm and 15 to 25 mm wide; wider gears extrapolate by b/R.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.numerics.powers import power
from edu_opt.numerics.smooth import blend, smooth_absolute, soft_maximum

GRAVITY = 9.81
SMALLEST_DEPTH = 1e-9  # m, keeps the segment's angle differentiable for a dry gear
DEPTH_WIDTH = 1e-3  # m, rounding of the first contact with the sump
SMALLEST_SPEED = 0.1  # rad/s
TOOTH_HEIGHT = 2.25  # in modules
ACCELERATION, ACCELERATION_WIDTH = 1000.0, 125.0  # m/s^2: middle of the change between regimes at 750 and 1250 m/s^2
CRITICAL_DRAG = 0.239  # replaces 1.366 Re^-0.21 where inertia outweighs viscosity (Re_c above 4000)


def immersed_surface(
    diameter: jax.Array, width: jax.Array, module: jax.Array, teeth: jax.Array, depth: jax.Array
) -> jax.Array:
    """Wetted surface S_m [m^2] of a gear at a dip depth [m] below the radius: both sides, rim and tooth flanks."""
    radius = 0.5 * diameter
    half_angle = jnp.arccos(1.0 - jnp.minimum(depth / radius, 1.0 - 1e-6))
    sides = radius**2 * (2.0 * half_angle - jnp.sin(2.0 * half_angle))
    flanks = 2.0 * teeth * half_angle / jnp.pi * TOOTH_HEIGHT * module * width
    return sides + diameter * width * half_angle + flanks


def churning_loss(
    diameter: jax.Array,
    width: jax.Array,
    module: jax.Array,
    teeth: jax.Array,
    immersion: jax.Array,
    speed: jax.Array,
    viscosity: jax.Array,
    oil_density: jax.Array,
    oil_volume: float | jax.Array,
) -> jax.Array:
    """Churning power [W] of a gear of pitch diameter, width, module [m] that dips `immersion` [m] >= 0 deep (at most
    its radius) into a sump of oil_volume [m^3]; speed [rad/s] >= 0, viscosity [m^2/s], oil_density [kg/m^3]; 0 dry.
    """
    omega = jnp.sqrt(speed**2 + SMALLEST_SPEED**2)
    radius = 0.5 * diameter
    depth = smooth_absolute(jnp.asarray(immersion), DEPTH_WIDTH) + SMALLEST_DEPTH
    froude, reynolds = omega**2 * radius / GRAVITY, omega * radius * width / viscosity
    share, volume, slender = depth / diameter, oil_volume / diameter**3, width / radius
    viscous = jnp.stack(
        [jnp.log(1.366) - 0.21 * jnp.log(reynolds), jnp.full_like(jnp.log(reynolds), jnp.log(CRITICAL_DRAG))]
    )
    slow = jnp.exp(soft_maximum(viscous, 0.02, axis=0)) * power(share, 0.45) * power(volume, 0.1) * power(froude, -0.6)
    slow = slow * power(slender, 0.21)
    fast = 3.644 * power(share, 0.1) * power(volume, -0.35) * power(froude, -0.88) * power(slender, 0.85)
    acceleration = omega**2 * jnp.sqrt(radius * module)
    drag = blend(acceleration, ACCELERATION, ACCELERATION_WIDTH, slow, fast)
    surface = immersed_surface(diameter, width, module, teeth, depth)
    return 0.5 * oil_density * omega**2 * speed * radius**3 * surface * drag
