// A digest of an answer names one answer.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT survey_key IF NOT EXISTS
FOR (node:Survey)
REQUIRE node.survey_id IS UNIQUE
