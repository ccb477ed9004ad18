# CAMARA has no feature file for this API here: these scenarios are from the text of its definition.
Feature: Device location verification, vwip - Operation verifyLocation

  Background: Common verifyLocation setup
    Given an environment at "apiRoot"
    And the resource "/location-verification/vwip/verify"
    And the header "Authorization" is set to a valid access token
    And the header "x-correlator" complies with the schema at "#/components/schemas/XCorrelator"
    And the request body is set to a valid request body

  @location_verification_200.1_true
  Scenario: The network area lies within the requested area
    Given the requested area is of 1000 m around the device
    When the request "verifyLocation" is sent
    Then the response status code is 200
    And the response header "x-correlator" has same value as the request header "x-correlator"
    And the verification result is "TRUE" without a match rate

  @location_verification_200.2_false
  Scenario: The network area lies apart from the requested area
    Given the requested area is of 500 m around the lake
    When the request "verifyLocation" is sent
    Then the response status code is 200
    And the verification result is "FALSE" without a match rate

  @location_verification_200.3_partial
  Scenario: The network area lies in part within the requested area
    Given the requested area is of 500 m, with the device on its border
    When the request "verifyLocation" is sent
    Then the response status code is 200
    And the verification result is "PARTIAL" with a match rate

  @location_verification_200.4_three_legged
  Scenario: The token says who is meant
    Given the header "Authorization" is set to a valid access token identifying a device
    And the request body property "$.device" is not included
    When the request "verifyLocation" is sent
    Then the response status code is 200
    And no device is in the response

  @location_verification_400.1_no_request_body
  Scenario: Missing request body
    Given the request body is not included
    When the request "verifyLocation" is sent
    Then the response status code is 400
    And the response property "$.code" is "INVALID_ARGUMENT"

  @location_verification_400.2_unknown_property
  Scenario Outline: Properties that the definition does not have are rejected at any level
    Given the request body property "<path>" is set to: 1
    When the request "verifyLocation" is sent
    Then the response status code is 400
    And the response property "$.code" is "INVALID_ARGUMENT"

    Examples:
      | path                  |
      | $.colour              |
      | $.device.colour       |
      | $.area.colour         |
      | $.area.center.colour  |

  @location_verification_400.3_out_of_range
  Scenario Outline: Values outside of the schema
    Given the request body property "<path>" is set to: <value>
    When the request "verifyLocation" is sent
    Then the response status code is 400
    And the response property "$.code" is "INVALID_ARGUMENT"

    Examples:
      | path                   | value      |
      | $.maxAge               | -1         |
      | $.maxAge               | 2147483648 |
      | $.maxAge               | null       |
      | $.area.radius          | 0.5        |
      | $.area.areaType        | "POLYGON"  |
      | $.area.center.latitude | 90.1       |
      | $.device               | {}         |

  @location_verification_401.1_no_authorization_header
  Scenario: No Authorization header
    Given the header "Authorization" is removed
    When the request "verifyLocation" is sent
    Then the response status code is 401
    And the response property "$.code" is "UNAUTHENTICATED"

  @location_verification_403.1_missing_scope
  Scenario: Missing scope
    Given the header "Authorization" is set to an access token without the required scope
    When the request "verifyLocation" is sent
    Then the response status code is 403
    And the response property "$.code" is "PERMISSION_DENIED"

  @location_verification_404.1_device_not_found
  Scenario: Some identifier cannot be matched to a device
    Given the request body property "$.device" is compliant with the schema, but does not identify a device
    When the request "verifyLocation" is sent
    Then the response status code is 404
    And the response property "$.code" is "IDENTIFIER_NOT_FOUND"

  @location_verification_422.1_missing_identifier
  Scenario: Nobody is identified
    Given the request body property "$.device" is not included
    When the request "verifyLocation" is sent
    Then the response status code is 422
    And the response property "$.code" is "MISSING_IDENTIFIER"

  @location_verification_422.2_unnecessary_identifier
  Scenario: The token identifies the device already
    Given the header "Authorization" is set to a valid access token identifying a device
    When the request "verifyLocation" is sent
    Then the response status code is 422
    And the response property "$.code" is "UNNECESSARY_IDENTIFIER"

  @location_verification_422.3_unsupported_identifier
  Scenario: No identifier of a supported kind
    Given the request body property "$.device" only includes device identifiers not supported by the implementation
    When the request "verifyLocation" is sent
    Then the response status code is 422
    And the response property "$.code" is "UNSUPPORTED_IDENTIFIER"

  @location_verification_422.4_max_age
  Scenario Outline: Not known so freshly, independently of the result
    Given the request body property "$.maxAge" is set to: <age>
    When the request "verifyLocation" is sent
    Then the response status code is 422
    And the response property "$.code" is "LOCATION_VERIFICATION.UNABLE_TO_FULFILL_MAX_AGE"

    Examples:
      | age |
      | 30  |
      | 0   |

  @location_verification_422.5_unable_to_locate
  Scenario: The network does not know where the device is
    Given a device that was never located
    When the request "verifyLocation" is sent
    Then the response status code is 422
    And the response property "$.code" is "LOCATION_VERIFICATION.UNABLE_TO_LOCATE"

  @location_verification_422.6_never_located_with_max_age
  Scenario: Not known at all is not known freshly
    Given a device that was never located
    And the request body property "$.maxAge" is set to: 600
    When the request "verifyLocation" is sent
    Then the response status code is 422
    And the response property "$.code" is "LOCATION_VERIFICATION.UNABLE_TO_FULFILL_MAX_AGE"

  @location_verification_422.7_area_not_covered
  Scenario: There is no network in the requested area
    Given the request body property "$.area.center" is set to: {"latitude": 10, "longitude": 10}
    When the request "verifyLocation" is sent
    Then the response status code is 422
    And the response property "$.code" is "LOCATION_VERIFICATION.AREA_NOT_COVERED"

  @location_verification_422.8_invalid_area
  Scenario: The requested area is too small
    Given the request body property "$.area.radius" is set to: 499
    When the request "verifyLocation" is sent
    Then the response status code is 422
    And the response property "$.code" is "LOCATION_VERIFICATION.INVALID_AREA"
