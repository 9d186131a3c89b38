"""What a drive unit costs: material amounts of the designed parts times cited prices, plus manufacture."""
