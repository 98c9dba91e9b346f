"""Targets: what carries commands to a card under test and its answers back."""
