"""DC-link capacitor, EMI filter, bus bars, carrier over speed; exciter of a wound rotor; refusals by name."""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from edu_opt.inverter import dc_link
from edu_opt.inverter.checks import checked_inverter, inverter_findings
from edu_opt.inverter.exciter import (
    brush_field_exciter,
    control_law,
    exciter_losses,
    field_voltage_margin,
    field_voltage_ratio,
    rotary_field_exciter,
)
from edu_opt.inverter.model import (
    Inverter,
    busbar_mass,
    busbar_resistances,
    carrier_frequency,
    dc_link_ripple,
    emi_filter_mass,
    inverter_quantities,
    required_capacitance,
)
from edu_opt.inverter.modulation import capacitor_current
from edu_opt.materials.semiconductors import device
from edu_opt.numerics.pytree import replace

IGBT = Inverter(device=device("fuji_2mbi600xee065"), parallel_area=1.0, switching_frequency=1e4, capacitance=5e-4)


def test_required_capacitance_gives_that_ripple() -> None:
    for share in (0.02, 0.05):
        needed = required_capacitance(IGBT, 500.0, 0.7, 0.85, 350.0, share)
        ripple = dc_link_ripple(replace(IGBT, capacitance=needed), 500.0, 0.7, 0.85, 350.0)
        assert float(ripple) == pytest.approx(share, rel=1e-9)
    # Known inverters: Tesla Model 3 has 550 uF behind some 1000 A peak, Leaf 2012 1186 uF behind 480 A peak at 5 kHz.
    tesla = replace(IGBT, switching_frequency=1e4)
    assert 2e-4 < float(required_capacitance(tesla, 1000.0, 0.6, 0.85, 350.0)) < 9e-4


def test_capacitor_heats_with_the_square_of_its_current() -> None:
    current = capacitor_current(0.7, jnp.asarray(0.85), 500.0)
    assert 0.4 * 500.0 / 1.4142 < float(current) < 0.75 * 500.0 / 1.4142
    one, two = (dc_link.capacitor_celsius(5e-4, 500.0, f * current, 65.0) - 65.0 for f in (1.0, 2.0))
    assert float(two) == pytest.approx(4.0 * float(one), rel=1e-9)
    limit = dc_link.ripple_current_limit(5e-4, 500.0, 65.0)
    assert float(dc_link.capacitor_celsius(5e-4, 500.0, limit, 65.0)) == pytest.approx(105.0, abs=1e-6)
    assert 90.0 < float(limit) < 250.0, "automotive 500 uF, 500 V parts are rated 100 to 200 A at such plates"


def test_bars_and_filter() -> None:
    """1200 A peak repetitive: 141 mm^2 at 6 A/mm^2; 1.33 m of it weigh 2 g/A; a phase drops less than 0.1 V."""
    assert float(busbar_mass(IGBT)) == pytest.approx(2.0e-3 * 1200.0 / 1.4142, rel=0.02)
    phase, link = busbar_resistances(IGBT)
    assert float(phase) * 1200.0 < 0.1
    assert float(link) > float(phase)
    assert float(emi_filter_mass(IGBT)) == pytest.approx(1.2, abs=0.1)
    bought = inverter_quantities(IGBT)
    assert float(bought.capacitor_energy) == pytest.approx(0.5 * 5e-4 * 500.0**2)
    assert 0.01 < float(bought.cooled_area) < 0.04


def test_carrier_changes_over_with_modulation() -> None:
    fixed, varied = IGBT, replace(IGBT, frequency_ratio=0.5)
    assert float(carrier_frequency(fixed, 1.1)) == pytest.approx(1e4)
    assert float(carrier_frequency(varied, 0.1)) == pytest.approx(1e4, rel=0.002)
    assert float(carrier_frequency(varied, 0.7)) == pytest.approx(7.5e3)
    assert float(carrier_frequency(varied, 1.2)) == pytest.approx(5e3, rel=0.12)


def test_exciter_of_an_i3_sized_rotor() -> None:
    """15 A through 4 ohm (900 W): brushes lose 30 W of drop; both kinds between 85 and 95 %; power balance closes."""
    for exciter, losses_between in ((brush_field_exciter(), (40.0, 120.0)), (rotary_field_exciter(), (50.0, 160.0))):
        found = exciter_losses(exciter, 15.0, 4.0, 400.0)
        assert losses_between[0] < float(found.total) < losses_between[1]
        assert float(found.drawn) == pytest.approx(900.0 + float(found.total), rel=1e-6)
        assert 0.85 < 900.0 / float(found.drawn) < 0.96
        assert float(field_voltage_margin(exciter, 15.0, 4.0, 400.0)) > 30.0
        off = exciter_losses(exciter, 0.0, 4.0, 400.0)
        assert float(off.total) < 6.0
    assert float(exciter_losses(brush_field_exciter(), 15.0, 4.0, 400.0).brushes) == pytest.approx(30.0, rel=1e-6)


def test_the_control_sees_nearly_the_same_exciter() -> None:
    """A parabola: within 4 W of the loss from a tenth of the rated current up."""
    for exciter in (brush_field_exciter(), rotary_field_exciter()):
        a, b, c = control_law(exciter, 400.0, 90.0)
        for current in (2.5, 6.0, 12.0, 20.0, 26.0):
            exact = float(exciter_losses(exciter, current, 4.0, 400.0, 90.0).total)
            assert float(a + current * (b + c * current)) == pytest.approx(exact, abs=4.0)


def test_field_voltage_over_need() -> None:
    """398 V behind brushes over 15 A x 4 ohm; a quarter of the link behind the transformer; bounded at no current."""
    brush, rotary = brush_field_exciter(), rotary_field_exciter()
    assert float(field_voltage_ratio(brush, 15.0, 4.0, 400.0)) == pytest.approx(398.0 / 60.0, rel=0.25)
    assert float(field_voltage_ratio(rotary, 15.0, 4.0, 400.0)) == pytest.approx(98.4 / 60.0, rel=0.02)
    assert float(field_voltage_ratio(rotary, 30.0, 4.0, 400.0)) < 1.0
    assert float(field_voltage_ratio(brush, 0.0, 4.0, 400.0)) == pytest.approx(10.0)


def test_refusals_name_what_is_wrong() -> None:
    name = "fuji_2mbi600xee065"
    assert inverter_findings(name, IGBT, 400.0, 65.0) == []
    assert checked_inverter(name, IGBT, 400.0, 65.0) is IGBT
    [line] = inverter_findings(name, replace(IGBT, rated_voltage=900.0), 800.0, 65.0)
    assert "blocks 650 V" in line and "got 800 V" in line and "wolfspeed_cab450m12xm3" in line
    [line] = inverter_findings(name, replace(IGBT, parallel_area=-1.0), 400.0, 65.0)
    assert "parallel_area must be positive, got -1" in line
    [line] = inverter_findings(name, IGBT, 400.0, 180.0)
    assert "coolant of 180 degC" in line and "junction limit of 175 degC" in line
    [line] = inverter_findings(name, IGBT, 400.0, 110.0)
    assert "film capacitor" in line
    with pytest.raises(ValueError, match="rated 500 V") as caught:
        checked_inverter(name, replace(IGBT, discontinuous=2.0, dead_time=1e-3), 520.0, 65.0)
    assert all(word in str(caught.value) for word in ("blocks 650 V", "discontinuous", "dead_time"))
