"""The command line ``onecard``."""
