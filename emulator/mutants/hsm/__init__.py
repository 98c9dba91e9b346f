"""Behaviour mutants of the encryptor, by what they break."""

from emulator.mutants.hsm import computing, reading

MODULES = (reading, computing)
