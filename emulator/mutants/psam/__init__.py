"""Behaviour mutants of the PSAM, by what they break."""

from emulator.mutants.psam import cipher, files, keys, transmission

MODULES = (files, keys, cipher, transmission)
