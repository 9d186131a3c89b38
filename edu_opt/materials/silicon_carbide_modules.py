"""Silicon-carbide MOSFET half bridges, 1200 V and 650 V.

Sources:
  TDB     transistordatabase 0.5.1 (digitized data sheets), fits of `experiments/validation/semiconductor_fits`;
          thermal networks as they stand there.
  XM3     Wolfspeed CAB450M12XM3 data sheet values as quoted by a PLECS-oriented note and the data sheet's first page.
  CRD300  Wolfspeed CRD300DA12E-XM3: case to coolant 0.07 K/W a module, calibrated to its 175 degC by a third party.
  HPD     Infineon FS03MR12A6MA1B as coded in M. Totaro, MSc thesis, Bologna/Ferrari 2022 (confidence C).
Chip areas are not published. Assumed: 400 A/cm^2 of rated current for 1200 V dies (2.6 mOhm over 1.125 cm^2 = 2.9
mOhm cm^2, the class of third-generation dies): the same density stands behind the die price. Where one voltage is
published, switching goes with V^1.28 and recovery with V^0.6, as CAB530M12BM3 and silicon do. Case to coolant of other
parts by base plate from CRD300.
"""

from __future__ import annotations

from edu_opt.materials.semiconductor_laws import Channel, Device, SwitchingEnergy, ThermalResponse, in_parallel

AMPERE_PER_SQUARE_METRE = 400.0e4
XM3_BASE_PLATE = 0.080 * 0.053  # m^2
XM3_CASE_TO_COOLANT = 0.07  # K/W a module [CRD300]
BM3_PACKAGE = (0.106, 0.062, 0.030)  # m, 62 mm module
# WAB300M12BM3 [TDB], normalized; also for parts of that maker without a published network.
WOLFSPEED_RESPONSE = ThermalResponse(
    shares=(0.1592, 0.2721, 0.2817, 0.2870, 0.0), times=(1.54e-3, 0.03775, 0.03775, 0.03775, 1.0)
)


def _mosfet(
    channel: Channel,
    body_diode: Channel,
    switching: SwitchingEnergy,
    recovery: SwitchingEnergy,
    junction_to_case: float,
    response: ThermalResponse = WOLFSPEED_RESPONSE,
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
        switch_response=response,
        diode_response=response,
        case_time=2.0,  # s, base plate and cooler (assumed)
        junction_limit_celsius=175.0,
        silicon_area=0.0,
        **rest,
    )


def _case_to_coolant(base_plate: float) -> float:
    """Of a position while both of the module lose alike [K/W], from CRD300 by area of the base plate [m^2]."""
    return 2.0 * XM3_CASE_TO_COOLANT * XM3_BASE_PLATE / base_plate


def wolfspeed_cab450m12xm3() -> Device:
    """Wolfspeed CAB450M12XM3, 1200 V, 450 A half bridge [XM3].

    2.6 mOhm at 25 degC and 4.7 mOhm at 175 degC, curvature between from WAB300M12BM3 [TDB]. Eon + Eoff 32.9 mJ at
    600 V, 450 A, 4 Ohm (32.1 at 125, 32.8 at 175 degC: taken as constant), current shape and voltage exponent from
    CAB530M12BM3 [TDB]. Recovery 0.2, 0.9, 1.1 mJ at 25, 125, 175 degC (linear between the ends). Body diode 4.7 V at
    450 A, slope of CAB530. Rth jc 0.094 K/W (0.11 in the 2019 revision). Gate charge 1.33 uC (assumed). Repetitive
    current 900 A.
    """
    return _mosfet(
        Channel(resistance=2.6e-3, resistance_slope=2.6e-3 * 1.815e-3, resistance_curvature=2.6e-3 * 2.38e-5),
        Channel(threshold=2.5, resistance=4.9e-3, threshold_slope=-3.3e-3),
        SwitchingEnergy(
            constant=7.321e-4,
            knee_current=20.0,
            linear=6.034e-5,
            quadratic=2.476e-8,
            reference_voltage=600.0,
            voltage_exponent=1.28,
        ),
        SwitchingEnergy(
            knee_current=20.0,
            root=0.2e-3 / 450.0**0.5,
            reference_voltage=600.0,
            voltage_exponent=0.6,
            temperature_slope=0.030,
        ),
        junction_to_case=0.094,
        case_to_coolant=_case_to_coolant(XM3_BASE_PLATE),
        blocking_voltage=1200.0,
        current_limit=900.0,
        silicon_carbide_area=450.0 / AMPERE_PER_SQUARE_METRE,
        package_volume=XM3_BASE_PLATE * 0.019,
        gate_charge=1.33e-6,
        gate_swing=19.0,
    )


def wolfspeed_cab530m12bm3() -> Device:
    """Wolfspeed (CREE) CAB530M12BM3, 1200 V, 530 A half bridge in a 62 mm package [TDB].

    100-530 A: resistance within 6 % from -40 to 150 degC (up to 17 % off at 50 A, where the digitized curves bend);
    Eon + Eoff at 600 V, 1.5 Ohm, 25 degC averaged over a sine within 0.6 %, within 2.6 % at 800 V. No energies over
    temperature published: constant; recovery's slope as CAB450M12XM3, its voltage exponent as the others (the two
    digitized curves contradict each other). Gate charge 1.36 uC (recalled).
    """
    return _mosfet(
        Channel(resistance=2.713e-3, resistance_slope=3.07e-6, resistance_curvature=5.32e-8),
        Channel(
            threshold=1.506,
            root=0.1244,
            resistance=7.048e-4,
            threshold_slope=-2.298e-3,
            root_slope=-6.729e-5,
            resistance_slope=-7.311e-6,
            resistance_curvature=8.118e-8,
        ),
        SwitchingEnergy(
            constant=6.093e-4,
            knee_current=5.3,
            linear=5.022e-5,
            quadratic=2.061e-8,
            reference_voltage=600.0,
            voltage_exponent=1.264,
        ),
        SwitchingEnergy(
            constant=3.719e-4,
            knee_current=26.5,
            root=1.202e-5,
            reference_voltage=600.0,
            voltage_exponent=0.6,
            temperature_slope=0.030,
        ),
        junction_to_case=0.065,
        response=ThermalResponse(shares=(0.25, 0.25, 0.25, 0.25, 0.0), times=(0.01677, 0.01677, 0.01677, 0.01677, 1.0)),
        case_to_coolant=_case_to_coolant(BM3_PACKAGE[0] * BM3_PACKAGE[1]),
        blocking_voltage=1200.0,
        current_limit=1060.0,
        silicon_carbide_area=530.0 / AMPERE_PER_SQUARE_METRE,
        package_volume=BM3_PACKAGE[0] * BM3_PACKAGE[1] * BM3_PACKAGE[2],
        gate_charge=1.36e-6,
        gate_swing=19.0,
    )


def wolfspeed_wab300m12bm3() -> Device:
    """Wolfspeed (CREE) WAB300M12BM3, 1200 V, 300 A half bridge in a 62 mm package [TDB].

    100-400 A: resistance within 6 % from -40 to 175 degC (12 % at 50 A); Eon + Eoff at 600 V, 2 Ohm, 25 degC averaged
    over a sine within 0.1 %, within 0.8 % at 800 V. Energies constant over temperature, recovery's slope as
    CAB450M12XM3. Gate charge 0.91 uC (recalled).
    """
    return _mosfet(
        Channel(resistance=4.576e-3, resistance_slope=6.427e-6, resistance_curvature=9.775e-8),
        Channel(
            threshold=2.755,
            root=0.212,
            resistance=-1.372e-3,
            threshold_slope=-3.449e-3,
            root_slope=-1.659e-4,
            resistance_slope=-2.445e-6,
            resistance_curvature=7.923e-8,
        ),
        SwitchingEnergy(
            constant=4.16e-4,
            knee_current=48.0,
            root=8.158e-5,
            linear=2.085e-5,
            quadratic=1.876e-8,
            reference_voltage=600.0,
            voltage_exponent=1.495,
        ),
        SwitchingEnergy(
            constant=8.077e-5,
            knee_current=48.0,
            root=2.857e-5,
            linear=2.208e-7,
            quadratic=5.262e-10,
            reference_voltage=600.0,
            voltage_exponent=0.1209,
            temperature_slope=0.030,
        ),
        junction_to_case=0.16,
        case_to_coolant=_case_to_coolant(BM3_PACKAGE[0] * BM3_PACKAGE[1]),
        blocking_voltage=1200.0,
        current_limit=600.0,
        silicon_carbide_area=300.0 / AMPERE_PER_SQUARE_METRE,
        package_volume=BM3_PACKAGE[0] * BM3_PACKAGE[1] * BM3_PACKAGE[2],
        gate_charge=0.91e-6,
        gate_swing=19.0,
    )


def infineon_fs03mr12a6ma1b() -> Device:
    """Infineon FS03MR12A6MA1B, 1200 V, 400 A six-pack with pin fins; a third of it is the half bridge [HPD].

    2.75, 4.0, 4.55 mOhm at 25, 125, 150 degC (exact parabola). Eon + Eoff 37.1 mJ at 800 V and 310 A as that code
    states it, 38.4 mJ at 150 degC; current shape and voltage exponent of CAB530M12BM3; recovery and body diode of
    CAB450M12XM3. 0.10 K/W taken as junction to fluid. Chip area by
    CAB450M12XM3's resistance. Package 154.5 x 92 x 22 mm over three; gate charge 1.2 uC (assumed).
    """
    like = wolfspeed_cab450m12xm3()
    return _mosfet(
        Channel(resistance=2.75e-3, resistance_slope=4.9e-6, resistance_curvature=7.6e-8),
        like.body_diode,
        SwitchingEnergy(
            constant=1.245e-3,
            knee_current=20.0,
            linear=1.0258e-4,
            quadratic=4.21e-8,
            reference_voltage=800.0,
            voltage_exponent=1.28,
            temperature_slope=2.76e-4,
        ),
        like.recovery,
        junction_to_case=0.10,
        case_to_coolant=0.0,
        blocking_voltage=1200.0,
        current_limit=800.0,
        silicon_carbide_area=450.0 / AMPERE_PER_SQUARE_METRE * 2.6 / 2.75,
        package_volume=0.1545 * 0.092 * 0.022 / 3.0,
        gate_charge=1.2e-6,
        gate_swing=20.0,
    )


def wolfspeed_c3m0060065j_x24() -> Device:
    """24 Wolfspeed C3M0060065J, 650 V, in parallel: 2.5 mOhm a position, the class of a 400 V traction bridge [TDB].

    One chip, 6-25 A: Eon + Eoff at 400 V, 2.5 Ohm, 25 degC averaged over a sine within 1.2 %; resistance within 3 %,
    -40 to 175 degC. No recovery published: none beyond Eon. The package's 1.1 K/W; case to coolant by cooling
    area (63 mm^2 a chip). Chip 2.3 mOhm cm^2 (assumed). Package of a module as dense as XM3's (assumed).
    """
    one = _mosfet(
        Channel(resistance=0.06017, resistance_slope=1.14e-5, resistance_curvature=9.145e-7),
        Channel(
            threshold=3.051,
            root=0.9075,
            resistance=-0.02865,
            threshold_slope=-3.036e-3,
            root_slope=-2.291e-4,
            resistance_slope=-4.177e-5,
            resistance_curvature=1.259e-6,
        ),
        SwitchingEnergy(
            constant=2.007e-5,
            knee_current=2.944,
            root=4.775e-6,
            quadratic=5.091e-8,
            reference_voltage=400.0,
            voltage_exponent=1.3,
        ),
        SwitchingEnergy(knee_current=2.944, reference_voltage=400.0, voltage_exponent=0.6),
        junction_to_case=1.1,
        response=ThermalResponse(
            shares=(0.2475, 0.2508, 0.2508, 0.2509, 0.0), times=(3.6e-4, 3.5e-3, 5.9e-3, 0.0181, 1.0)
        ),
        case_to_coolant=0.5 * _case_to_coolant(6.2849e-5),
        blocking_voltage=650.0,
        current_limit=49.0,
        silicon_carbide_area=2.3e-3 / 0.060 * 1e-4,
        package_volume=XM3_BASE_PLATE * 0.019 / 24.0,
        gate_charge=4.55e-8,
        gate_swing=19.0,
    )
    return in_parallel(one, 24.0)


def unitedsic_uf3sc065007k4s_x4() -> Device:
    """Four UnitedSiC UF3SC065007K4S, 650 V cascodes, in parallel: 2.3 mOhm a position by the digitized curve [TDB].

    One chip, 9-109 A: Eon + Eoff at 400 V, 25 degC averaged over a sine within 0.2 %; resistance within 8 % above 30 A,
    15 % below (the curve bends). No recovery published: none beyond Eon. 0.15 K/W; case to coolant by cooling area
    (220 mm^2 a chip). Chip 1.0 mOhm cm^2 (assumed: JFET).
    """
    one = _mosfet(
        Channel(resistance=9.349e-3, resistance_slope=1.34e-5, resistance_curvature=8.062e-8),
        Channel(
            threshold=0.6898,
            root=0.02435,
            resistance=5.023e-3,
            threshold_slope=-2.055e-3,
            root_slope=1.178e-4,
            resistance_slope=9.244e-7,
            resistance_curvature=1.272e-7,
        ),
        SwitchingEnergy(
            constant=3.463e-4,
            knee_current=5.431,
            root=4.167e-5,
            linear=2.447e-6,
            quadratic=1.794e-8,
            reference_voltage=400.0,
            voltage_exponent=1.3,
        ),
        SwitchingEnergy(knee_current=5.431, reference_voltage=400.0, voltage_exponent=0.6),
        junction_to_case=0.15,
        response=ThermalResponse(
            shares=(0.2187, 0.2605, 0.2605, 0.2603, 0.0), times=(3.5e-4, 4.1e-3, 8.2e-3, 0.0498, 1.0)
        ),
        case_to_coolant=0.5 * _case_to_coolant(2.2e-4),
        blocking_voltage=650.0,
        current_limit=240.0,
        silicon_carbide_area=1.0e-3 / 6.7e-3 * 1e-4,
        package_volume=XM3_BASE_PLATE * 0.019 / 6.0,
        gate_charge=2.08e-7,
        gate_swing=20.0,
    )
    return in_parallel(one, 4.0)
