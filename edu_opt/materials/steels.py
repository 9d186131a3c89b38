"""Electrical steels: cited magnetization and loss tables with smooth loss coefficients.

Loss per mass at sinusoidal flux density of amplitude B [T] and frequency f [Hz] (Bertotti's three terms; the hysteresis
energy as a sum of powers keeps the law linear in its coefficients and smooth at zero):

    p = f (h0 B^1.5 + h1 B^2 + h2 B^4) + c f^2 B^2 + e (f B)^1.5      [W/kg]

Coefficients: non-negative least squares of the relative error over the table from 0.2 T and up to `fit_range_hertz`
(`tests/motor/test_materials.py` repeats the fit); `fit_rms_error`, `fit_max_error` are its relative errors. Above that
range the classical term overstates (skin effect in the sheet).
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree


@dataclasses.dataclass(frozen=True)
class SteelData:
    """One grade: tables in SI (A/m, T, Hz, W/kg), thickness [m], density [kg/m3], resistivity [ohm m], yield [Pa].

    `stacking_factor` is the least value of EN 10106 / EN 10303 for the thickness (recalled, not verified).
    `loss_table` rows: (frequency, flux densities, losses).
    """

    name: str
    source: str
    thickness: float
    density: float
    resistivity: float
    yield_strength: float
    stacking_factor: float
    hysteresis: tuple[float, float, float]
    classical: float
    excess: float
    fit_range_hertz: float
    fit_rms_error: float
    fit_max_error: float
    field_strength: tuple[float, ...]
    flux_density: tuple[float, ...]
    loss_table: tuple[tuple[float, tuple[float, ...], tuple[float, ...]], ...]


@pytree
class ElectricalSteel:
    """One grade as data of a program: every field a scalar leaf, `hysteresis` (3,)."""

    thickness: jax.Array
    density: jax.Array
    resistivity: jax.Array
    yield_strength: jax.Array
    stacking_factor: jax.Array
    hysteresis: jax.Array
    classical: jax.Array
    excess: jax.Array


HYSTERESIS_EXPONENTS = (1.5, 2.0, 4.0)


def electrical_steel(name: str) -> ElectricalSteel:
    """Leaves of a grade by name; an unknown name raises KeyError with the names that exist."""
    if name not in STEELS:
        raise KeyError(f"steel {name!r} is not among {', '.join(sorted(STEELS))}")
    data = STEELS[name]
    return ElectricalSteel(
        thickness=jnp.asarray(data.thickness),
        density=jnp.asarray(data.density),
        resistivity=jnp.asarray(data.resistivity),
        yield_strength=jnp.asarray(data.yield_strength),
        stacking_factor=jnp.asarray(data.stacking_factor),
        hysteresis=jnp.asarray(data.hysteresis),
        classical=jnp.asarray(data.classical),
        excess=jnp.asarray(data.excess),
    )


def loss_per_mass(steel: ElectricalSteel, frequency: jax.Array, flux_density: jax.Array) -> jax.Array:
    """Loss [W/kg] at sinusoidal flux density amplitude [T] >= 0 and frequency [Hz] (form in the module's head)."""
    b = flux_density
    energy = steel.hysteresis[0] * b**1.5 + steel.hysteresis[1] * b**2 + steel.hysteresis[2] * b**4
    return frequency * energy + steel.classical * (frequency * b) ** 2 + steel.excess * (frequency * b) ** 1.5


PYLEECAN_M235 = (
    "pyleecan Data/Material/M235-35A.json (curves, density, resistivity); yield: typical value of the grade, recalled"
)
PYLEECAN_M400 = (
    "pyleecan Data/Material/M400-50A.json (curves, density, resistivity); yield: SyR-e iron_material.mat M400-50A"
)
HI_LITE = (
    "Cogent/Tata Steel Hi-Lite data sheet NO10 to NO30 (2015), typical values at 50 Hz; BH above 1.8 T is assumed: "
    "polarization increments of M235-35A"
)

STEELS: dict[str, SteelData] = {
    "M235-35A": SteelData(
        name="M235-35A",
        source=PYLEECAN_M235,
        thickness=0.00035,
        density=7650,
        resistivity=4.6e-07,
        yield_strength=4.6e+08,
        stacking_factor=0.95,
        hysteresis=(0.00197059, 0.0115653, 0.000521311),
        classical=3.04647e-05,
        excess=0.000673679,
        fit_range_hertz=2500,
        fit_rms_error=0.070,
        fit_max_error=0.180,
        field_strength=(0, 21.008, 28.933, 34.675, 39.793, 45.186, 51.014, 56.64, 65.663, 76.435, 90.548,
            110.963, 149.396, 233.102, 509.854, 1479.58, 2371.85, 3511.75, 4961.12, 5000, 8000, 10000, 15000,
            20000, 25000, 30000, 35000, 40000, 120000, 199000),
        flux_density=(0, 0.0987, 0.1965, 0.2966, 0.3897, 0.4883, 0.5894, 0.6876, 0.8002, 0.9013, 0.9973, 1.0872,
            1.1979, 1.2965, 1.3984, 1.5, 1.5513, 1.6026, 1.6547, 1.6574, 1.7406, 1.7881, 1.8712, 1.9261, 1.9606,
            1.9808, 1.9943, 2.0052, 2.1052, 2.2052),
        loss_table=(
            (50, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8),
                (0.02, 0.06, 0.11, 0.2, 0.29, 0.38, 0.5, 0.62, 0.77, 0.92, 1.1, 1.31, 1.56, 1.92, 2.25,
                2.53, 2.75, 2.94)),
            (100, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5), (0.04, 0.14,
                0.3, 0.49, 0.71, 0.97, 1.25, 1.57, 1.92, 2.31, 2.75, 3.26, 3.88, 4.67, 5.54)),
            (200, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5), (0.08, 0.32,
                0.73, 1.21, 1.78, 2.44, 3.19, 4.03, 4.97, 6.01, 7.19, 8.54, 10.1, 12.2, 14.4)),
            (400, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5), (0.19, 0.87,
                1.88, 3.17, 4.73, 6.56, 8.67, 11, 13.8, 16.9, 20.3, 24.3, 28.9, 34.8, 41.2)),
            (1000, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1), (0.93, 3.55, 7.45, 12.3, 18.5,
                25.8, 34.6, 45, 57.2, 71.5, 88.3)),
            (2500, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1), (3.89, 14.3, 29.6, 50.2, 76.7, 110,
                153, 205, 270, 349)),
        ),
    ),
    "M400-50A": SteelData(
        name="M400-50A",
        source=PYLEECAN_M400,
        thickness=0.0005,
        density=7650,
        resistivity=4.6e-07,
        yield_strength=3.65e+08,
        stacking_factor=0.97,
        hysteresis=(0.012987, 0.00521823, 0.0032478),
        classical=0.00013707,
        excess=0.000548914,
        fit_range_hertz=1000,
        fit_rms_error=0.082,
        fit_max_error=0.197,
        field_strength=(0, 100, 150, 180, 200, 250, 300, 350, 450, 550, 650, 750, 850, 950, 1100, 1250, 1400,
            1550, 1700, 1900, 2150, 2450, 2750, 3150, 3600, 4100, 4700, 5250, 6000, 6700, 7500, 8650, 9500,
            10750, 14500, 19500, 25000, 33000, 44000, 57000, 74000, 96000, 130000, 170000),
        flux_density=(0, 0.5, 0.7, 0.8, 0.9, 1, 1.05, 1.1, 1.15, 1.2, 1.225, 1.25, 1.275, 1.3, 1.325, 1.35,
            1.375, 1.4, 1.425, 1.45, 1.475, 1.5, 1.525, 1.55, 1.575, 1.6, 1.625, 1.65, 1.675, 1.7, 1.725, 1.75,
            1.775, 1.8, 1.85, 1.9, 1.95, 2, 2.05, 2.1, 2.15, 2.2, 2.25, 2.3),
        loss_table=(
            (50, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8),
                (0.02, 0.09, 0.19, 0.31, 0.46, 0.62, 0.81, 1.01, 1.24, 1.49, 1.76, 2.09, 2.46, 2.96, 3.57,
                4.38, 5.02, 5.47)),
            (100, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5), (0.07, 0.26,
                0.54, 0.88, 1.27, 1.73, 2.24, 2.8, 3.44, 4.15, 4.95, 5.85, 6.88, 8.18, 9.82)),
            (200, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5), (0.16, 0.64,
                1.35, 2.25, 3.33, 4.58, 6.03, 7.68, 9.58, 11.7, 14.2, 17, 20.2, 23.8, 28.3)),
            (400, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5), (0.48, 1.8,
                3.77, 6.29, 9.37, 13.1, 17.5, 22.7, 28.8, 35.9, 44.2, 53.8, 64.9, 77.4, 91.7)),
            (1000, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5), (2.12, 7.49,
                15.3, 25.7, 39, 56.1, 77.1, 103.1, 135, 173.3, 218.8, 272.4, 334.6, 405.6, 488.4)),
            (2500, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4), (8.34, 30.1, 62.7,
                109, 172, 256, 367, 509, 685, 899, 1155, 1453, 1793, 2130)),
        ),
    ),
    "NO18": SteelData(
        name="NO18",
        source=HI_LITE,
        thickness=0.000178,
        density=7650,
        resistivity=5.2e-07,
        yield_strength=3.7e+08,
        stacking_factor=0.93,
        hysteresis=(0.00981571, 0.00649254, 0.00194482),
        classical=1.41132e-05,
        excess=0.000320351,
        fit_range_hertz=2500,
        fit_rms_error=0.044,
        fit_max_error=0.113,
        field_strength=(0, 30, 37, 43, 48, 53, 58, 63, 71, 82, 95, 118, 154, 219, 405, 1090, 2680, 5150, 9500,
            15000, 20000, 25000, 30000, 40000, 120000),
        flux_density=(0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8,
            1.895, 1.9499, 1.9844, 2.0046, 2.029, 2.129),
        loss_table=(
            (50, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8),
                (0.02, 0.07, 0.14, 0.22, 0.32, 0.41, 0.53, 0.7, 0.84, 1, 1.2, 1.45, 1.72, 2.09, 2.49, 2.83,
                3.18, 3.47)),
            (400, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5), (0.18, 0.72,
                1.49, 2.5, 3.79, 5.15, 6.65, 8.29, 10.2, 12.2, 14.6, 17.7, 21.2, 25, 29.4)),
            (2500, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1), (2.34, 8.95, 20.5, 34.1, 49.3,
                66.1, 87.1, 112, 139, 173, 219)),
        ),
    ),
    "NO20": SteelData(
        name="NO20",
        source=HI_LITE,
        thickness=0.0002,
        density=7650,
        resistivity=5.2e-07,
        yield_strength=3.7e+08,
        stacking_factor=0.93,
        hysteresis=(0.0120349, 0.00326506, 0.00212914),
        classical=2.12764e-05,
        excess=0.000249716,
        fit_range_hertz=2500,
        fit_rms_error=0.043,
        fit_max_error=0.110,
        field_strength=(0, 29, 36, 42, 46, 51, 55, 61, 68, 78, 91, 111, 145, 214, 411, 1280, 2970, 5380, 9390,
            15000, 20000, 25000, 30000, 40000, 120000),
        flux_density=(0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8,
            1.8976, 1.9525, 1.987, 2.0072, 2.0316, 2.1316),
        loss_table=(
            (50, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8),
                (0.02, 0.07, 0.14, 0.23, 0.32, 0.42, 0.54, 0.66, 0.8, 0.95, 1.14, 1.36, 1.65, 2, 2.4, 2.75,
                3.06, 3.32)),
            (400, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5), (0.17, 0.72,
                1.49, 2.5, 3.8, 5.17, 6.7, 8.36, 10.3, 12.3, 14.8, 17.9, 21.4, 25.3, 29.7)),
            (2500, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1), (2.79, 10.6, 24.4, 40.4, 58.4,
                78.4, 103, 133, 166, 200, 248)),
        ),
    ),
    "NO20-1200": SteelData(
        name="NO20-1200",
        source=HI_LITE,
        thickness=0.0002,
        density=7600,
        resistivity=5.9e-07,
        yield_strength=4.4e+08,
        stacking_factor=0.93,
        hysteresis=(0.00490245, 0.00832463, 0.00136921),
        classical=1.46292e-05,
        excess=0.000428036,
        fit_range_hertz=2500,
        fit_rms_error=0.053,
        fit_max_error=0.123,
        field_strength=(0, 24, 30, 37, 42, 48, 52, 58, 67, 78, 95, 122, 172, 292, 694, 2050, 4350, 7480, 12100,
            15000, 20000, 25000, 30000, 40000, 120000),
        flux_density=(0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8,
            1.8482, 1.9031, 1.9376, 1.9578, 1.9822, 2.0822),
        loss_table=(
            (50, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8),
                (0.01, 0.05, 0.12, 0.19, 0.27, 0.37, 0.46, 0.58, 0.71, 0.85, 1.03, 1.23, 1.5, 1.84, 2.16,
                2.5, 2.76, 2.97)),
            (400, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5), (0.16, 0.67,
                1.39, 2.34, 3.55, 4.83, 6.26, 7.81, 9.62, 11.4, 13.9, 17, 20.5, 24.5, 29)),
            (2500, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2), (2.45, 9.31, 21.4, 35.5,
                51.3, 68.8, 90.4, 117, 146, 180, 222, 264)),
        ),
    ),
    "NO27": SteelData(
        name="NO27",
        source=HI_LITE,
        thickness=0.00027,
        density=7600,
        resistivity=5.9e-07,
        yield_strength=4.4e+08,
        stacking_factor=0.94,
        hysteresis=(0.00294508, 0.00729893, 0.000700446),
        classical=1.93172e-05,
        excess=0.00070537,
        fit_range_hertz=2500,
        fit_rms_error=0.068,
        fit_max_error=0.185,
        field_strength=(0, 25, 33, 38, 43, 48, 55, 62, 71, 83, 99, 124, 171, 283, 688, 1990, 4290, 7650, 12300,
            15000, 20000, 25000, 30000, 40000, 120000),
        flux_density=(0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8,
            1.8449, 1.8998, 1.9343, 1.9545, 1.9789, 2.0789),
        loss_table=(
            (50, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8),
                (0.01, 0.05, 0.11, 0.18, 0.25, 0.34, 0.43, 0.54, 0.66, 0.79, 0.94, 1.11, 1.33, 1.6, 1.88,
                2.14, 2.35, 2.54)),
            (400, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5), (0.22, 0.84,
                1.75, 2.87, 4.15, 5.66, 7.35, 9.25, 11.4, 13.7, 16.2, 19.2, 22.9, 27.5, 32.6)),
            (2500, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1), (3.17, 11.9, 25.2, 42.6, 64, 89.8,
                121, 157, 200, 255, 309)),
        ),
    ),
    "NO30": SteelData(
        name="NO30",
        source=HI_LITE,
        thickness=0.0003,
        density=7600,
        resistivity=5.5e-07,
        yield_strength=3.7e+08,
        stacking_factor=0.95,
        hysteresis=(0.00571736, 0.00542569, 0.00165504),
        classical=2.87629e-05,
        excess=0.00064898,
        fit_range_hertz=2500,
        fit_rms_error=0.073,
        fit_max_error=0.161,
        field_strength=(0, 29, 37, 42, 46, 51, 55, 60, 69, 80, 93, 118, 158, 252, 670, 1990, 4190, 7680, 12100,
            15000, 20000, 25000, 30000, 40000, 120000),
        flux_density=(0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8,
            1.8482, 1.9031, 1.9376, 1.9578, 1.9822, 2.0822),
        loss_table=(
            (50, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8),
                (0.02, 0.06, 0.12, 0.19, 0.28, 0.37, 0.49, 0.6, 0.74, 0.89, 1.05, 1.27, 1.52, 1.82, 2.14,
                2.51, 2.8, 3.05)),
            (400, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5), (0.3, 0.99,
                1.82, 3.08, 4.59, 6.34, 8.33, 10.6, 13.1, 15.9, 19, 22.6, 26.8, 32, 38.1)),
            (2500, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3), (4.13, 14.4, 29.4, 48.9,
                73.6, 104, 141, 185, 238, 302, 377, 466, 572)),
        ),
    ),
}
