"""OneCard Conformance: specification-driven conformance suite and reference emulation of the resident one-card."""

__version__ = "0.1.0"
