"""Plants: what an hour of work, a kilowatt-hour and a square metre cost there, and how its hours are used.

Euro of 2024. Sources: labour above 50 EUR/h in the German car industry (VDA); UK over Germany 0.705 by labour cost per
vehicle (Oliver Wyman 2025); electricity in Germany 16.77 ct/kWh, industry without reductions, mean of 2024
(Bundesnetzagentur, SMARD, 11 Feb 2025); carbon of the grid, 2024: Germany 0.363 kg CO2/kWh (Umweltbundesamt 2025,
recalled), United Kingdom 0.20705 kg CO2e/kWh (DESNZ conversion factors 2024).
"""

from __future__ import annotations

from edu_opt.numerics.pytree import pytree


@pytree
class Plant:
    """Rates of one plant; every field is data. The defaults are BMW's Dingolfing."""

    labour: float = 50.0  # EUR/h
    energy: float = 0.1677  # EUR/kWh
    floor: float = 120.0  # EUR/m^2 a year: building, light, heat (assumed)
    electricity_co2e: float = 0.363  # kg/kWh
    hours_per_year: float = 5760.0  # three shifts of 8 h on 240 days (assumed)
    uptime: float = 0.85  # share of these hours in which a line makes good parts at its cycle time (assumed)
    indirect_labour: float = 0.8  # hours of maintenance, logistics, quality, planning an hour at the line (assumed)
    maintenance: float = 0.04  # of the machines' price a year (assumed)
    installation: float = 0.5  # of the machines' price: linking 0.2, set-up 0.1, fit-out and IT 0.2 (assumed)
    machine_life: float = 12.0  # years; what is left after the programme is worth its straight-line share (assumed)


DINGOLFING = Plant()
WOLVERHAMPTON = Plant(labour=35.25, electricity_co2e=0.20705)  # JLR; price of electricity as in Germany (assumed)
