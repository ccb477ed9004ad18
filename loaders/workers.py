"""Who takes blocks of files apart: threads where there is little to read, else processes.

What costs most is Python's own work on single values, such as a pseudonym of each identity, which
only one thread can do at a time. A process takes a second to begin, so a small load has none.
"""

import os
import threading
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context, parent_process

from graph.identity import IdentityKey
from graph.suppression import Suppression
from loaders.columns import Converter
from loaders.files import SourceFile
from loaders.mapping import Source
from loaders.rows import Block
from loaders.tables import Canonical, TableReader

LARGE_BYTES = 64 << 20
_own = threading.local()  # what a worker keeps from block to block: ``work``, a ``Work``


@dataclass(frozen=True)
class Work:
    """What all blocks of a load have in common.

    Attributes
    ----------
    suppression : Suppression
        Whose rows are left out and only counted.
    """

    converter: Converter
    suppression: Suppression


def workers(
    source: Source, key: IdentityKey, suppression: Suppression, size_bytes: int
) -> Executor:
    """Return one worker a core, each ready for ``read``.

    Parameters
    ----------
    size_bytes : int
        What there is to read in all.
    """
    number, given = os.cpu_count() or 1, (source, key, suppression)
    if size_bytes < LARGE_BYTES:
        return ThreadPoolExecutor(number, initializer=_begin, initargs=given)
    # Not forked from here: a copy of a process with threads may hang.
    context = get_context("forkserver")
    # Arrow imports pandas when it makes its first array: once here is enough for all of them.
    context.set_forkserver_preload([__name__, "pandas"])
    return ProcessPoolExecutor(number, context, _begin, given)


def read(file: SourceFile, block: Block) -> Canonical:
    """Turn a block of a file into records and rejections, as one of the workers."""
    work: Work = _own.work
    table = work.converter.source.tables[file.table]
    return TableReader(work.converter, table, file, work.suppression).read(block)


def _begin(source: Source, key: IdentityKey, suppression: Suppression) -> None:
    _own.work = Work(Converter(source, key), suppression)
    if parent_process() is not None:
        threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End when the load was killed: nobody else would end its workers."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
