"""Where CAMARA's APIs answer."""

from starlette.routing import Mount

from api.camara.consent_info import RETRIEVE_STATUS
from api.camara.geofencing import GEOFENCING
from api.camara.location_retrieval import RETRIEVE
from api.camara.location_verification import VERIFY
from api.camara.population_density import RETRIEVE_DENSITY
from api.context import Services

OPERATIONS = [RETRIEVE, VERIFY, RETRIEVE_STATUS, RETRIEVE_DENSITY, *GEOFENCING]


def camara(services: Services) -> Mount:
    """Return the routes of all operations, at ``/camara``."""
    return Mount("/camara", routes=[operation.route(services) for operation in OPERATIONS])
