"""Power modules as rows of coefficients: published curves in one form for IGBT and MOSFET alike.

Conduction of a channel: v(i, T) = threshold + root sqrt(i) + resistance i, each linear (the resistance quadratic) in
T - 25 degC. Switching energy of one on-off pair: (constant s(i) + linear i + quadratic i^2) (V/V_ref)^exponent with s
rising from 0 to 1 around `knee_current`; reverse recovery: root sqrt(i). A field that a technology does not have is
zero, so a silicon row and a silicon-carbide row go through one program.

Sources:
  TDB     transistordatabase 0.5.1 (digitized data sheets), Fuji 2MBI600XEE065-50 and CREE CAB530M12BM3.
  XM3     Wolfspeed CAB450M12XM3 data sheet values as quoted by a PLECS-oriented note and the data sheet's first page.
  FS800   Infineon FS800R07A2E3 (BMW i3 inverter) junction-to-fluid 0.10 and 0.14 K/W (fit of TUM, Chang 2018).
  CRD300  Wolfspeed CRD300DA12E-XM3: case to coolant 0.07 K/W calibrated to its simulated losses.
Chip areas are not published. Assumed: 150 A/cm^2 of rated current for the IGBT with a diode half as large, and
400 A/cm^2 for SiC (2.6 mOhm over 1.125 cm^2 = 2.9 mOhm cm^2, the class of third-generation 1200 V dies): the same
densities stand behind the die prices.
"""

from __future__ import annotations

import jax

from edu_opt.numerics.pytree import pytree

Number = float | jax.Array
REFERENCE_CELSIUS = 25.0
SQUARE_CENTIMETRE = 1e-4


@pytree
class Channel:
    """Conducting path at 25 degC: threshold [V], root [V/A^0.5], resistance [Ohm]; slopes per K, curvature 1/K^2."""

    threshold: Number
    root: Number
    resistance: Number
    threshold_slope: Number
    root_slope: Number
    resistance_slope: Number
    resistance_curvature: Number


@pytree
class SwitchingEnergy:
    """Energy of one event [J]; `voltage_exponent` on V/V_ref, `temperature_slope` [1/K] from 25 degC.

    constant [J] above the knee current [A], root [J/A^0.5], linear [J/A], quadratic [J/A^2].
    """

    constant: Number
    knee_current: Number
    root: Number
    linear: Number
    quadratic: Number
    reference_voltage: Number
    voltage_exponent: Number
    temperature_slope: Number


@pytree
class Device:
    """One switch position (half of a half-bridge module) with its free-wheeling path. All fields are data.

    Thermal resistances [K/W]: junctions to case as a 2 x 2 matrix by name (a MOSFET conducts both ways in one chip: all
    four equal), case to coolant for the position. current_limit [A peak] repetitive; die areas [m^2] a position;
    package_volume [m^3] a half-bridge module; gate_charge [C]; gate_swing [V].
    dead_time_conduction is 1 where a body diode replaces the channel during the dead time, else 0.
    """

    forward: Channel
    reverse: Channel
    switching: SwitchingEnergy
    recovery: SwitchingEnergy
    body_diode: Channel
    dead_time_conduction: Number
    switch_to_case: Number
    diode_to_case: Number
    cross_to_case: Number
    case_to_coolant: Number
    blocking_voltage: Number
    current_limit: Number
    junction_limit_celsius: Number
    silicon_area: Number
    silicon_carbide_area: Number
    package_volume: Number
    gate_charge: Number
    gate_swing: Number


def _channel(
    threshold: float = 0.0,
    root: float = 0.0,
    resistance: float = 0.0,
    slopes: tuple[float, float, float] = (0.0, 0.0, 0.0),
    curvature: float = 0.0,
) -> Channel:
    """Channel with slopes in the order threshold, root, resistance."""
    return Channel(
        threshold=threshold,
        root=root,
        resistance=resistance,
        threshold_slope=slopes[0],
        root_slope=slopes[1],
        resistance_slope=slopes[2],
        resistance_curvature=curvature,
    )


def fuji_2mbi600xee065() -> Device:
    """Fuji 2MBI600XEE065-50, 650 V, 600 A silicon IGBT half bridge [TDB].

    Fitted over 10-600 A, 25-175 degC: conduction within 2.8 % (6.7 % at 10 A), on + off energy averaged over a sine
    within 7 %, recovery energy within 6 % from 50 A. E at 300 V, 3.3 Ohm. Voltage exponents 1.3 and 0.6 (assumed: usual
    for silicon, no second voltage published). case_to_coolant such that junction to fluid meets FS800. Repetitive
    current 2 x 600 A [TDB]. Package 150 x 62 x 17 mm and gate charge 4 uC (assumed).
    """
    return Device(
        forward=_channel(0.5973, 0.02153, 2.933e-4, (-2.183e-3, 1.301e-4, 9.038e-7)),
        reverse=_channel(0.7123, 0.03460, 0.0, (-2.771e-3, 1.087e-4, -8.8e-7)),
        switching=SwitchingEnergy(
            constant=2.895e-3,
            knee_current=30.0,
            root=0.0,
            linear=8.002e-5,
            quadratic=0.0,
            reference_voltage=300.0,
            voltage_exponent=1.3,
            temperature_slope=8.76e-4,
        ),
        recovery=SwitchingEnergy(
            constant=0.0,
            knee_current=30.0,
            root=1.786e-4,
            linear=0.0,
            quadratic=0.0,
            reference_voltage=300.0,
            voltage_exponent=0.6,
            temperature_slope=6.56e-3,
        ),
        body_diode=_channel(),
        dead_time_conduction=0.0,
        switch_to_case=0.054,
        diode_to_case=0.087,
        cross_to_case=0.0,
        case_to_coolant=0.045,
        blocking_voltage=650.0,
        current_limit=1200.0,
        junction_limit_celsius=175.0,
        silicon_area=600.0 / 150.0 * 1.5 * SQUARE_CENTIMETRE,
        silicon_carbide_area=0.0,
        package_volume=0.150 * 0.062 * 0.017,
        gate_charge=4.0e-6,
        gate_swing=30.0,
    )


def _silicon_carbide(
    channel: Channel,
    body_diode: Channel,
    switching: SwitchingEnergy,
    recovery: SwitchingEnergy,
    junction_to_case: float,
    **rest: float,
) -> Device:
    """MOSFET row: the same channel conducts both ways (synchronous rectification) in one chip."""
    return Device(
        forward=channel,
        reverse=channel,
        switching=switching,
        recovery=recovery,
        body_diode=body_diode,
        dead_time_conduction=1.0,
        switch_to_case=junction_to_case,
        diode_to_case=junction_to_case,
        cross_to_case=junction_to_case,
        blocking_voltage=1200.0,
        junction_limit_celsius=175.0,
        silicon_area=0.0,
        gate_swing=19.0,
        **rest,
    )


def wolfspeed_cab450m12xm3() -> Device:
    """Wolfspeed CAB450M12XM3, 1200 V, 450 A SiC MOSFET half bridge [XM3].

    2.6 mOhm at 25 degC and 4.7 mOhm at 175 degC, curvature between from WAB300M12BM3 [TDB]. Eon + Eoff 32.9 mJ at
    600 V, 450 A, 4 Ohm (32.1 at 125, 32.8 at 175 degC: taken as constant), current shape and voltage exponent from
    CAB530M12BM3 [TDB]. Recovery 0.2 to 1.1 mJ from 25 to 175 degC. Body diode 4.7 V at 450 A, slope of CAB530. Rth jc
    0.094 K/W (0.11 in the 2019 revision), case to coolant [CRD300]. Gate charge 1.33 uC (assumed). Repetitive current
    900 A.
    """
    return _silicon_carbide(
        _channel(resistance=2.6e-3, slopes=(0.0, 0.0, 2.6e-3 * 1.815e-3), curvature=2.6e-3 * 2.38e-5),
        _channel(2.5, 0.0, 4.9e-3, (-3.3e-3, 0.0, 0.0)),
        SwitchingEnergy(
            constant=9.05e-4,
            knee_current=30.0,
            root=0.0,
            linear=5.78e-5,
            quadratic=2.95e-8,
            reference_voltage=600.0,
            voltage_exponent=1.28,
            temperature_slope=0.0,
        ),
        SwitchingEnergy(
            constant=0.0,
            knee_current=30.0,
            root=0.2e-3 / 450.0**0.5,
            linear=0.0,
            quadratic=0.0,
            reference_voltage=600.0,
            voltage_exponent=0.6,
            temperature_slope=0.030,
        ),
        junction_to_case=0.094,
        case_to_coolant=0.07,
        current_limit=900.0,
        silicon_carbide_area=450.0 / 400.0 * SQUARE_CENTIMETRE,
        package_volume=0.080 * 0.053 * 0.019,
        gate_charge=1.33e-6,
    )


def wolfspeed_cab530m12bm3() -> Device:
    """Wolfspeed (CREE) CAB530M12BM3, 1200 V, 530 A SiC MOSFET half bridge in a 62 mm package [TDB].

    Fitted over 100-530 A: resistance within 5 % from -40 to 150 degC; Eon + Eoff at 600 V, 1.5 Ohm, 25 degC averaged
    over a sine within 1.1 %, voltage exponent 1.28 between 600 and 800 V (1.16-1.31 over current). Temperature slope
    of switching zero, recovery slope as CAB450M12XM3. Case to coolant 0.045 K/W and gate charge 1.4 uC (assumed).
    """
    return _silicon_carbide(
        _channel(resistance=2.741e-3, slopes=(0.0, 0.0, 3.151e-6), curvature=6.27e-8),
        _channel(2.268, 0.0, 4.94e-3, (-1.7e-3, 0.0, 0.0)),
        SwitchingEnergy(
            constant=7.565e-4,
            knee_current=20.0,
            root=0.0,
            linear=4.829e-5,
            quadratic=2.464e-8,
            reference_voltage=600.0,
            voltage_exponent=1.28,
            temperature_slope=0.0,
        ),
        SwitchingEnergy(
            constant=3.14e-4,
            knee_current=20.0,
            root=1.6e-5,
            linear=0.0,
            quadratic=0.0,
            reference_voltage=600.0,
            voltage_exponent=0.6,
            temperature_slope=0.030,
        ),
        junction_to_case=0.065,
        case_to_coolant=0.045,
        current_limit=1060.0,
        silicon_carbide_area=530.0 / 400.0 * SQUARE_CENTIMETRE,
        package_volume=0.106 * 0.062 * 0.030,
        gate_charge=1.4e-6,
    )


DEVICES = {
    "fuji_2mbi600xee065": fuji_2mbi600xee065,
    "wolfspeed_cab450m12xm3": wolfspeed_cab450m12xm3,
    "wolfspeed_cab530m12bm3": wolfspeed_cab530m12bm3,
}


def device(name: str) -> Device:
    """Parameter set by name; an unknown name raises KeyError with the known ones."""
    if name not in DEVICES:
        raise KeyError(f"unknown power module {name!r}; known: {', '.join(DEVICES)}")
    return DEVICES[name]()
