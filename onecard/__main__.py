"""``python -m onecard``."""

from onecard.cli.main import main

main()
