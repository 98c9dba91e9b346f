"""Behaviour mutants of the terminal."""

from emulator.mutants.terminal import authentication, encryptor, finding, results

MODULES = (finding, authentication, encryptor, results)
"""In the order of a reading."""
