"""Which scope of a token opens which operation, and what a subscriber must have consented to."""

from collections.abc import Mapping

RETRIEVAL = "location-retrieval:read"
VERIFICATION = "location-verification:verify"
DENSITY = "population-density-data:read"
CONSENT_INFO = "consent-info:retrieve"
GEOFENCES_READ = "geofencing-subscriptions:read"
GEOFENCES_DELETE = "geofencing-subscriptions:delete"
EVENT = "org.camaraproject.geofencing-subscriptions.v0."
ENTERED, LEFT = f"{EVENT}area-entered", f"{EVENT}area-left"
GEOFENCES_CREATE: Mapping[str, str] = {
    event: f"geofencing-subscriptions:{event}:create" for event in (ENTERED, LEFT)
}

# By scope, the item of graph/consent/vocabulary.yaml that it needs; none where nothing is told of
# anybody that was not told before.
SCOPES: Mapping[str, str | None] = {
    RETRIEVAL: "location",
    VERIFICATION: "location",
    **dict.fromkeys(GEOFENCES_CREATE.values(), "location"),
    GEOFENCES_READ: None,
    GEOFENCES_DELETE: None,
    DENSITY: "density",
    CONSENT_INFO: None,
}
