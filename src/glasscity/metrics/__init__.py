"""From tallies to tidy tables: what the scheme did to whom. Pure functions over a city."""
