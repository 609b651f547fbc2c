"""A rule over a whole population: as one set expression, on the engine that holds the population."""
