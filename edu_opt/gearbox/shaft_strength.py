"""Shaft strength by DIN 743:2012: safety against fatigue and against yielding at the critical sections of the shafts.

S = 1/sqrt((sigma_a/sigma_AD)^2 + (tau_a/tau_AD)^2) with notch factors, size, surface and hardening; required 1.2. All
coefficients recalled except the form factors of the shoulder, which agree with an independent implementation
(sydgtfzguhgfhtr/ME_Wellennachweis). Pa and m outside; MPa and mm inside the empirical formulas.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.duty.load_spectrum import LoadSpectrum
from edu_opt.gearbox.model import Gearbox, ball_bearings, shaft_speed_ratios, stage_loads
from edu_opt.gearbox.shaft_deflection import SEAT_STEP
from edu_opt.gearbox.shaft_forces import (
    SMALLEST_FORCE,
    bending_moments,
    mesh_forces,
    stage_forces,
    support_forces,
    under,
    unit_shaft_loads,
)
from edu_opt.gearbox.tooth_geometry import PairGeometry
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_norm, smooth_maximum, soft_maximum, soft_minimum

REQUIRED_SAFETY = 1.2  # DIN 743-1, both safeties
ENDURANCE_CYCLES, DAMAGE_EXPONENT = 1e6, 5.0  # DIN 743-4: knee and slope of notched parts in bending
SHOULDER_RADIUS = 1.0e-3  # m, fillet beside a bearing seat (chamfer of the catalogue's rings, 1 to 1.1 mm)
ROUGHNESS = 6.3  # um, Rz of a turned or ground seat (assumed)
TORQUE_WIDTH = 1.0  # N m, rounding of the largest torque of the spectrum
HARDENING = 1.2  # K_V, case-hardened and notched, 25 to 40 mm (DIN 743-2, lower end)


@dataclasses.dataclass(frozen=True)
class ShaftSteelData:
    """Core of a shaft steel at the reference diameter of 16 mm [Pa]: tensile strength, yield, fatigue strength in
    reversed bending and in reversed torsion."""

    source: str
    tensile: float
    yield_strength: float
    bending_fatigue: float
    torsion_fatigue: float


SHAFT_STEELS: dict[str, ShaftSteelData] = {
    "18crnimo7_6": ShaftSteelData("DIN 743-3, case-hardening steels (recalled)", 1200e6, 850e6, 600e6, 360e6),
    "16mncr5": ShaftSteelData("DIN 743-3, case-hardening steels (recalled)", 1000e6, 695e6, 500e6, 300e6),
}


@pytree
class Notch:
    """Fatigue notch factors of a section in bending and torsion, before size and surface."""

    bending: jax.Array
    torsion: jax.Array


@pytree
class SectionLoad:
    """Stresses of a section [Pa]: amplitudes in fatigue, mean shear, largest values in the static check."""

    bending_amplitude: jax.Array
    torsion_amplitude: jax.Array
    torsion_mean: jax.Array
    bending_largest: jax.Array
    torsion_largest: jax.Array


@pytree
class ShaftRating:
    """Safeties (sections,) of parallel axes: input seat, its pinions, the intermediate shaft's wheel seats, its pinion,
    its seat there (with planets: see `edu_opt.gearbox.planet_strength`)."""

    fatigue_safety: jax.Array
    static_safety: jax.Array


def shoulder_notch(diameter: jax.Array, larger: jax.Array, radius: jax.Array, yield_strength: jax.Array) -> Notch:
    """Shoulder with fillet (DIN 743-2 figs. 10 to 12): form factor over the support n = 1 + sqrt(G' mm) 10^-(0.33 +
    sigma_S/712 MPa), G' = 2.3 (1 + phi)/r in bending, 1.15/r in torsion."""
    depth = 0.5 * (larger - diameter)
    by_depth, by_diameter = radius / depth, radius / diameter
    slim, ratio = by_diameter * (1.0 + 2.0 * by_diameter) ** 2, diameter / larger
    bending = 1.0 + (0.62 * by_depth + 11.6 * slim + 0.2 * by_depth**3 * ratio) ** -0.5
    torsion = 1.0 + (3.4 * by_depth + 38.0 * slim + by_depth**2 * ratio) ** -0.5
    steepness = 1.0 / (4.0 * jnp.sqrt(depth / radius) + 2.0)
    support = 10.0 ** -(0.33 + yield_strength * 1e-6 / 712.0)
    gradients = jnp.stack([2.3 * (1.0 + steepness), jnp.asarray(1.15)]) / (radius * 1e3)
    relief = 1.0 + jnp.sqrt(gradients) * support
    return Notch(bending=bending / relief[0], torsion=torsion / relief[1])


def toothed_notch(tensile: jax.Array) -> Notch:
    """Involute spline or pinion cut on the shaft (DIN 743-2, 5.3): 1 + 0.49 (beta* - 1) in bending, 1 + 0.75 (beta* -
    1) in torsion with beta* = exp(4.2e-7 sigma_B^2 MPa^-2), on the root circle."""
    star = jnp.exp(4.2e-7 * (tensile * 1e-6) ** 2)
    return Notch(bending=1.0 + 0.49 * (star - 1.0), torsion=1.0 + 0.75 * (star - 1.0))


def press_fit_notch(tensile: jax.Array) -> Notch:
    """Wheel pressed on (DIN 743-2 table 1): 2.7 (sigma_B/1000 MPa)^0.43 at 40 mm in bending, 0.65 of it in torsion."""
    bending = 2.7 * (tensile * 1e-9) ** 0.43
    return Notch(bending=bending, torsion=0.65 * bending)


def size_factor(diameter: jax.Array, slope: float) -> jax.Array:
    """K_1 of case-hardening steels hardened through at 16 mm: 1 - slope lg(d/16 mm); 0.26 tensile, 0.34 yield."""
    return 1.0 - slope * jnp.log10(smooth_maximum(diameter * 1e3, 16.0, 0.5) / 16.0)


def geometric_size_factor(diameter: jax.Array) -> jax.Array:
    """K_2 in bending and torsion: 1 - 0.2 lg(d/7.5 mm)/lg 20, 7.5 to 150 mm."""
    return 1.0 - 0.2 * jnp.log10(diameter * 1e3 / 7.5) / jnp.log10(20.0)


def total_factors(notch: Notch, diameter: jax.Array, tensile: jax.Array) -> tuple[jax.Array, jax.Array]:
    """K_sigma, K_tau: (beta/K_2 + 1/K_F - 1)/K_V with K_F = 1 - 0.22 lg(Rz) (lg(sigma_B/20 MPa) - 1)."""
    surface = 1.0 - 0.22 * jnp.log10(ROUGHNESS) * (jnp.log10(tensile * 1e-6 / 20.0) - 1.0)
    size = geometric_size_factor(diameter)
    bending = (notch.bending / size + 1.0 / surface - 1.0) / HARDENING
    torsion = (notch.torsion / size + 1.0 / (0.575 * surface + 0.425) - 1.0) / HARDENING
    return bending, torsion


def section_safety(
    load: SectionLoad, notch: Notch, diameter: jax.Array, steel: ShaftSteelData
) -> tuple[jax.Array, jax.Array]:
    """(fatigue, static) safety of sections of a diameter [m]; amplitude strength at constant mean stress (case 1)."""
    tensile = steel.tensile * size_factor(diameter, 0.26)
    elastic = steel.yield_strength * size_factor(diameter, 0.34)
    by_bending, by_torsion = total_factors(notch, diameter, tensile)
    bending = steel.bending_fatigue * size_factor(diameter, 0.26) / by_bending
    torsion = steel.torsion_fatigue * size_factor(diameter, 0.26) / by_torsion
    # Mean stress by distortion energy: only the shear has a mean on a turning shaft.
    mean = load.torsion_mean
    bending = bending - bending / (2.0 * tensile - bending) * jnp.sqrt(3.0) * mean
    torsion = torsion - torsion / (2.0 * tensile - torsion) * mean
    floor = 1e6  # Pa: a mean stress beyond the strength leaves no amplitude, the safety falls towards zero
    bending, torsion = smooth_maximum(bending, floor, floor), smooth_maximum(torsion, floor, floor)
    fatigue = (load.bending_amplitude / bending) ** 2 + (load.torsion_amplitude / torsion) ** 2
    # Static support K_2F of a hard surface is 1; torsion yields at sigma_S/sqrt(3)
    static = (load.bending_largest / elastic) ** 2 + 3.0 * (load.torsion_largest / elastic) ** 2
    return (fatigue + 1e-12) ** -0.5, (static + 1e-12) ** -0.5


def equivalent_amplitude(moments: jax.Array, revolutions: jax.Array) -> jax.Array:
    """Bending moment [N m] that does the blocks' damage in 10^6 turns (DIN 743-4, elementary Miner); last axis K."""
    damage = jnp.sum(revolutions / ENDURANCE_CYCLES * moments**DAMAGE_EXPONENT, axis=-1)
    return (damage + 1e-9) ** (1.0 / DAMAGE_EXPONENT)


def _section_moments(gearbox: Gearbox, geometries: PairGeometry, torque: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Bending moments and torques (2 M + 1, K) [N m] at the sections of `ShaftRating`, at axle torques (K,)."""
    loads, widths = unit_shaft_loads(gearbox, geometries), ball_bearings(gearbox).width
    forces = mesh_forces(stage_forces(gearbox, geometries, torque))
    (near, far), (before, behind) = under((jax.vmap(support_forces)(loads), jax.vmap(bending_moments)(loads)), forces)

    def size(vector: jax.Array) -> jax.Array:
        return safe_norm(vector, SMALLEST_FORCE, axis=-2)

    at_gears = smooth_maximum(size(before), size(behind), 1.0)
    seats = size(jnp.stack([near[0], far[1]])) * 0.5 * widths[:2, None]
    moments = jnp.concatenate([seats[:1], at_gears[0, :-1], at_gears[1], seats[1:]])
    pinions = stage_loads(gearbox, torque, jnp.zeros(())).pinion_torque
    along = jnp.concatenate([jnp.sum(pinions[:-1], axis=0, keepdims=True), pinions[-1:]])
    shafts = np.array([0] * len(pinions) + [1] * len(pinions))
    torques = jnp.concatenate([along[shafts], jnp.zeros_like(along[:1])])
    return moments, jnp.sqrt(torques**2 + 1e-4)


def _notches(diameters: jax.Array, pinion_roots: jax.Array, steel: ShaftSteelData) -> Notch:
    """Notches of the sections (2 M + 1,); diameters alike, pinion_roots (2,) above the two bearing seats."""
    meshes = len(diameters) // 2
    seats, tensile = diameters[jnp.array([0, -1])], steel.tensile * size_factor(diameters, 0.26)
    larger = smooth_maximum(pinion_roots, seats + 2.0 * SHOULDER_RADIUS, 1e-3)
    elastic = steel.yield_strength * size_factor(seats, 0.34)
    shoulder = jax.vmap(shoulder_notch)(seats, larger, jnp.full(2, SHOULDER_RADIUS), elastic)
    toothed, pressed = toothed_notch(tensile), press_fit_notch(tensile)

    def place(of_shoulder: jax.Array, of_teeth: jax.Array, of_fit: jax.Array) -> jax.Array:
        teeth, wheels = of_teeth[1:meshes], of_fit[meshes:-2]
        return jnp.concatenate([of_shoulder[:1], teeth, wheels, of_teeth[-2:-1], of_shoulder[1:]])

    return Notch(
        bending=place(shoulder.bending, toothed.bending, pressed.bending),
        torsion=place(shoulder.torsion, toothed.torsion, pressed.torsion),
    )


def shaft_rating(
    gearbox: Gearbox,
    geometries: PairGeometry,
    spectrum: LoadSpectrum,
    peak_output_torque: jax.Array,
    steel: str = "18crnimo7_6",
) -> ShaftRating:
    """Safeties of input and intermediate shaft of the parallel layout; geometries with leading axis M.

    Bending turns with the shaft: damage-equivalent amplitude over the spectrum. Torsion pulsates between zero and its
    largest value over the spectrum (amplitude = mean = half of it), taken as endurance. Static at peak axle torque.
    """
    if gearbox.structure.has_planets:
        raise ValueError(f"shaft rating of layout {gearbox.layout!r}: only shafts without planets are beams")
    data, bearings = SHAFT_STEELS[steel], ball_bearings(gearbox)
    roots, seats = geometries.root_diameter[:, 0], bearings.bore[:2]
    wheels = jnp.broadcast_to(seats[1] + SEAT_STEP, roots[:-1].shape)
    diameters = jnp.concatenate([seats[:1], roots[:-1], wheels, roots[-1:], seats[1:]])
    section = jnp.pi * diameters**3 / 32.0
    moments, torques = _section_moments(gearbox, geometries, jnp.append(spectrum.axle_torque, peak_output_torque))
    meshes = len(roots)
    ratios = shaft_speed_ratios(gearbox)[np.array([0] * meshes + [1] * (meshes + 1))]
    turns = spectrum.axle_speed * spectrum.duration / (2.0 * jnp.pi) * ratios[:, None]
    shear = 0.5 / section
    largest = soft_maximum(torques[:, :-1], TORQUE_WIDTH, axis=1)
    load = SectionLoad(
        bending_amplitude=equivalent_amplitude(moments[:, :-1], turns) / section,
        torsion_amplitude=0.5 * largest * shear,
        torsion_mean=0.5 * largest * shear,
        bending_largest=moments[:, -1] / section,
        torsion_largest=torques[:, -1] * shear,
    )
    fatigue, static = section_safety(load, _notches(diameters, roots[np.array([0, -1])], data), diameters, data)
    return ShaftRating(fatigue_safety=fatigue, static_safety=static)


def shaft_margin(rating: ShaftRating) -> jax.Array:
    """Smallest relative margin of all sections, fatigue and static, against the required safety; smooth."""
    ratios = jnp.concatenate([rating.fatigue_safety, rating.static_safety]) / REQUIRED_SAFETY
    return soft_minimum(ratios, 0.005) - 1.0
