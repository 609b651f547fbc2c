"""Use cases over ports: what the engine does, without knowing which database or web does it."""
