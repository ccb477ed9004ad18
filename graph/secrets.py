"""Secrets on disk: made once, readable by their owner only."""

import os
from collections.abc import Callable
from pathlib import Path


def secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the secret in ``path``, making it with ``make`` where there is none.

    The file appears whole or not at all, with mode 0600 in a folder with mode 0700, so that
    neither a kill nor two commands at once leave half a secret or two different ones.
    """
    if path.is_file():
        return path.read_bytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(make())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # fails where another command was faster: then its secret counts
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes()
