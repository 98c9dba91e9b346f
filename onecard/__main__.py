"""``python -m onecard``."""

from onecard.start import main

main()
