"""Proof that the suite bites: broken references that it must catch, and conforming variants that it must pass."""
