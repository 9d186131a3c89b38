"""Machines with a few published operating points: definitions in the schema of motor_fem.json, and their points.

Toyota Prius 2004: geometry of pyleecan's Data/Machine/Toyota_Prius.json; torque over the current angle at 250 A peak,
2000 rpm from Z. Yang, M. Krishnamurthy, I. Brown, IEMDC 2013, doi 10.1109/IEMDC.2013.6556267, as digitized by the
authors of pyleecan.

EESM of E. Illiano (ETH dissertation 22393): femagtools (SEMAFORInformatik/femagtools,
examples/parameter-ident-characteristics/eesm/machine.py). Whether its points are computed or measured is not said;
point B lies 7 % above 1.5 p |psi| |i| and F far above, so neither is used. What the file leaves open is assumed: bottom
corners of the slot 0.5 mm (its walls follow from the constant tooth width 5.7 mm), 400 field turns a pole, M250-35A for
its M270-35A, no resistance and no leakage of the end winding in the voltage.
"""

from __future__ import annotations

from typing import Any

from edu_opt.materials.steel_tables import STEELS

Machine = dict[str, Any]
# Angle of the current from the d axis [degrees] -> torque [N m] at 250 A peak.
PRIUS_TORQUE = {
    60: 79.0, 70: 125.0, 80: 160.0, 90: 192.0, 100: 237.0, 110: 281.0, 120: 319.0, 130: 343.0, 140: 353.0, 150: 332.0,
    160: 266.0, 170: 164.0,
}  # fmt: skip
PRIUS_CURRENT = 250.0  # A peak
PRIUS: Machine = {
    "p": 4,
    "Q": 48,
    "L_stk": 83.82,
    "steel": "M400-50A",
    "k_stack": 1.0,
    "stator": {
        "R_si": 80.95,
        "R_so": 134.62,
        "slot": {"W0": 1.93, "H0": 1.0, "W1": 5.0, "H1": 0.0, "W2": 8.0, "H2": 33.3, "R1": 4.0},
    },
    "rotor": {
        "type": "vipm",
        "R_ro": 80.2,
        "R_sh": 55.32,
        "hole": {
            "W0": 42.0,
            "W1": 0.0,
            "W2": 0.0,
            "W3": 14.0,
            "W4": 18.9,
            "H0": 10.96,
            "H1": 1.5,
            "H2": 1.0,
            "H3": 6.5,
        },
    },
    "z_slot": 9,
    "a_par": 1,
    "Br": 1.1904,
    "mu_r_mag": 1.05,
}

# i_q, i_d [A peak], i_f [A], speed [rpm], torque [N m], peak phase voltage [V].
ILLIANO_POINTS = {
    "A": (231.0, -28.0, 3.2, 2000.0, 120.0, 93.1),
    "C": (231.0, -28.0, 3.2, 4000.0, 120.0, 183.5),
    "D": (380.0, -90.0, 5.4, 4000.0, 220.0, 198.1),
    "E": (185.0, -130.0, 2.8, 6000.0, 100.0, 213.5),
}
# Pole face of radius 72.5 on a shoe 75 wide and 11.5 high in its middle: 1.05 at its edge.
ILLIANO: Machine = {
    "p": 3,
    "Q": 54,
    "L_stk": 123.0,
    "steel": "M250-35A",
    "k_stack": 1.0,
    "stator": {
        "R_si": 82.9,
        "R_so": 120.0,
        "slot": {"W0": 2.4, "H0": 1.0, "H1": 1.0, "W1": 4.19, "W2": 6.36, "H2": 18.65, "R1": 0.5},
    },
    "rotor": {
        "type": "eesm",
        "R_ro": 82.4,
        "R_sh": 42.5,
        "pole": {
            "R1": 72.5,
            "W1": 75.0,
            "W2": 32.2,
            "H1": 1.05,
            "H2": 16.5,
            "c_top": 0.5,
            "c_side": 0.5,
            "c_bot": 0.5,
        },
    },
    "z_slot": 7,
    "a_par": 3,
    "N_f": 400,
}


def with_winding(definition: Machine) -> Machine:
    """Machine of the file's schema with a full-pitch winding of 60-degree belts."""
    per_belt = definition["Q"] // (6 * definition["p"])
    belts = ([1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0])
    return {"definition": definition, "winding_weights_one_pole": [b for b in belts for _ in range(per_belt)]}


def curves() -> dict[str, list[tuple[float, float]]]:
    """Magnetization curves (H, B) of the steels."""
    names = (PRIUS["steel"], ILLIANO["steel"])
    return {name: list(zip(STEELS[name].field_strength, STEELS[name].flux_density, strict=True)) for name in names}
