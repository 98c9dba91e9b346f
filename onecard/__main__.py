"""``python -m onecard``."""

import os
import sys

# `python -m` looks for modules in the working directory first; a stray yaml.py there must not change what runs.
if not sys.flags.safe_path and sys.path and sys.path[0] in ("", os.getcwd()):
    del sys.path[0]

from onecard.cli.start import main

main()
