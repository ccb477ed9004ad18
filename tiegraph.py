"""Where the command starts: it can be interrupted while all the others are still being imported."""

import os
import signal
import sys


def main() -> None:
    """Run the command line; interrupted at any moment, it ends with status 130 and no traceback."""
    os.umask(0o077)  # whatever a command leaves is for its owner alone
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the database is let go
    usual = signal.getsignal(signal.SIGINT)
    if usual is not signal.SIG_IGN:  # as of a job in the background
        # Nothing has to be let go yet, and an import that is cut short may say anything.
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    from commands.application import run

    signal.signal(signal.SIGINT, usual)
    run()


if __name__ == "__main__":
    main()
