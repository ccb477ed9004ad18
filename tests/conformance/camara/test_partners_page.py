"""docs/partners.md says which scenarios do not apply, and no others."""

import re

from tests.conformance.camara import test_consent_info, test_geofencing, test_location_retrieval
from tests.conftest import ROOT


def test_the_page_has_what_does_not_apply() -> None:
    rows = re.findall(r"\| `([\w.-]+)` \| (.+) \|", _page().partition("do not apply:")[2])
    assert dict(rows) == {
        **test_location_retrieval.NOT_APPLICABLE,
        **test_consent_info.NOT_APPLICABLE,
        **test_geofencing.NOT_APPLICABLE,
    }


def _page() -> str:
    return (ROOT / "docs" / "partners.md").read_text()
