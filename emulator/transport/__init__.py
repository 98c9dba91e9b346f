"""Edges of the emulator: they carry bytes between a sans-IO card and a virtual reader or a TCP connection."""
