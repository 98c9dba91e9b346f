"""The specification model: the standards as data (no computation of expected values)."""
