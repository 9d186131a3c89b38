"""What a drive unit costs in its programme: materials, manufacture, volumes, plants, years; and its carbon."""
