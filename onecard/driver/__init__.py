"""The terminal as a shared library: C source made from the data, compiled by the system's compiler."""
