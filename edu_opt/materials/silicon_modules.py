"""Silicon IGBT half bridges.

Sources:
  TDB     transistordatabase 0.5.1 (digitized data sheets), fits of `experiments/validation/semiconductor_fits`;
          thermal networks and gate charges as they stand there.
  FS800   Infineon FS800R07A2E3 (BMW i3 inverter): linear fits and Foster network junction to fluid in TUM's Holistic
          model (Chang 2018).
Chip areas are not published. Assumed: 150 A/cm^2 of rated current for the IGBT with a diode half as large: the same
density stands behind the die price. Voltage exponents 1.3 and 0.6 (usual for silicon, no second voltage published).
"""

from __future__ import annotations

from edu_opt.materials.semiconductor_laws import Channel, Device, SwitchingEnergy, ThermalResponse

AMPERE_PER_SQUARE_METRE = 150.0e4
DIODE_SHARE = 0.5  # of the IGBT's area
# Fuji X series [TDB]: stages 0.00144, 0.01148, 0.01704, 0.02366 K/W of the 600 A part, the same shares in the others.
FUJI_RESPONSE = ThermalResponse(shares=(0.0268, 0.2141, 0.3177, 0.4414, 0.0), times=(5e-4, 4.9e-3, 0.0351, 0.0566, 1.0))


def _igbt(
    forward: Channel,
    reverse: Channel,
    switching: SwitchingEnergy,
    recovery: SwitchingEnergy,
    rated_current: float,
    responses: tuple[ThermalResponse, ThermalResponse] = (FUJI_RESPONSE, FUJI_RESPONSE),
    **rest: float,
) -> Device:
    """IGBT and diode in one case; no body diode takes over during the dead time."""
    return Device(
        forward=forward,
        reverse=reverse,
        switching=switching,
        recovery=recovery,
        body_diode=Channel(),
        dead_time_conduction=0.0,
        cross_to_case=0.0,
        switch_response=responses[0],
        diode_response=responses[1],
        case_time=2.0,  # s, base plate and cooler (assumed)
        current_limit=2.0 * rated_current,
        junction_limit_celsius=175.0,
        silicon_area=rated_current / AMPERE_PER_SQUARE_METRE * (1.0 + DIODE_SHARE),
        silicon_carbide_area=0.0,
        gate_swing=30.0,
        **rest,
    )


def fuji_2mbi600xee065() -> Device:
    """Fuji 2MBI600XEE065-50, 650 V, 600 A half bridge [TDB].

    10-600 A, 25-175 degC: conduction within 1.9 % from 50 A, on + off energy averaged over a sine within 4.4 %,
    recovery within 3.0 %, from 50 A. E at 300 V, 3.3 Ohm. case_to_coolant such that junction to fluid meets FS800.
    Package 150 x 62 x 17 mm (assumed).
    """
    return _igbt(
        Channel(
            threshold=0.5973,
            root=0.02152,
            resistance=2.931e-4,
            threshold_slope=-2.183e-3,
            root_slope=1.302e-4,
            resistance_slope=9.826e-7,
            resistance_curvature=-5.955e-10,
        ),
        Channel(
            threshold=0.7127,
            root=0.0344,
            resistance=-1.639e-5,
            threshold_slope=-2.775e-3,
            root_slope=1.107e-4,
            resistance_slope=1.714e-6,
            resistance_curvature=-1.887e-8,
        ),
        SwitchingEnergy(
            knee_current=18.0,
            root=5.701e-4,
            linear=5.536e-5,
            quadratic=2.1e-9,
            reference_voltage=300.0,
            voltage_exponent=1.3,
            temperature_slope=1.409e-3,
            temperature_curvature=-3.333e-6,
        ),
        SwitchingEnergy(
            constant=2.336e-5,
            knee_current=18.0,
            root=1.81e-4,
            reference_voltage=300.0,
            voltage_exponent=0.6,
            temperature_slope=7.165e-3,
            temperature_curvature=-4.801e-6,
        ),
        rated_current=600.0,
        switch_to_case=0.054,
        diode_to_case=0.087,
        case_to_coolant=0.045,
        blocking_voltage=650.0,
        package_volume=0.150 * 0.062 * 0.017,
        gate_charge=6.4e-6,
    )


def fuji_2mbi400xbe065() -> Device:
    """Fuji 2MBI400XBE065-50, 650 V, 400 A half bridge [TDB].

    10-600 A, 25-175 degC: conduction within 2.0 % from 50 A, on + off energy averaged over a sine within 3.9 %,
    recovery within 7.0 %, from 50 A. E at 300 V, 3.3 Ohm on, 10 Ohm off. Case to coolant as the 600 A part's, by base
    plate. Package 92 x 45 x 30 mm (M274).
    """
    return _igbt(
        Channel(
            threshold=0.646,
            root=0.02004,
            resistance=6.486e-4,
            threshold_slope=-2.193e-3,
            root_slope=1.341e-4,
            resistance_slope=2.97e-6,
            resistance_curvature=1.44e-9,
        ),
        Channel(
            threshold=0.6784,
            root=0.04852,
            resistance=-2.453e-4,
            threshold_slope=-2.437e-3,
            root_slope=8.051e-5,
            resistance_slope=4.16e-6,
            resistance_curvature=-2.488e-8,
        ),
        SwitchingEnergy(
            constant=1.36e-3,
            knee_current=30.0,
            root=4.619e-4,
            linear=7.523e-6,
            quadratic=1.115e-7,
            reference_voltage=300.0,
            voltage_exponent=1.3,
            temperature_slope=1.968e-3,
            temperature_curvature=6.703e-6,
        ),
        SwitchingEnergy(
            constant=8.173e-4,
            knee_current=48.0,
            root=2.428e-5,
            linear=6.722e-7,
            reference_voltage=300.0,
            voltage_exponent=0.6,
            temperature_slope=0.01071,
            temperature_curvature=5.809e-6,
        ),
        rated_current=400.0,
        switch_to_case=0.086,
        diode_to_case=0.188,
        case_to_coolant=0.096,
        blocking_voltage=650.0,
        package_volume=0.092 * 0.045 * 0.030,
        gate_charge=4.3e-6,
    )


def infineon_fs800r07a2e3() -> Device:
    """Infineon FS800R07A2E3, 650 V, 800 A six-pack with pin fins (BMW i3); a third of it is the half bridge [FS800].

    Linear laws of i and T. The network is junction to fluid, so case_to_coolant is zero and IGBT and diode do not heat
    each other. Package 216 x 100 x 22 mm over three (assumed). Gate charge 8.6 uC (recalled).
    """
    return _igbt(
        Channel(threshold=0.75, resistance=7.5e-4, threshold_slope=-2e-3, resistance_slope=7.5e-4 * 4.5e-3),
        Channel(threshold=0.8, resistance=1.125e-3, threshold_slope=-2e-3, resistance_slope=1.125e-3 * 1.67e-3),
        SwitchingEnergy(
            constant=5.469e-3,
            knee_current=40.0,
            linear=5.097e-5,
            reference_voltage=300.0,
            voltage_exponent=1.3,
            temperature_slope=1.64e-3,
        ),
        SwitchingEnergy(
            constant=1.905e-4,
            knee_current=40.0,
            linear=2.1435e-6,
            reference_voltage=300.0,
            voltage_exponent=0.6,
            temperature_slope=0.05998,
        ),
        rated_current=800.0,
        responses=(
            ThermalResponse(shares=(0.062, 0.22, 0.238, 0.38, 0.10), times=(5e-4, 0.02, 0.058, 0.45, 2.19)),
            ThermalResponse(shares=(0.09, 0.2793, 0.2979, 0.2364, 0.0964), times=(6e-4, 0.017, 0.053, 0.39, 3.2)),
        ),
        switch_to_case=0.10,
        diode_to_case=0.14,
        case_to_coolant=0.0,
        blocking_voltage=650.0,
        package_volume=0.216 * 0.100 * 0.022 / 3.0,
        gate_charge=8.6e-6,
    )


def fuji_2mbi300xbe120() -> Device:
    """Fuji 2MBI300XBE120-50, 1200 V, 300 A half bridge, the silicon choice at 800 V [TDB].

    10-400 A, 25-175 degC: conduction within 1.8 % from 50 A, on + off energy averaged over a sine within 3.5 %,
    recovery within 3.9 %, from 50 A. E at 600 V, 1.8 Ohm. Case to coolant as the 600 A part's, by base plate.
    """
    return _igbt(
        Channel(
            threshold=0.5787,
            root=0.04173,
            resistance=7.38e-4,
            threshold_slope=-1.459e-3,
            root_slope=1.129e-4,
            resistance_slope=1.169e-5,
            resistance_curvature=-1.534e-8,
        ),
        Channel(
            threshold=0.7331,
            root=0.04132,
            resistance=4.802e-4,
            threshold_slope=-2.346e-3,
            root_slope=1.54e-4,
            resistance_slope=2.605e-6,
            resistance_curvature=-2.467e-8,
        ),
        SwitchingEnergy(
            knee_current=20.0,
            root=7.665e-4,
            linear=7.393e-5,
            quadratic=9.405e-8,
            reference_voltage=600.0,
            voltage_exponent=1.3,
            temperature_slope=4.633e-3,
            temperature_curvature=-4.768e-6,
        ),
        SwitchingEnergy(
            knee_current=20.0,
            root=7.373e-4,
            linear=1.28e-6,
            reference_voltage=600.0,
            voltage_exponent=0.6,
            temperature_slope=6.601e-3,
            temperature_curvature=-2.515e-6,
        ),
        rated_current=300.0,
        switch_to_case=0.08,
        diode_to_case=0.105,
        case_to_coolant=0.102,
        blocking_voltage=1200.0,
        package_volume=0.092 * 0.042 * 0.030,
        gate_charge=2.54e-6,
    )
