// Take away what an analysis did not find any more.
// mode: write
// params: as_of: datetime
// returns: -
MATCH (:Subscriber)-[prefers:PREFERS]->(:Interest)
WHERE prefers.as_of < $as_of
DELETE prefers
