"""The entry point of the command ``onecard``.

Importing the rest takes a moment; Ctrl-C within it ends the command as quietly as later.
"""

import sys


def main() -> None:
    """Run the command line."""
    try:
        from onecard.cli.main import main as run
    except KeyboardInterrupt:
        sys.stderr.write("onecard: 已中断 / interrupted\n")
        sys.exit(3)
    run()
