"""Regulation cycles, road load, duty points for energy, load spectra for strength and life."""
