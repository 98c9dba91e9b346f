"""Mutants: references that make one mistake each, as real implementations do."""
