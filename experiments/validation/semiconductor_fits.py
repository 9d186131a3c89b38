"""Rows of the semiconductor catalogue from published curves: `python -m experiments.validation.semiconductor_fits`
[--data FILE] [--transistordatabase PART.json ...].

Least relative squares with non-negative coefficients. Conduction: threshold, root and resistance over current, each
linear in temperature (the resistance quadratic where four temperatures are published). Switching: energies averaged
over a sine (that is what losses see), constant with knee, root, linear and quadratic parts, one temperature factor
1 + slope dT + curvature dT^2, one voltage exponent. Prints a JSON object a part and quantity: the coefficients of
edu_opt/materials/silicon_modules.py and silicon_carbide_modules.py. Parts come from the team's reference file, or from
part files of the package transistordatabase (its `examples/tdb_example` folder).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

import edu_opt  # noqa: F401
from edu_opt.inverter.modulation import half_wave_average
from edu_opt.materials.semiconductors import REFERENCE_CELSIUS, Channel, SwitchingEnergy

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "reference" / "gearbox_inverter.json"
KNEES = (0.01, 0.02, 0.03, 0.05, 0.08, 0.12)  # of the largest current: around it the constant part of an energy rises
SMALLEST = 0.08  # of the largest current: from there on curves are compared
Curves = list[tuple[float, np.ndarray]]  # (degC, values over the currents)


def voltage_curves(record: dict, key: str) -> Curves:
    """On-state curves of a record by temperature; of body diodes those at the lowest gate voltage published."""
    return [(float(name.split("@")[0]), np.array(values, float)) for name, values in record[key].items()]


def energies(record: dict, keys: tuple[str, ...], dc_voltage: float) -> Curves:
    """Sum of the named energies [J] at one voltage by temperature."""
    tables = [[e for e in record.get(k, []) if e["V"] == dc_voltage] for k in keys]
    return [(float(row[0]["Tj"]), np.sum([e["E"] for e in row], axis=0) * 1e-3) for row in zip(*tables, strict=True)]


def published_voltages(record: dict) -> list[float]:
    """DC voltages of a record's switching energies [V], ascending."""
    return sorted({float(e["V"]) for e in record.get("Eon_mJ", [])})


def averaged(current: np.ndarray, energy: np.ndarray, peak: float) -> float:
    """Energies averaged over a sine's half wave, nothing in the other half. A value repeated at the table's start was
    extended by whoever digitized it and is dropped."""
    first = int(np.argmax(np.diff(energy) != 0.0))
    instant = peak * np.sin((np.arange(2000) + 0.5) / 2000.0 * np.pi)
    curve = np.interp(instant, np.append(0.0, current[first:]), np.append(0.0, energy[first:]))
    return 0.5 * float(curve.mean())


def _solve(rows: np.ndarray) -> np.ndarray:
    """Coefficients that bring the rows (already over their targets) to one."""
    scale = np.abs(rows).max(axis=0) + 1e-300
    return np.linalg.lstsq(rows / scale, np.ones(len(rows)), rcond=None)[0] / scale


def fit_channel(current: np.ndarray, curves: Curves, ohmic: bool = False) -> Channel:
    """Threshold, root and resistance over temperature (ohmic: the resistance alone)."""
    powers = [current] if ohmic else [np.ones_like(current), np.sqrt(current), current]
    base = np.stack(powers, axis=1)
    rises = np.array([t for t, _ in curves]) - REFERENCE_CELSIUS
    degree = min(len(set(rises)) - 1, 2)

    def columns(rise: float) -> np.ndarray:
        parts = [base, base * rise, base[:, -1:] * rise**2]
        return np.hstack(parts[: degree + 1])

    solved = _solve(np.concatenate([columns(r) / v[:, None] for r, (_, v) in zip(rises, curves, strict=True)]))
    count = base.shape[1]
    value, slope = np.zeros(3), np.zeros(3)
    value[3 - count :] = solved[:count]
    slope[3 - count :] = solved[count : 2 * count] if degree > 0 else 0.0
    return Channel(
        threshold=value[0],
        root=value[1],
        resistance=value[2],
        threshold_slope=slope[0],
        root_slope=slope[1],
        resistance_slope=slope[2],
        resistance_curvature=solved[-1] if degree > 1 else 0.0,
    )


def voltage_exponent(current: np.ndarray, low: Curves, high: Curves, ratio: float, peaks: np.ndarray) -> float:
    """Exponent between two voltages of the energies averaged over a sine, mean over currents and temperatures."""
    logarithms = [
        np.log(averaged(current, above, peak) / averaged(current, below, peak)) / np.log(ratio)
        for (_, below), (_, above) in zip(low, high, strict=True)
        for peak in peaks
    ]
    return float(np.mean(logarithms))


def _shape_and_factor(base: np.ndarray, rises: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Shape over current (4,), factor over temperature (3,), squared error; solved in turn."""
    degree = min(len(set(rises)) - 1, 2)
    factor, shape, ratio = np.array([1.0, 0.0, 0.0]), np.zeros(4), np.zeros_like(targets)
    for _ in range(40):
        scale = factor[0] + factor[1] * rises + factor[2] * rises**2
        rows = np.concatenate([base * s / y[:, None] for s, y in zip(scale, targets, strict=True)])
        unit = rows.max(axis=0)
        shape = nnls(rows / unit, np.ones(len(rows)))[0] / unit
        ratio = (base @ shape)[None, :] / targets
        if degree > 0:
            columns = np.stack([(ratio * rises[:, None] ** k).ravel() for k in range(1, degree + 1)], axis=-1)
            factor[1 : degree + 1] = np.linalg.lstsq(columns, (1.0 - ratio).ravel(), rcond=None)[0]
    scale = factor[0] + factor[1] * rises + factor[2] * rises**2
    return shape, factor, float(((ratio * scale[:, None] - 1.0) ** 2).sum())


def fit_energy(
    current: np.ndarray, curves: Curves, peaks: np.ndarray, dc_voltage: float, exponent: float
) -> SwitchingEnergy:
    """Energies averaged over a sine: the knee of KNEES (shares of the largest current) that fits best."""
    rises = np.array([t for t, _ in curves]) - REFERENCE_CELSIUS
    targets = np.array([[averaged(current, e, p) for p in peaks] for _, e in curves])
    best, chosen = np.inf, (np.zeros(4), np.zeros(3), 0.0)
    for knee in current[-1] * np.array(KNEES):
        rise = peaks**2 / (peaks**2 + knee**2)
        forms = [half_wave_average(p) * peaks**p for p in (0.0, 0.5, 1.0, 2.0)]
        base = np.stack([rise * forms[0], rise * forms[1], *forms[2:]], axis=1)
        shape, factor, error = _shape_and_factor(base, rises, targets)
        if error < best:
            best, chosen = error, (shape, factor, float(knee))
    shape, factor, knee = chosen
    return SwitchingEnergy(
        constant=shape[0],
        knee_current=knee,
        root=shape[1],
        linear=shape[2],
        quadratic=shape[3],
        reference_voltage=dc_voltage,
        voltage_exponent=exponent,
        temperature_slope=factor[1],
        temperature_curvature=factor[2],
    )


def fit_record(record: dict) -> dict[str, Channel | SwitchingEnergy]:
    """Channels and energies of a record with curves. A second voltage gives the exponents; without one the usual 1.3
    and 0.6 of silicon stand (T. Schuetze, Infineon AN on voltage scaling, recalled)."""
    current = np.array(record["currents_A"], float)
    peaks = current[current >= SMALLEST * current[-1]]
    mosfet = "MOSFET" in record["type"]
    fits: dict[str, Channel | SwitchingEnergy] = {
        "forward": fit_channel(current, voltage_curves(record, "Von_V"), ohmic=mosfet)
    }
    if record.get("Vdiode_V"):
        fits["body_diode" if mosfet else "reverse"] = fit_channel(current, voltage_curves(record, "Vdiode_V"))
    voltages = published_voltages(record)
    for name, keys, usual in (("switching", ("Eon_mJ", "Eoff_mJ"), 1.3), ("recovery", ("Err_mJ",), 0.6)):
        low = energies(record, keys, voltages[0]) if voltages else []
        if not low:
            continue
        exponent = usual
        if len(voltages) > 1:
            high = energies(record, keys, voltages[-1])
            exponent = voltage_exponent(current, low, high, voltages[-1] / voltages[0], peaks)
        fits[name] = fit_energy(current, low, peaks, voltages[0], exponent)
    return fits


def sampled(curve: list[list[float]], at: np.ndarray) -> list[float]:
    """Digitized curve (abscissae, ordinates) at given abscissae."""
    x, y = (np.array(row, float) for row in curve)
    order = np.argsort(x)
    return [float(v) for v in np.interp(at, x[order], y[order])]


def transistordatabase_record(path: Path) -> dict:
    """A part file of transistordatabase in the schema of the reference file: eight currents over its energy curves,
    channel at 15 V gate, diode at the lowest gate voltage published."""
    part = json.loads(path.read_text())
    curves = {
        name: [e for e in part[side][key] if e["dataset_type"] == "graph_i_e"]
        for name, side, key in (("Eon", "switch", "e_on"), ("Eoff", "switch", "e_off"), ("Err", "diode", "e_rr"))
    }
    ends = [(min(e["graph_i_e"][0]), max(e["graph_i_e"][0])) for rows in curves.values() for e in rows]
    high = min(end for _, end in ends)
    current = np.linspace(max([SMALLEST * high, *(low for low, _ in ends)]), high, 8)
    channels = {side: part[side]["channel"] for side in ("switch", "diode")}
    gates = [c["v_g"] for c in channels["diode"] if c["v_g"] is not None]
    diodes = [c for c in channels["diode"] if not gates or c["v_g"] == min(gates)]
    return {
        "part": part["name"],
        "type": part["type"],
        "currents_A": current.tolist(),
        "Von_V": {str(c["t_j"]): sampled(c["graph_v_i"][::-1], current) for c in channels["switch"] if c["v_g"] == 15},
        "Vdiode_V": {str(c["t_j"]): sampled(c["graph_v_i"][::-1], current) for c in diodes},
        **{
            f"{name}_mJ": [
                {"Tj": e["t_j"], "V": e["v_supply"], "E": [1e3 * v for v in sampled(e["graph_i_e"], current)]}
                for e in rows
            ]
            for name, rows in curves.items()
        },
    }


def main() -> None:
    """Print the coefficients of every part that comes with curves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT)
    parser.add_argument("--transistordatabase", type=Path, nargs="*", default=[])
    settings = parser.parse_args()
    records = [transistordatabase_record(p) for p in settings.transistordatabase]
    if not records:
        records = json.loads(settings.data.read_text())["inverter"]["devices"]
    for record in (r for r in records if "currents_A" in r):
        for quantity, fit in fit_record(record).items():
            values = {k: float(f"{v:.4g}") for k, v in dataclasses.asdict(fit).items()}
            print(json.dumps({"part": record["part"], "quantity": quantity, "coefficients": values}))


if __name__ == "__main__":
    main()
