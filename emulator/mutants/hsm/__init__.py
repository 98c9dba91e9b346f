"""Behaviour mutants of the encryptor, by what they break."""

from emulator.mutants.hsm import calling, computing, making, reading

MODULES = (reading, computing, making, calling)
