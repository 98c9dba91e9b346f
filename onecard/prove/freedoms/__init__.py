"""Conforming variants by kind of target: what a standard or its sources leave open, as a declaration may use it."""
