"""Inverter: device, modulation, losses, junction temperature, DC link, masses."""
