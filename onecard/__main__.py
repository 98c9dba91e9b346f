"""``python -m onecard``."""

from onecard.cli.start import main

main()
