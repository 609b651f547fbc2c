"""A perk campaign eligibility and fulfillment engine."""

__version__ = "0.1.0"
