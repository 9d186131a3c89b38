"""Reading of Motor-CAD's induction records by the map validation, and one machine's model on the coarsest grid."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest

from edu_opt.motor.cage import bar_area
from experiments.validation import motor_cad_induction as reader
from experiments.validation import motor_maps_im as script

# 54 slots, 66 closed bars, 6 poles (numbers of one Motor-CAD file, mm and degrees).
RECORD: dict[str, Any] = {
    "motor_type": "IM",
    "topbar": "4",
    "map_key": "ASM_435Arms",
    "dims_mm": {
        "Stator_Lam_Dia": 195.6,
        "Stator_Bore": 137.0,
        "Airgap": 0.66,
        "Slot_Number": 54.0,
        "Pole_Number": 6.0,
        "Slot_Depth": 17.9,
        "Tooth_Width": 3.52,
        "Slot_Opening": 2.5,
        "Tooth_Tip_Depth": 1.0,
        "Tooth_Tip_Angle": 40.0,
        "Slot_Corner_Radius": 1.6,
        "Stator_Lam_Length": 103.38,
        "Rotor_Lam_Length": 103.38,
        "Shaft_Dia": 21.0,
        "Rotor_Bars": 66.0,
        "Bar_Opening_[T]": 0.0,
        "Bar_Opening_Depth_[T]": 1.0,
        "Bar_Depth_[T]": 13.1,
        "Rotor_Tooth_Width_T": 2.75,
        "Bar_Corner_Radius": 0.5,
        "Bar_Tip_Angle_[T]": 20.0,
        "EndRing_Thickness_F": 5.6,
        "EndRing_Inner_Add_F": 10.0,
    },
    "winding": {"Conductors/Slot": 72.0, "Copper_Diameter": 0.8051776, "EWdg_MLT": 277.5537},
    "magnetics": {
        "ParallelPaths": 1.0,
        "WindingLayers": 1.0,
        "MagThrow": 9.0,
        "MagTurnsConductor": 2.0,
        "DCBusVoltage": 360.0,
        "StatorIronLossBuildFactor": 1.0,
    },
    "lab": {"ModulationIndex_MotorLAB": 1.0, "TwindingCalc_MotorLAB": 95.0, "SpeedMax": 17000.0},
    "materials": {
        "Material_Stator_Lam_Back_Iron": "M250-35A",
        "Material_Rotor_Lam_Back_Iron": "M250-35A",
        "Material_Rotor_Cage_Top": "Copper (Pure)",
        "Material_Rotor_Cage_End_F": "Copper (Pure)",
    },
    "Imax_rms": 435.0,
}
MAPS = {"ASM_435Arms": {}}


def changed(room: str, **values: Any) -> dict[str, Any]:
    record = copy.deepcopy(RECORD)
    record[room] |= values
    return record


def test_teeth_of_both_sides_are_parallel() -> None:
    lamination, size = reader.lamination_of(RECORD), RECORD["dims_mm"]
    stator, rotor = lamination.stator, lamination.rotor
    start = stator.bore_radius + stator.tip_height + stator.wedge_height
    for radius, width in (
        (start, stator.slot_width_top),
        (start + stator.slot_depth, stator.slot_width_bottom),
    ):
        assert float(2.0 * math.tan(math.pi / 54) * radius - width) == pytest.approx(1e-3 * size["Tooth_Width"])
    top = rotor.outer_radius - rotor.bridge
    for radius, width in ((top, rotor.bar_width_top), (top - rotor.bar_depth, rotor.bar_width_bottom)):
        assert float(2.0 * math.tan(math.pi / 66) * radius - width) == pytest.approx(2.75e-3)
    slope = float(stator.wedge_height / (0.5 * (stator.slot_width_top - stator.opening_width)))
    assert slope == pytest.approx(math.tan(math.radians(40.0)))


def test_the_bars_top_keeps_the_section_under_its_flanks() -> None:
    rotor = reader.lamination_of(RECORD).rotor
    width, depth, bottom = (float(v) for v in (rotor.bar_width_top, rotor.bar_depth, rotor.bar_width_bottom))
    flanks = 0.25 * width**2 * math.tan(math.radians(20.0))
    corners = 2.0 * (1.0 - 0.25 * math.pi) * 0.5e-3**2
    assert float(bar_area(rotor)) == pytest.approx(0.5 * (width + bottom) * depth - flanks - corners, rel=0.01)


@pytest.mark.parametrize(("bars", "sector"), [(66.0, 1), (84.0, 1), (64.0, 3), (69.0, 2), (65.0, 6)])
def test_the_sector_holds_whole_bars(bars: float, sector: int) -> None:
    template = reader.lamination_of(changed("dims_mm", Rotor_Bars=bars)).template
    assert (template.poles_per_sector, template.bars_per_sector) == (sector, bars * sector / 6)


def test_what_the_template_cannot_hold_is_left_out_by_name() -> None:
    assert reader.left_out(RECORD, MAPS) == ""
    assert reader.left_out(RECORD, {}) == "no efficiency map"
    assert "kind 2" in reader.left_out(RECORD | {"topbar": "2"}, MAPS)
    assert "double cage" in reader.left_out(changed("dims_mm", **{"Bar_Depth_[B]": 8.0}), MAPS)
    assert "5.4 slots per pole in one layer" in reader.left_out(changed("dims_mm", Pole_Number=10.0), MAPS)
    steel = changed("materials", Material_Rotor_Lam_Back_Iron="M19")
    assert "M19" in reader.left_out(steel, MAPS)


@pytest.mark.slow
def test_a_model_of_the_coarsest_grid() -> None:
    """Power balance over the grid of currents, resistance by hand, losses and envelope in their order."""
    model = script.InductionModel(RECORD, reader.lamination_of(RECORD), "XS")
    assert model.converged
    rho = 1.724e-8 * (1.0 + 0.003862 * 75.0)
    by_hand = rho * 18.0 * (2.0 * 0.10338 + 0.2775537) / (36.0 * 0.25 * math.pi * 0.8051776e-3**2)
    assert model.resistance == pytest.approx(by_hand, rel=1e-9)
    speed = 500.0
    electrical = model.pole_pairs * speed + model.slip
    v_d = model.resistance * model.i_d - electrical * model.psi_q
    v_q = model.resistance * model.i_q + electrical * model.psi_d
    terminals = 1.5 * (v_d * model.i_d + v_q * model.i_q)
    copper, _ = model.losses(speed)
    np.testing.assert_allclose(terminals, copper + speed * model.torque, rtol=1e-6)
    envelope = [script.largest_torque(model, rpm * script.RPM) for rpm in (1000.0, 8000.0, 12000.0, 16000.0)]
    assert envelope == sorted(envelope, reverse=True)
    assert 130.0 < envelope[0] < 160.0  # NGSolve: 149.7 N m in the gap (references/im_fem.json)
    little, much = script.loss_at(model, speed, np.array([20.0, 80.0]))
    assert 0.0 < little < much
