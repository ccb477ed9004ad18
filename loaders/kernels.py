"""Arrow's compute functions; Arrow makes them when it is imported, where no type checker looks."""

from typing import Any

import pyarrow.compute

pc: Any = pyarrow.compute
