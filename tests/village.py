"""The village: the one population that tests share, small enough to know everybody.

Contacts, written as calls (of which missed) / messages / seconds, one arrow a directed pair::

                        5 (1) / 3 / 300                  1 (1) / 0 / 0
      hana ----------> asha ----------------------> bram -------------> chidi
         0 / 1 / 0      | ^ ^---------------------------
                        | |      2 (0) / 4 / 120
                        | |
                        | +-- asha -> chidi  0 / 2 / 0      dewi -> emil  0 / 10 / 0
                        |     chidi -> asha  1 (1) / 0 / 0  emil -> dewi  1 / 7 / 60
                        v
                      dewi   3 / 0 / 90                     fatou -> goran  4 (2) / 0 / 45

    ines, jonas, kofi and lena were never in contact with anybody.

Friendships: asha - bram (as friends by the source village, as family by chat), asha - emil, bram -
chidi (colleagues), and fatou with herself.

Places: school and market lie in the square, the lake in the field, both in the region. Asha was at
the market (9 records, 3 visits) and at school (5, 2), bram at school (5, 1), chidi at the lake.

Packages: asha has gold and data, bram has gold. Asha paid pay-1 (January), pay-2 (February) and
got back pay-3 (undated); bram paid pay-4. Emil and fatou have left.

Devices: asha and bram have the Five, asha also a 36 that nobody described.

Data: asha used maps (3 sessions), chat (5, messaging) and something on the web (1, so 4 on the web
with maps), bram chat (2, messaging). Asha had touch-1 in a shop and, later, touch-2 by the hotline,
bram touch-3. Asha answered on a video in tube (MOS 4.5) and, at the same instant, whether she would
recommend us (9), bram on messaging (2).

Identities: 4512345678 is kofi in the numbering msisdn and lena in roaming; 4500000010 is jonas in
the village's own. Their keys are HMAC-SHA-256 with the key that HKDF-SHA-256 makes of 32 zero
bytes and the label ``tiegraph pseudonym``, computed apart from this program. The others' keys are
their names.
"""

from pathlib import Path
from typing import Any

from cypher import Statement
from graph.database.schema import prepare
from graph.database.session import Database
from graph.identity import IdentityKey

KEY = IdentityKey(bytes(32))

JONAS = "855928c0d7933cd312235c808cd85176"
KOFI = "bf304a627e04eae637b3a361f3eee992"
LENA = "d07c7f6f515fab220b68761126e8e1e7"

SCHOOL = "891f0590197ffff"
MARKET = "891f0590183ffff"
LAKE = "891f0590143ffff"
SQUARE = "881f059019fffff"
FIELD = "881f059015fffff"
REGION = "871f05901ffffff"

_TEXT: Any = Path(__file__).with_suffix(".cypher").read_text()  # as trusted as a literal
_VILLAGE = Statement("tests/village", "The village.", _TEXT, "write", {}, {})


async def settle(database: Database, key: IdentityKey = KEY) -> None:
    """Write the village, and the schema, into a graph without them."""
    await prepare(database, key)
    await database.write(_VILLAGE)
