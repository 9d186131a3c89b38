"""Torque ripple, cogging and radial-force orders, and the stator's ring modes that they can excite.

Orders: spatial order r counts waves around the circumference, time order k multiples of the electrical frequency.
Force waves come from the Maxwell pressure in the middle of the air gap, from a few rotor angles over 60 electrical
degrees; the symmetry of three phases gives the rest of the period (see `edu_opt.motor.field_losses`). Ring modes: thin
ring after R. Hoppe (1871) with the mass of teeth and winding and the correction for thick yokes of H. Jordan,
Geraeuscharme Elektromotoren (1950), as in J. Gieras, C. Wang, J. Lai, Noise of Polyphase Electric Motors (2006), ch. 5
(recalled). The free stator core alone: the housing's stiffness, slots' shear and end windings are left out.
"""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.field import FieldGrid, FieldMaterials, nested_models, solve_model
from edu_opt.motor.field.air_gap import AirGap, rotated_rotor_series, virtual_work_torque
from edu_opt.motor.field.model import Excitation, FieldModel, mechanical_angle
from edu_opt.motor.geometry import Lamination
from edu_opt.motor.lamination_map import LaminationMapSettings, MapMaterials
from edu_opt.motor.parts import Motor
from edu_opt.motor.ripple import peak_to_peak
from edu_opt.motor.winding import copper_volumes
from edu_opt.numerics.constants import VACUUM_PERMEABILITY
from edu_opt.numerics.pytree import pytree

YOUNG = 200e9  # Pa, sheet in its plane, times the stacking factor
DAMPING_RATIO = 0.02  # of the stator's modes (1 to 4 %, recalled)
AIR_IMPEDANCE = 415.0  # Pa s/m, at 20 degC
POINTS_PER_POLE = 96  # of the circumference: resolves waves up to 48 times the poles' number; a multiple of 3


@dataclasses.dataclass(frozen=True)
class SlotPoleOrders:
    """What slots and poles alone say: cogging periods a turn, lowest spatial order of radial forces but 0, lowest time
    order of torque ripple with symmetric currents."""

    cogging: int
    radial_force: int
    torque_ripple: int = 6


def slot_pole_orders(slots: int, poles: int) -> SlotPoleOrders:
    """Cogging: least common multiple of slots and poles; radial forces: multiples of their greatest common divisor."""
    return SlotPoleOrders(cogging=math.lcm(slots, poles), radial_force=math.gcd(slots, poles))


def lowest_force_order(lamination: Lamination) -> jax.Array:
    """Lowest spatial order of radial forces but 0, as a float: poles are data (see `slot_pole_orders`)."""
    return 2.0 * lamination.pole_pairs / Fraction(lamination.template.slots_per_pole).denominator


@pytree
class GapForces:
    """Forces of one operating point over J rotor angles of 60 electrical degrees, per metre of stack.

    `torque` (J,) [N m/m] by virtual work; `pressure` (3 J, orders) complex amplitudes [Pa] of the radial pressure waves
    |p| cos(k omega t + r theta + phase): k = 0 .. 3 J - 1, r = `spatial_orders` (signed, whole machine).
    """

    torque: jax.Array
    pressure: jax.Array
    spatial_orders: jax.Array


@pytree
class TorqueRipple:
    """Mean, smooth peak to peak of the samples, amplitudes of time orders 6, 12, ... (J // 2,); all [N m/m]."""

    mean: jax.Array
    peak_to_peak: jax.Array
    amplitudes: jax.Array


def gap_flux_density(
    gap: AirGap, stator_ring: jax.Array, rotor_ring: jax.Array, rotor_angle: jax.Array, angles: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Radial and tangential flux density [T] at stator angles [rad], on the mean radius of the gap element."""
    cosine, sine = rotated_rotor_series(gap, rotor_angle)
    radius = jnp.sqrt(gap.bore_radius * gap.ring_radius)  # half-way in the logarithm: both shares are equal
    order = jnp.maximum(gap.orders, 1e-9)
    half = 0.5 * order * jnp.log(gap.bore_radius / gap.ring_radius)
    value, slope = 0.5 / jnp.cosh(half), 0.5 * order / (radius * jnp.sinh(half))
    outer = jnp.stack([gap.stator_cosine @ stator_ring, gap.stator_sine @ stator_ring])
    inner = jnp.stack([cosine @ rotor_ring, sine @ rotor_ring])
    potential, radial_slope = value * (outer + inner), slope * (outer - inner)
    waves = jnp.stack([jnp.cos(gap.orders[:, None] * angles), jnp.sin(gap.orders[:, None] * angles)])
    along = gap.orders * jnp.stack([potential[1], -potential[0]]) / radius
    return jnp.einsum("ch,cha->a", along, waves), -jnp.einsum("ch,cha->a", radial_slope, waves)


def radial_pressure(radial: jax.Array, tangential: jax.Array) -> jax.Array:
    """Maxwell's radial pressure on the bore [Pa], outwards negative stress: (B_r^2 - B_t^2) / (2 mu0)."""
    return (radial**2 - tangential**2) / (2.0 * VACUUM_PERMEABILITY)


def gap_forces(
    settings: LaminationMapSettings,
    lamination: Lamination,
    materials: MapMaterials,
    ampere_turns: jax.Array,
    angles: int,
) -> GapForces:
    """Forces at ampere-turns (3,) [A] (slot d, slot q, field per pole) from field solves at `angles` rotor positions.

    Use at least 6 angles for waves of the slots (time order 12 with two slots per pole and phase). No current: cogging.
    Torque ripple wants grid M or finer (see `edu_opt.motor.ripple`); skew is not in it.
    """
    grid = FieldGrid(settings.template, settings.level)
    steel = materials.reluctivity
    models = nested_models(
        grid,
        lamination,
        FieldMaterials(
            stator_steel=steel,
            rotor_steel=steel,
            remanence=materials.remanence,
            magnet_permeability=materials.magnet_permeability,
        ),
    )
    positions, circumference = _circumference(grid, lamination.pole_pairs)

    def one(electrical_angle: jax.Array) -> tuple[jax.Array, jax.Array]:
        excitation = Excitation(
            slot_ampere_turns_d=ampere_turns[0],
            slot_ampere_turns_q=ampere_turns[1],
            field_ampere_turns=ampere_turns[2],
            rotor_angle_electrical=electrical_angle,
        )
        solution = solve_model(grid, models, excitation, None, settings.solver)
        return _forces_at(models[0], excitation, solution.potentials, circumference)

    torque, pressure = jax.vmap(one)(jnp.asarray(np.arange(angles) / angles * np.pi / 3.0))
    sectors = 2.0 * lamination.pole_pairs / grid.template.poles_per_sector
    return GapForces(
        torque=sectors * torque,
        pressure=pressure_waves(pressure, POINTS_PER_POLE // 3),
        spatial_orders=sectors * positions,
    )


def _circumference(grid: FieldGrid, pole_pairs: jax.Array) -> tuple[np.ndarray, jax.Array]:
    """Signed orders over the sector as the transform counts them, and the sampled stator angles [rad] of one sector."""
    count = POINTS_PER_POLE * grid.template.poles_per_sector
    sector = jnp.pi * grid.template.poles_per_sector / pole_pairs
    return np.fft.fftfreq(count, 1.0 / count), sector * np.arange(count) / count


def _forces_at(model: FieldModel, excitation: Excitation, potentials, angles: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Torque of one sector [N m/m] and radial pressure [Pa] at the sampled angles."""
    rings, turned = (potentials[0][-1], potentials[1][-1]), mechanical_angle(model, excitation)
    radial, tangential = gap_flux_density(model.gap, *rings, turned, angles)
    return virtual_work_torque(model.gap, *rings, turned), radial_pressure(radial, tangential)


def pressure_waves(pressure: jax.Array, shift: int) -> jax.Array:
    """Complex amplitudes (3 J, points) of pressure samples (J, points) over 60 electrical degrees.

    60 degrees later the same pressure stands `shift` samples (a third of a pole pitch) further on.
    """
    periods = jnp.concatenate([jnp.roll(pressure, shift * step, 1) for step in range(6)])
    times = periods.shape[0]
    waves = jnp.fft.fft2(periods) / periods.size
    scale = jnp.where(np.arange(times // 2) == 0, 1.0, 2.0)  # a wave and its conjugate make one real wave
    return waves[: times // 2] * scale[:, None]


def torque_ripple(torque: jax.Array) -> TorqueRipple:
    """Ripple from torque (J,) at J evenly spaced rotor angles over 60 electrical degrees, its period."""
    spectrum = 2.0 * jnp.abs(jnp.fft.rfft(torque)) / torque.shape[0]
    half = torque.shape[0] // 2
    scale = np.where((np.arange(1, half + 1) * 2) == torque.shape[0], 0.5, 1.0)
    return TorqueRipple(
        mean=jnp.mean(torque), peak_to_peak=peak_to_peak(torque), amplitudes=spectrum[1 : half + 1] * scale
    )


@pytree
class StatorRing:
    """Yoke as a ring: mean radius [m], thickness [m], mass of the core with copper in the slots per area of the mean
    circle [kg/m2], that mass over the yoke's own, bore radius, outer radius [m], wave speed of the sheet [m/s]."""

    radius: jax.Array
    thickness: jax.Array
    surface_mass: jax.Array
    mass_ratio: jax.Array
    bore_radius: jax.Array
    outer_radius: jax.Array
    wave_speed: jax.Array


def stator_ring(motor: Motor) -> StatorRing:
    """Ring of a motor's stator core."""
    size, steel = motor.dimensions, motor.steel
    radius = size.outer_radius - 0.5 * size.yoke_depth
    sheet = steel.density * steel.stacking_factor
    yoke = sheet * 2.0 * jnp.pi * radius * size.yoke_depth
    teeth = sheet * size.stator_steel_area - yoke
    copper = motor.winding.metal.density * copper_volumes(motor.winding, size, motor.stack_length)[0]
    total = yoke + teeth + copper / motor.stack_length
    return StatorRing(
        radius=radius,
        thickness=size.yoke_depth,
        surface_mass=total / (2.0 * jnp.pi * radius),
        mass_ratio=total / yoke,
        bore_radius=size.bore_radius,
        outer_radius=size.outer_radius,
        wave_speed=jnp.sqrt(YOUNG / steel.density),
    )


def ring_frequency(ring: StatorRing, order: float | jax.Array) -> jax.Array:
    """Natural frequency [Hz] of circumferential order 0 (breathing) or 2, 3, ...; order 1 gives 0 (a rigid shift)."""
    square = jnp.asarray(order, float) ** 2
    breathing = ring.wave_speed / (2.0 * jnp.pi * ring.radius * jnp.sqrt(ring.mass_ratio))
    slender = ring.thickness / (12.0**0.5 * ring.radius)
    thin = slender * jnp.sqrt(square / (square + 1.0)) * jnp.abs(square - 1.0)
    thick = 1.0 + slender**2 * (square - 1.0) * (square * (4.0 + square / 3.0) + 3.0) / (square + 1.0)
    bending = thin / jnp.sqrt(jnp.where(square > 0.5, thick, 1.0))
    return breathing * jnp.where(square > 0.5, bending, 1.0)


def surface_velocity(
    ring: StatorRing, order: float | jax.Array, pressure: jax.Array, frequency: jax.Array
) -> jax.Array:
    """Amplitude [m/s] of the yoke's radial velocity under a pressure wave of amplitude [Pa] at the bore.

    One mode of the ring with its modal mass (radial and, for orders from 2, tangential motion 1 / order).
    """
    omega, natural = 2.0 * jnp.pi * frequency, 2.0 * jnp.pi * ring_frequency(ring, order)
    square = jnp.asarray(order, float) ** 2
    mass = ring.surface_mass * jnp.where(square > 0.5, 1.0 + 1.0 / jnp.maximum(square, 1.0), 1.0)
    force = pressure * ring.bore_radius / ring.radius
    stiffness, friction = natural**2 - omega**2, 2.0 * DAMPING_RATIO * natural * omega
    return force * omega / (mass * jnp.sqrt(stiffness**2 + friction**2 + 1e-12))


def radiated_power_level(motor: Motor, velocity: jax.Array) -> jax.Array:
    """Equivalent radiated sound power [dB re 1 pW] of the core's surface at a velocity amplitude [m/s], all waves
    radiating fully (upper estimate below the coincidence of a wave)."""
    surface = 2.0 * jnp.pi * motor.dimensions.outer_radius * motor.stack_length
    power = AIR_IMPEDANCE * surface * 0.5 * velocity**2
    return 10.0 * jnp.log10(power / 1e-12 + 1e-30)
