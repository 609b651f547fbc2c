"""Tests of the pure core: rules, evidence, reasons, money and the life of a unit."""
