"""Mutants of the card, by area."""
