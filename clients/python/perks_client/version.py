"""That of the schema."""

__version__ = "0.1.0"
