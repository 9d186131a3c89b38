"""Voltage limit, DC link, size and mass of the inverter against limits and built units."""

from __future__ import annotations

import numpy as np
import pytest

from edu_opt.inverter.model import (
    Inverter,
    component_volumes,
    dc_link_ripple,
    inverter_from_values,
    inverter_masses,
    inverter_quantities,
    inverter_space,
    inverter_volume,
    phase_current_limit,
    voltage_limit,
)
from edu_opt.materials.semiconductors import device, fuji_2mbi600xee065, wolfspeed_cab450m12xm3
from edu_opt.numerics.pytree import replace

IGBT = Inverter(device=fuji_2mbi600xee065(), parallel_area=1.0, switching_frequency=1e4, capacitance=5e-4)


def test_voltage_limit_lies_between_linear_range_and_six_step() -> None:
    ideal = replace(IGBT, dead_time=0.0)
    linear = float(voltage_limit(replace(ideal, overmodulation=0.0), 400.0, 0.0))
    six_step = float(voltage_limit(replace(ideal, overmodulation=1.0), 400.0, 0.0))
    assert linear == pytest.approx(400.0 / np.sqrt(3.0), abs=1.0)
    assert six_step == pytest.approx(400.0 * 2.0 / np.pi, abs=1.0)
    assert linear < float(voltage_limit(IGBT, 400.0, 300.0)) < six_step
    assert float(voltage_limit(IGBT, 400.0, 600.0)) < float(voltage_limit(IGBT, 400.0, 100.0))


def test_capacitor_volume_is_that_of_the_leaf() -> None:
    leaf = replace(IGBT, capacitance=1186.5e-6, rated_voltage=600.0)
    assert float(component_volumes(leaf)[1]) * 1e3 == pytest.approx(1.45, rel=0.01)


def test_built_volumes_and_masses_of_known_inverters() -> None:
    """CRD300: 300 kW at 32 kW/l = 9.4 l. BMW i3: 125 kW at 18.5 kW/l, 14.1 kW/kg = 6.8 l, 8.9 kg. Rough: 25 %."""
    silicon_carbide = replace(IGBT, device=wolfspeed_cab450m12xm3(), capacitance=3e-4, rated_voltage=900.0)
    assert float(inverter_volume(silicon_carbide)) * 1e3 == pytest.approx(9.4, rel=0.25)
    assert float(inverter_volume(IGBT)) * 1e3 == pytest.approx(6.8, rel=0.25)
    assert float(inverter_masses(IGBT).total) == pytest.approx(8.9, rel=0.25)


def test_ripple_falls_with_frequency_and_capacitance() -> None:
    base = float(dc_link_ripple(IGBT, 600.0, 0.8, 0.8, 350.0))
    assert 0.01 < base < 0.1
    assert float(dc_link_ripple(replace(IGBT, capacitance=1e-3), 600.0, 0.8, 0.8, 350.0)) == pytest.approx(base / 2.0)
    assert float(dc_link_ripple(replace(IGBT, switching_frequency=2e4), 600.0, 0.8, 0.8, 350.0)) == pytest.approx(
        base / 2.0
    )


def test_quantities_and_space() -> None:
    space = inverter_space()
    values = space.to_physical(np.full(len(space), 0.5))
    built = inverter_from_values(wolfspeed_cab450m12xm3(), values)
    bought = inverter_quantities(built)
    assert float(bought.silicon_die_area) == 0.0
    assert float(bought.silicon_carbide_die_area) == pytest.approx(6.75e-4 * float(values[0]))
    assert float(phase_current_limit(built)) == pytest.approx(900.0 * float(values[0]))
    with pytest.raises(KeyError, match="known: fuji"):
        device("unknown")
