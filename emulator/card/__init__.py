"""The reference card: sans-IO, driven by the resolved data of the specification."""
