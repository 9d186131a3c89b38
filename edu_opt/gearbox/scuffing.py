"""Scuffing safety: integral temperature (ISO/TS 6336-21, formerly ISO/TR 13989-2) and flash temperature (ISO/TS
6336-20, formerly ISO/TR 13989-1).

Formulas are recalled; every factor was compared with the KISSsoft report of KS03 (NREL 5 MW gearbox, stage 3; see
tests/gearbox/test_scuffing.py). Line loads and lengths are SI at the border, N/mm, mm and um inside where the
standard's constants ask for them. The pinion drives.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.contact_path import ContactPath
from edu_opt.gearbox.load_capacity import reduced_curvature
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry
from edu_opt.materials.gear_steels import GearSteel
from edu_opt.materials.oils import Oil
from edu_opt.numerics.powers import power
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import blend, smooth_clip, smooth_maximum, smooth_minimum, smooth_step, soft_maximum

THERMAL_CONTACT = 13.78  # N/(mm sqrt(s) K), B_M = sqrt(lambda rho c) of steel
INTEGRAL_WEIGHT = 1.5  # C_2
FZG_TEST_OIL = 80.0  # degC at the start of the scuffing test A/8.3/90
# Torque of the FZG pinion [N m] by load stage (ISO 14635-1)
FZG_TORQUES = (3.3, 13.7, 35.3, 60.8, 94.1, 135.3, 183.4, 239.3, 302.0, 372.6, 450.1, 534.5, 626.9, 714.2)
PEAK_WIDTH = 0.5  # K, over which two equal flash temperatures join (at most 0.35 K above either)
SMALLEST_LINE_LOAD = 1.0  # N/mm
SMALLEST_SPEED = 0.01  # m/s


@pytree
class Lubrication:
    """How the mesh is oiled and what its oil bears.

    oil_temperature [degC]. fzg_stage: load stage of scuffing in FZG A/8.3/90; 12 for a GL-4 fluid of e-axles
    (assumed). micropitting_stage: load stage of failure in FZG C-GF/8.3/90; 10, the usual demand on gear oils (FVA
    54/7; assumed). structure: X_W of the gears over that of the test gears, 1 case-hardened with usual austenite, 1.5
    nitrided (ISO/TR 13989-2 table 3). supply X_S: 1.0 dip, 1.2 injection. meshes n_p of the gear: X_mp = (1 + n_p)/2
    warms the teeth.
    """

    oil_temperature: float | jax.Array = 80.0
    fzg_stage: float | jax.Array = 12.0
    micropitting_stage: float | jax.Array = 10.0
    structure: float | jax.Array = 1.0
    supply: float | jax.Array = 1.2
    meshes: float | jax.Array = 1.0


@pytree
class MeshLoad:
    """One mesh at operating points of any common shape.

    line_load w_Bt = K_A K_gamma K_V K_Hbeta K_Halpha F_t/b and nominal_line_load K_A F_t/b [N/m]; speed at the
    reference circle [m/s]; oil viscosity at the oil's temperature [Pa s]; Ra [m]; mesh stiffness c_gamma alpha [N/m^2].
    """

    line_load: jax.Array
    nominal_line_load: jax.Array
    speed: jax.Array
    viscosity: jax.Array
    roughness: jax.Array
    stiffness: jax.Array
    tip_relief: jax.Array


@pytree
class IntegralTemperature:
    """mu_mC, Theta_flaE, X_epsilon, X_Ca, Theta_flaint, Theta_int [degC], its limit and safety; shape of the load."""

    friction: jax.Array
    flash_at_tip: jax.Array
    contact_ratio_factor: jax.Array
    relief_factor: jax.Array
    mean_flash: jax.Array
    temperature: jax.Array
    limit: jax.Array
    safety: jax.Array


@pytree
class FlashTemperature:
    """mu_m, mean flash temperature, tooth temperature Theta_M, highest contact temperature Theta_B [degC], its limit
    and safety S_B; shape of the load."""

    friction: jax.Array
    mean_flash: jax.Array
    tooth: jax.Array
    highest: jax.Array
    limit: jax.Array
    safety: jax.Array


def flash_factor(steel: GearSteel) -> jax.Array:
    """X_M [K N^-0.75 s^0.5 m^-0.5 mm] = sqrt(1000) E_r^0.25 / B_M for two gears of this steel: 50.06."""
    reduced = steel.young_modulus * 1e-6 / (1.0 - steel.poisson_ratio**2)
    return jnp.sqrt(1000.0) * reduced**0.25 / THERMAL_CONTACT


def angle_factor(pair: GearPair, geometry: PairGeometry) -> jax.Array:
    """X_alpha beta = 1.22 (sin a_wt cos a_n cos b)^0.25 / (cos a_wt cos a_t)^0.5."""
    above = jnp.sin(geometry.working_angle) * jnp.cos(pair.pressure_angle) * jnp.cos(pair.helix_angle)
    return 1.22 * above**0.25 / jnp.sqrt(jnp.cos(geometry.working_angle) * jnp.cos(geometry.transverse_angle))


def helical_load_factor(total_contact_ratio: jax.Array) -> jax.Array:
    """K_B gamma: 1 up to a total contact ratio of 2, 1 + 0.2 sqrt((e - 2)(5 - e)) to 3.5, 1.3 beyond; rounded."""
    total = smooth_clip(total_contact_ratio, 2.0, 3.5, 0.05)
    return 1.0 + 0.2 * jnp.sqrt((total - 2.0) * (5.0 - total) + 1e-6)


def contact_ratio_factor(geometry: PairGeometry) -> jax.Array:
    """X_epsilon of ISO/TR 13989-2 clause 6.3.4: the share of the tip's flash temperature that the mean over the path
    has. Its cases (transverse contact ratio about 2, either addendum ratio about 1) are blended over 0.02."""
    first, second = geometry.addendum_contact_ratio[0], geometry.addendum_contact_ratio[1]
    total = geometry.contact_ratio
    squares, product = (first**2, second**2), first * second
    both_short = 0.70 * (squares[0] + squares[1]) - 0.22 * total + 0.52 - 0.60 * product
    pinion_long = 0.18 * squares[0] + 0.70 * squares[1] + 0.82 * first - 0.52 * second - 0.30 * product
    wheel_long = 0.70 * squares[0] + 0.18 * squares[1] - 0.52 * first + 0.82 * second - 0.30 * product
    below_two = blend(first, 1.0, 0.02, blend(second, 1.0, 0.02, both_short, wheel_long), pinion_long)
    pinion_larger = 0.44 * squares[0] + 0.59 * squares[1] + 0.30 * (first - second) - 0.15 * product
    wheel_larger = 0.59 * squares[0] + 0.44 * squares[1] - 0.30 * (first - second) - 0.15 * product
    above_two = blend(first - second, 0.0, 0.02, wheel_larger, pinion_larger)
    value = blend(total, 2.0, 0.02, below_two, above_two)
    return value / (2.0 * total * smooth_maximum(first, 0.05, 0.01))


def geometry_factor(pair: GearPair, path: ContactPath, point: int = -1) -> jax.Array:
    """X_BE (at E; X_G/X_alpha beta of the flash temperature at any point, then signed):
    0.51 sqrt(|u + 1|) (sqrt(rho_1) - sqrt(rho_2/u)) / |rho_1 rho_2|^0.25."""
    ratio = pair.teeth[1] / pair.teeth[0]
    slide = jnp.sqrt(path.first) - jnp.sqrt(path.second / ratio)
    return (0.51 * jnp.sqrt(jnp.abs(ratio + 1.0)) * slide / jnp.sqrt(jnp.sqrt(jnp.abs(path.first * path.second))))[
        point
    ]


def _geometry_factors(pair: GearPair, path: ContactPath) -> jax.Array:
    """The same at all points (7,), absolute, rounded at the pitch point."""
    ratio = pair.teeth[1] / pair.teeth[0]
    slide = jnp.sqrt(path.first) - jnp.sqrt(path.second / ratio)
    absolute = jnp.sqrt(slide**2 + 1e-8 * jnp.abs(path.first))
    return 0.51 * jnp.sqrt(jnp.abs(ratio + 1.0)) * absolute / jnp.sqrt(jnp.sqrt(jnp.abs(path.first * path.second)))


def _friction_load(load: MeshLoad, geometry: PairGeometry, line_load: jax.Array, cap: float) -> tuple[jax.Array, ...]:
    """((w/(v_SigmaC rho_C))^0.2, rho_C [mm]) with w in N/mm; the speed counts up to `cap` [m/s]."""
    speed = smooth_minimum(smooth_maximum(load.speed, SMALLEST_SPEED, SMALLEST_SPEED), cap, 0.5)
    sum_speed = 2.0 * speed * jnp.tan(geometry.working_angle) * jnp.cos(geometry.transverse_angle)
    radius = jnp.abs(reduced_curvature(geometry)) * 1e3
    force = smooth_maximum(line_load * 1e-3, SMALLEST_LINE_LOAD, SMALLEST_LINE_LOAD)
    return power(force / (sum_speed * radius), 0.2), radius


def mean_friction(load: MeshLoad, geometry: PairGeometry, fluid: Oil) -> jax.Array:
    """mu_mC of ISO/TR 13989-2 eq. 15 and of ISO/TS 6336-22: 0.045 (w K_Bgamma/(v rho))^0.2 eta^-0.05 X_R X_L,
    X_R = 2.2 (Ra/rho)^0.25, rho of the normal section; speed up to 50 m/s."""
    spread = load.line_load * helical_load_factor(geometry.total_contact_ratio)
    term, radius = _friction_load(load, geometry, spread, 50.0)
    radius = radius / jnp.cos(geometry.base_helix)
    rough = 2.2 * jnp.sqrt(jnp.sqrt(load.roughness * 1e6 / radius))
    normal = power(jnp.cos(geometry.base_helix), 0.2)
    return 0.045 * term * normal * power(load.viscosity * 1e3, -0.05) * rough * fluid.lubricant_factor


def _scale(pair: GearPair, geometry: PairGeometry, load: MeshLoad, steel: GearSteel, line_load: jax.Array) -> jax.Array:
    """X_M X_alpha beta w^0.75 v^0.5 / a^0.25 [K], w [N/m]."""
    force = power(smooth_maximum(line_load * 1e-3, SMALLEST_LINE_LOAD, SMALLEST_LINE_LOAD), 0.75)
    speed = jnp.sqrt(smooth_maximum(load.speed, SMALLEST_SPEED, SMALLEST_SPEED))
    distance = (jnp.abs(pair.centre_distance) * 1e3) ** 0.25
    return flash_factor(steel) * angle_factor(pair, geometry) * force * speed / distance


def integral_temperature(
    pair: GearPair,
    geometry: PairGeometry,
    path: ContactPath,
    load: MeshLoad,
    steel: GearSteel,
    fluid: Oil,
    lubrication: Lubrication,
) -> IntegralTemperature:
    """Integral temperature of run-in gears (X_E = 1) and its safety S_int = Theta_intS / Theta_int."""
    addendum = geometry.addendum_contact_ratio
    friction = mean_friction(load, geometry, fluid)
    spread = load.line_load * helical_load_factor(geometry.total_contact_ratio)
    # X_Q: the approach share of the path, eps_f/eps_a = eps_2/eps_1 where the pinion drives
    approach = smooth_maximum(addendum[1], 0.0, 0.01) / smooth_maximum(addendum[0], 0.05, 0.01)
    meshing = smooth_clip(1.40 - 4.0 / 15.0 * approach, 0.6, 1.0, 0.01)
    optimum = load.nominal_line_load / load.stiffness
    relief = smooth_minimum(load.tip_relief / (optimum + 1e-7), 1.0, 0.02)
    longer = smooth_maximum(addendum[0], addendum[1], 0.01)
    relieved = 1.0 + (0.06 + 0.18 * relief) * longer + (0.02 + 0.69 * relief) * longer**2
    tip = friction * _scale(pair, geometry, load, steel, spread) * geometry_factor(pair, path) / (meshing * relieved)
    share = contact_ratio_factor(geometry)
    mean = tip * share
    rise = lubrication.supply * 0.7 * 0.5 * (1.0 + lubrication.meshes) * mean
    temperature = lubrication.oil_temperature + rise + INTEGRAL_WEIGHT * mean
    torque = jnp.interp(jnp.asarray(lubrication.fzg_stage), jnp.arange(1.0, 15.0), jnp.array(FZG_TORQUES))
    test = torque * fluid.lubricant_factor
    test_flash = 0.2 * test * (100e-6 / fluid.viscosity_40) ** 0.02
    limit = FZG_TEST_OIL + 0.23 * test + lubrication.structure * INTEGRAL_WEIGHT * test_flash
    return IntegralTemperature(
        friction=friction,
        flash_at_tip=tip,
        contact_ratio_factor=share,
        relief_factor=relieved,
        mean_flash=mean,
        temperature=temperature,
        limit=limit,
        safety=limit / temperature,
    )


def flash_temperature(
    pair: GearPair,
    geometry: PairGeometry,
    path: ContactPath,
    load: MeshLoad,
    steel: GearSteel,
    fluid: Oil,
    lubrication: Lubrication,
) -> FlashTemperature:
    """Flash temperature along the path and its safety S_B = (Theta_S - Theta_oil)/(Theta_B - Theta_oil).

    Friction 0.06 (X_C w/(v rho))^0.2 X_L Ra^0.25, X_L = eta^-0.05 times the oil's factor, w with the share of the pitch
    point (as KS03's numbers demand). Mean over the path by the trapezium rule between the seven points.
    """
    at_pitch = path.load_share[3]
    term, _ = _friction_load(load, geometry, load.line_load * at_pitch, 50.0)
    oil_factor = power(load.viscosity * 1e3, -0.05) * fluid.lubricant_factor
    friction = 0.06 * term * oil_factor * jnp.sqrt(jnp.sqrt(load.roughness * 1e6))
    wide = jax.tree.map(lambda leaf: jnp.asarray(leaf)[..., None], load)
    along = power(path.load_share, 0.75) * _geometry_factors(pair, path)
    scale = friction * _scale(pair, geometry, load, steel, load.line_load)
    plain = scale[..., None] * along * _approach_factor(geometry, path, wide)
    local = plain * power(path.buttress, 0.75)
    steps = jnp.diff(path.coordinate)
    area = jnp.sum(0.5 * (plain[..., 1:] + plain[..., :-1]) * steps, axis=-1)
    # buttressing fades within 0.2 sin(beta_b) of Gamma from either end
    ends = (local - plain)[..., 0] + (local - plain)[..., -1]
    mean = (area + 0.1 * jnp.sin(geometry.base_helix) * ends) / jnp.sum(steps)
    tooth = lubrication.oil_temperature + 0.47 * lubrication.supply * 0.5 * (1.0 + lubrication.meshes) * mean
    highest = tooth + soft_maximum(local, PEAK_WIDTH, axis=-1)
    # (0.85 + 1.4 X_W) per squared load stage
    limit = FZG_TEST_OIL + (0.85 + 1.4 * lubrication.structure) * oil_factor * jnp.asarray(lubrication.fzg_stage) ** 2
    return FlashTemperature(
        friction=friction,
        mean_flash=mean,
        tooth=tooth,
        highest=highest,
        limit=limit,
        safety=(limit - lubrication.oil_temperature) / (highest - lubrication.oil_temperature),
    )


def _approach_factor(geometry: PairGeometry, path: ContactPath, load: MeshLoad) -> jax.Array:
    """X_J (..., 7): 1 + (C_eff - C_a)/50 um (-Gamma/(Gamma_E - Gamma_A))^3 in the approach where eps_2 > 1.5 eps_1."""
    addendum = geometry.addendum_contact_ratio
    applies = smooth_step(addendum[1] - 1.5 * addendum[0], 0.02)
    lacking = smooth_maximum(load.nominal_line_load / load.stiffness - load.tip_relief, 0.0, 1e-7) * 1e6 / 50.0
    span = path.coordinate[-1] - path.coordinate[0]
    ahead = smooth_maximum(-path.coordinate / span, 0.0, 0.01)
    return 1.0 + applies * lacking * ahead**3
