"""Behaviour mutants of the terminal."""

from emulator.mutants.terminal import addresses, authentication, encryptor, finding, release, results

MODULES = (finding, authentication, encryptor, results, release, addresses)
"""In the order of a reading."""
