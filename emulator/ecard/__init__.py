"""The reference e-card service: a sans-IO core and its HTTP face."""
