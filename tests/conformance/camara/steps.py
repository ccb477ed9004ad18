"""Sentences that the feature files of all APIs share."""

import json

from api.tokens import issue_token
from tests.conformance.camara.scenario import Steps
from tests.conformance.camara.world import NOBODYS_NUMBER, PARTNER, World, token
from tests.village import KOFI

step = Steps()

UNFIT = {
    "phoneNumber": "12345",
    "ipv4Address": {"publicAddress": "84.125.93.10"},
    "ipv6Address": "2001:db8::g",
    "networkAccessIdentifier": 5,
}


@step(
    "an environment at .*",
    'the resource +"/.*',
    'the header "Content-Type" is set to "application/json"',
    'the header "Authorization" is set to a valid access token',
    'the header "x-correlator" complies with the schema at .*',
    "the request body is set (?:by default )?to a (?:request body compliant with the schema.*|"
    "valid request body)",
    "a valid (?:testing device supported by the service,|phone number) identified by the token or "
    "provided in the request body",
    "that some types of device identifiers are not supported by the implementation",
    r'the request body property "\$\.device" is set to a valid testing device supported by the '
    "service",
)
def _by_default(_world: World) -> None:
    """Leave the world as it begins."""


@step(
    'the header "Authorization" is set to a valid access token which does not identify a single .*'
)
def _two_legged(world: World) -> None:
    world.bear(token(world.service))


@step('the header "Authorization" is set to a valid access token identifying a .*')
def _three_legged(world: World) -> None:
    world.bear(token(world.service, person=KOFI))


@step('the header "Authorization" is removed', 'header "Authorization" is set without a token')
def _without_token(world: World) -> None:
    del world.headers["authorization"]


@step('the header "Authorization" is set to an? (?:previously valid but now )?expired access token')
def _expired(world: World) -> None:
    past = world.service.settings.model_copy(update={"token_ttl_s": -60})
    world.bear(issue_token(past, "partner", PARTNER))


@step('the header "Authorization" is set to an? (?:invalid access|malformed) token')
def _wrong_token(world: World) -> None:
    world.bear("no.token.atall")


@step('the header "Authorization" is set to an access token without the required scope')
def _without_scope(world: World) -> None:
    world.bear(token(world.service, ()))


@step(
    "the request body is not included",
)
def _no_body(world: World) -> None:
    world.body = None


@step("the request body is set to {}")
def _empty_body(world: World) -> None:
    world.body = {}


@step('the request body property "([^"]+)" is set to: (.*)')
def _set(world: World, path: str, value: str) -> None:
    world.set(path, json.loads(value))


@step('the request body property "([^"]+)" is not included')
def _left_out(world: World, path: str) -> None:
    world.leave_out(path)


@step('the request body property "([^"]+)" does not comply with the OAS schema at .*')
def _unfit(world: World, path: str) -> None:
    world.set(path, UNFIT[path.rpartition(".")[2]])


@step(
    'the request body property "([^"]+)" is (?:also )?set to a valid (?:device|phone number)'
    "(?:, which may or may not .*)?"
)
def _named(world: World, path: str) -> None:
    world.set(path, {"phoneNumber": world.number} if path.endswith("device") else world.number)


@step(
    'the request body property "([^"]+)" is compliant with the schema,? but does not identify '
    "an? .*"
)
def _unknown(world: World, path: str) -> None:
    world.set(path, {"phoneNumber": NOBODYS_NUMBER} if path.endswith("device") else NOBODYS_NUMBER)


@step('the request body property "([^"]+)" only includes device identifiers not supported by .*')
def _unsupported(world: World, path: str) -> None:
    world.set(path, {"ipv6Address": "2001:db8::1"})


@step('the request "[^"]+" is sent')
def _sent(world: World) -> None:
    world.send()


@step("the response (?:status )?code is (\\d+)(?: or (\\d+))?")
def _status(world: World, status: str, other: str | None) -> None:
    assert str(world.response.status_code) in (status, other), world.response.text


@step('the response header "Content-Type" is "application/json"')
def _is_json(world: World) -> None:
    assert world.response.headers["content-type"] == "application/json"


@step(
    'the response header "x-correlator" has (?:the )?same value as the request header '
    '"x-correlator"'
)
def _correlator(world: World) -> None:
    assert world.response.headers["x-correlator"] == world.headers["x-correlator"]


@step('the response body complies with the OAS schema at "#?([^"]+)"')
def _complies(world: World, pointer: str) -> None:
    name = pointer.rpartition("/")[2]
    known = {"retrieveStatusResponseBody": "RetrieveStatusResponseBody"}  # as the file has it
    world.definition.check(world.response.json(), f"/components/schemas/{known.get(name, name)}")


@step('the response property "\\$\\.(status)" is (\\d+)')
def _property_is_number(world: World, path: str, value: str) -> None:
    assert world.property(path) == int(value)


@step('the response property "\\$\\.(code|status)" is "([^"]+)"(?: or "([^"]+)")?')
def _property_is(world: World, path: str, value: str, other: str | None) -> None:
    assert world.property(path) in (value, other)


@step('the response property "\\$\\.message" contains a user[ -]friendly text')
def _message(world: World) -> None:
    assert " " in world.property("message")


@step('the response property "\\$\\.message" contains "([^"]+)"')
def _message_has(world: World, text: str) -> None:
    assert text in world.property("message")
