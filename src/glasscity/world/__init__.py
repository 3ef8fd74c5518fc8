"""The synthetic world: districts, citizens, circles, state. Drawn from aggregates, never from records."""
