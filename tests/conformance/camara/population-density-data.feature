# CAMARA has no feature file for this API here: these scenarios are from the text of its definition.
Feature: Population density data, vwip - Operation retrievePopulationDensity

  Background: Common retrievePopulationDensity setup
    Given an environment at "apiRoot"
    And the resource "/population-density-data/vwip/retrieve"
    And the header "Authorization" is set to a valid access token
    And the header "x-correlator" complies with the schema at "#/components/schemas/XCorrelator"
    And the request body is set to a valid request body

  @population_density_200.1_past
  Scenario: Hours that are over, in a supported area
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 200
    And the response header "x-correlator" has same value as the request header "x-correlator"
    And the response property "$.status" is "SUPPORTED_AREA"
    And every hour from start to end is told, each with every cell of the area
    And the school has a density and the lake has none

  @population_density_200.2_future
  Scenario: Hours to come are told by like hours before
    Given the requested time is in the future
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 200
    And every hour from start to end is told, each with every cell of the area
    And the school has a density and the lake has none

  @population_density_200.3_partial
  Scenario: Where the area leaves the network, nothing is known
    Given the requested area is a list with a geohash outside the network
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 200
    And the response property "$.status" is "PART_OF_AREA_NOT_SUPPORTED"
    And the geohash outside the network has no data

  @population_density_200.4_outside
  Scenario: An area outside the network
    Given the requested area is outside the network
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 200
    And the response property "$.status" is "AREA_NOT_SUPPORTED"
    And nothing is told of any hour

  @population_density_200.5_precision
  Scenario Outline: Cells have the length that is asked for
    Given the request body property "$.precision" is set to: <precision>
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 200
    And every geohash has <precision> letters

    Examples:
      | precision |
      | 5         |
      | 6         |
      | 7         |

  @population_density_200.6_one_instant
  Scenario: An instant lies in one hour
    Given the requested time is one instant
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 200
    And one hour is told

  @population_density_202.1_sink
  Scenario: The answer comes to the sink
    Given the request has a sink with a bearer token
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 202
    And the answer comes to the sink with the token and the operation's identifier

  @population_density_202.2_not_completed
  Scenario: What cannot be computed is said at the sink
    Given the request has a sink with a bearer token
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 202
    And what cannot be computed is said at the sink

  @population_density_400.1_missing
  Scenario Outline: Required properties
    Given the request body property "<path>" is not included
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 400
    And the response property "$.code" is "INVALID_ARGUMENT"

    Examples:
      | path            |
      | $.area          |
      | $.area.areaType |
      | $.area.boundary |
      | $.startTime     |
      | $.endTime       |

  @population_density_400.2_invalid
  Scenario Outline: Values that the definition does not have
    Given the request body property "<path>" is set to: <value>
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 400
    And the response property "$.code" is "<code>"
    And the response property "$.message" contains a user-friendly text

    Examples:
      | path            | value                                      | code                                  |
      | $.startTime     | "2026-01-01 noon"                          | INVALID_ARGUMENT                      |
      | $.endTime       | "2026-01-01T00:00:00"                      | INVALID_ARGUMENT                      |
      | $.precision     | 0                                          | INVALID_ARGUMENT                      |
      | $.precision     | 13                                         | INVALID_ARGUMENT                      |
      | $.precision     | "7"                                        | INVALID_ARGUMENT                      |
      | $.colour        | 1                                          | INVALID_ARGUMENT                      |
      | $.area.colour   | 1                                          | INVALID_ARGUMENT                      |
      | $.area.areaType | "SQUARE"                                   | INVALID_ARGUMENT                      |
      | $.area          | {"areaType": "GEOHASHLIST", "geohashes": []} | INVALID_ARGUMENT                    |
      | $.area          | {"areaType": "GEOHASHLIST", "geohashes": ["ail"]} | INVALID_ARGUMENT               |
      | $.area.boundary | []                                         | POPULATION_DENSITY_DATA.INVALID_AREA  |
      | $.sink          | "http://sink.example/"                     | INVALID_SINK                          |
      | $.sink          | "somewhere"                                | INVALID_SINK                          |
      | $.sink          | "https://10.0.0.1/"                        | INVALID_SINK                          |
      | $.sink          | "https://[::ffff:10.0.0.1]/"               | INVALID_SINK                          |
      | $.sink          | "https://user@sink.example/"               | INVALID_SINK                          |

  @population_density_400.3_credential
  Scenario Outline: Credentials of the sink
    Given the request has a sink with a bearer token
    And the request body property "$.sinkCredential.<property>" is set to: <value>
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 400
    And the response property "$.code" is "<code>"

    Examples:
      | property             | value             | code               |
      | credentialType       | "PLAIN"           | INVALID_CREDENTIAL |
      | credentialType       | "PRIVATE_KEY_JWT" | INVALID_CREDENTIAL |
      | accessTokenType      | "mac"             | INVALID_TOKEN      |
      | accessTokenExpiresUtc | "soon"           | INVALID_ARGUMENT   |
      | accessToken          | "a b"             | INVALID_ARGUMENT   |
      | colour               | 1                 | INVALID_ARGUMENT   |

  @population_density_400.4_area
  Scenario Outline: What is no polygon, or too complex
    Given the requested area is <area>
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 400
    And the response property "$.code" is "POPULATION_DENSITY_DATA.INVALID_AREA"

    Examples:
      | area                        |
      | a line                      |
      | a polygon that crosses      |
      | a polygon of sixteen points |

  @population_density_400.5_time
  Scenario Outline: Times that cannot be told of
    Given the requested time is from <start> to <end> days from now
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 400
    And the response property "$.code" is "POPULATION_DENSITY_DATA.<code>"
    And the response property "$.message" contains a user-friendly text

    Examples:
      | start | end   | code                     |
      | -100  | -99   | MIN_STARTTIME_EXCEEDED   |
      | 100   | 101   | MAX_STARTTIME_EXCEEDED   |
      | -1    | -2    | INVALID_END_TIME         |
      | -9    | -1    | MAX_TIME_PERIOD_EXCEEDED |
      | 91    | 93    | MAX_TIME_PERIOD_EXCEEDED |
      | -1    | 1     | INVALID_TIME_PERIOD      |

  @population_density_400.6_precision_of_a_list
  Scenario: A list of geohashes has its own precision
    Given the requested area is a list with a geohash outside the network
    And the request body property "$.precision" is set to: 7
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 400
    And the response property "$.code" is "INVALID_ARGUMENT"

  @population_density_401
  Scenario Outline: Tokens
    Given the header "Authorization" is set to <token>
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 401
    And the response property "$.code" is "UNAUTHENTICATED"

    Examples:
      | token                   |
      | an expired access token |
      | a malformed token       |

  @population_density_401.3_none
  Scenario: No token
    Given the header "Authorization" is removed
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 401
    And the response property "$.code" is "UNAUTHENTICATED"

  @population_density_403_scope
  Scenario: A token without the scope
    Given the header "Authorization" is set to an access token without the required scope
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 403
    And the response property "$.code" is "PERMISSION_DENIED"

  @population_density_422.1_precision
  Scenario Outline: Precisions that are not supported
    Given the request body property "$.precision" is set to: <precision>
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 422
    And the response property "$.code" is "POPULATION_DENSITY_DATA.UNSUPPORTED_PRECISION"

    Examples:
      | precision |
      | 1         |
      | 12        |

  @population_density_422.2_too_big_at_once
  Scenario: Too big without a sink
    Given the requested area and time are too big to be answered at once
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 422
    And the response property "$.code" is "POPULATION_DENSITY_DATA.UNSUPPORTED_SYNC_RESPONSE"

  @population_density_422.3_too_big
  Scenario: Too big at all
    Given the requested area is a country
    When the request "retrievePopulationDensity" is sent
    Then the response status code is 422
    And the response property "$.code" is "POPULATION_DENSITY_DATA.UNSUPPORTED_REQUEST"
