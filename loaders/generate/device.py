"""Who owns which device."""

import numpy as np
import pyarrow as pa

from graph.kernels import pc
from loaders.generate.catalogue import MODELS
from loaders.generate.draws import Array, stream
from loaders.generate.files import Folder, instants, words
from loaders.generate.options import Options
from loaders.generate.subscriber import People

# The reporting body 00 is of test equipment, GSMA TS.06 (recalled, not read).
TACS = tuple(f"00{440_000 + 137 * number:06d}" for number in range(len(MODELS)))
_SERIALS = 1_000_000


def own(options: Options, people: People) -> Array:
    """Return the model that each one owns."""
    shares = np.array([model.share for model in MODELS])
    rng = stream(options.seed, "devices")
    return rng.choice(len(MODELS), len(people), p=shares / shares.sum()).astype(np.int16)


def write_devices(folder: Folder, options: Options, people: People, model: Array) -> None:
    """Write the models, and who owns which very device."""
    folder.write(
        "devices",
        {
            "tac": list(TACS),
            "maker": [model.maker for model in MODELS],
            "model": [model.name for model in MODELS],
            "operating_system": [model.operating_system for model in MODELS],
            "kind": [model.kind for model in MODELS],
        },
    )
    rng = stream(options.seed, "ownerships")
    owned_s = (rng.random(len(people)) * 600 * 86_400).astype(np.int64)
    folder.write(
        "ownerships",
        {
            "subscriber_id": people.msisdn,
            "tac": words(TACS, model),
            "device_id": _imeis(model),
            "since": instants(options.start_s - owned_s),
        },
    )


def _imeis(model: Array) -> pa.Array:
    """Return IMEIs: type allocation code, serial number, check digit (Luhn).

    A model has serial numbers for a million devices, so they are unique up to some 10 M people.
    """
    order = np.argsort(model, kind="stable")
    first = np.searchsorted(model[order], np.arange(len(TACS)))
    serial = np.empty(len(model), np.int64)
    serial[order] = np.arange(len(model)) - first[model[order]]
    number = np.array([int(tac) for tac in TACS])[model] * _SERIALS + serial % _SERIALS
    checksum = np.zeros(len(number), np.int64)
    for place in range(14):
        digit = number // 10**place % 10
        doubled = 2 * digit if place % 2 == 0 else digit
        checksum += doubled - 9 * (doubled > 9)
    text = pc.cast(pa.array(number * 10 + (-checksum) % 10), pa.string())
    return pc.utf8_lpad(text, 15, "0")
