"""Drive unit: motor, gearbox and inverter in one housing; best currents, operating map, ratings, package, mass."""
