"""Reading of Motor-CAD records by the map validation: rotor geometry, pockets on the grid, what is left out."""

import copy
import json

import jax
import numpy as np
import pytest

from edu_opt.motor.field import FieldGrid, field_model
from experiments.validation import motor_cad_machine, motor_maps
from tests.shared_data import reference_file

# Twelve poles, three slots each: the magnets end closer to the q axis than the web's edge (numbers of one generated
# Motor-CAD design, mm and degrees).
RECORD = {
    "motor_type": "BPM",
    "rotor": "Interior_VShape",
    "map_key": "PSM_216Nm_364Arms",
    "dims_mm": {
        "Stator_Lam_Dia": 202.2,
        "Stator_Bore": 138.46,
        "Airgap": 0.7,
        "Slot_Number": 36.0,
        "Pole_Number": 12.0,
        "Slot_Depth": 16.77,
        "Slot_Width": 5.43,
        "Slot_Opening": 1.94,
        "Tooth_Tip_Depth": 1.0,
        "Slot_Corner_Radius": 1.5,
        "Shaft_Dia": 61.9,
    },
    "rotor_layers": {
        "WebLength_Array": [1.88],
        "WebThickness_Array": [4.87],
        "BridgeThickness_Array": [0.70],
        "MagnetThickness_Array": [7.04],
        "MagnetSeparation_Array": [3.37],
        "PoleVAngle_Array": [121.3],
        "PoleArc_Array": [128.3],
        "MagnetBarWidth_Array": [11.82],
        "VShapeMagnetPost_Array": [2.77],
    },
    "magnetics": {"MagThrow": 3.0, "DCBusVoltage": 360.0, "Magnet_Br_at_20": 1.31, "Magnet_Br_Multiplier": 0.98},
    "materials": {"Material_Stator_Lam_Back_Iron": "NO18-1160", "Material_Magnet": "N42EH"},
    "lab": {"TmagnetCalc_MotorLAB": 97.33},
    "Imax_rms": 250.0,
}


def test_the_rotor_starts_at_the_separation_and_ends_at_the_pole_arc():
    rotor = motor_cad_machine.rotor_of(RECORD)
    tilt = np.deg2rad(0.5 * 121.3)
    pocket = float(rotor.outer_radius - rotor.bridge)
    assert float(rotor.pocket_chord) == pytest.approx(2.0 * pocket * np.sin(np.deg2rad(128.3 / 12.0)))
    start = 0.5 * float(rotor.post_width) + float(rotor.inner_gap) * np.sin(tilt)
    assert 2.0 * start == pytest.approx(3.37e-3)
    wide = copy.deepcopy(RECORD)
    wide["rotor_layers"]["MagnetBarWidth_Array"] = [20.0]
    longer = motor_cad_machine.rotor_of(wide)  # the corner follows the magnet as far as the web's edge
    web = np.deg2rad(15.0) - np.arcsin(0.5 * 4.87e-3 / pocket)
    corner = pocket * np.sin(web - 0.1e-3 / pocket)
    assert 0.5 * float(longer.pocket_chord) == pytest.approx(corner)
    line = (corner - 0.5 * float(rotor.post_width)) / np.sin(tilt)
    assert float(longer.magnet_width) <= line - float(longer.inner_gap) - 0.9e-4
    maps = {"PSM_216Nm_364Arms": {"Tmax_Nm": 216.0}}
    assert "longer than pole arc" in motor_cad_machine.left_out("a", wide, maps)


def test_magnets_beyond_the_edge_of_the_web_keep_a_valid_grid():
    lamination, materials = motor_cad_machine.lamination_of(RECORD), motor_cad_machine.materials_of(RECORD)
    grid = FieldGrid(lamination.template, "XS")
    quality = jax.jit(lambda shape: field_model(grid, shape, materials).corner_jacobian)(lamination)
    assert float(quality) > 0.3


def test_space_above_the_bars_adds_slot_leakage():
    """PSM (133): its bars' centres lie at radii of 93.607 and 85.188 mm (the source's file); bore 78.413 mm."""
    record = copy.deepcopy(RECORD)
    record["dims_mm"] |= {"Slot_Depth": 19.698280707553, "Slot_Width": 3.88376308341322, "Tooth_Tip_Depth": 1.0}
    record["winding"] = {
        "Insulation_Thickness": 0.1,
        "ConductorSeparation": 0.15,
        "Liner_Thickness": 0.2,
        "Conductors/Slot": 2.0,
        "Copper_Height": 8.069,
    }
    bore, half = 78.41283882, 0.5 * 8.069
    top, bottom = 85.187619527 - half, 93.606619527 + half
    free, copper, whole = top - bore - 1.0, bottom - top, 18.698280707553
    expected = (copper / 3.0 + free - whole / 3.0) / 3.88376308341322
    assert motor_cad_machine.free_slot_permeance(record) == pytest.approx(expected, abs=2e-3)


def test_records_that_cannot_be_compared_say_why():
    maps = {"PSM_216Nm_364Arms": {"Tmax_Nm": 216.0}}
    odd = copy.deepcopy(RECORD)
    odd["dims_mm"]["Slot_Number"] = 54.0
    assert "whole number" in motor_cad_machine.left_out("a", odd, maps)
    short = copy.deepcopy(RECORD)
    short["magnetics"]["MagThrow"] = 2.0
    assert "short-pitched" in motor_cad_machine.left_out("a", short, maps)
    assert motor_cad_machine.left_out("a", RECORD, {}) == "no efficiency map"
    flat = dict(RECORD, rotor="Surface_Parallel")
    assert "Surface_Parallel" in motor_cad_machine.left_out("a", flat, maps)
    assert motor_cad_machine.largest_current(RECORD) == pytest.approx(364.0 * 2.0**0.5)


def test_figures_outside_their_bars_fail():
    lines = [
        {"quantity": "torque_nm", "error": 0.01},
        {"quantity": "base_speed_rpm", "error": 0.02},
        {"quantity": "loss_w", "error": 0.04, "efficiency_error": 0.1, "loaded": True},
    ]
    assert motor_maps.summarize(lines)["within_tolerance"]
    lines[0]["error"] = 0.07
    assert motor_maps.summarize(lines)["outside"] == ["torque_median", "torque_worst"]


@pytest.mark.slow
def test_a_motor_cad_machine_on_the_coarse_grid():
    """One eight-pole machine with 3.7 mm bars: torque, base speed and losses within the issue's bars already on S."""
    cases = motor_maps.pm_cases(json.loads(reference_file("motors.json").read_text()), ["PSM (89)"], "S")
    figures = motor_maps.summarize(cases)
    assert figures["machines"] == 1 and figures["cases"] > 25
    assert figures["torque_worst"] < motor_maps.TORQUE_WORST
    assert figures["base_speed_worst"] < motor_maps.BASE_SPEED
    assert figures["loss_median"] < motor_maps.LOSS_MEDIAN
    assert figures["efficiency_mean_points"] < motor_maps.EFFICIENCY
