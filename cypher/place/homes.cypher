// Where subscribers live, with the evidence.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map, days: int, active_days: int, share: float, records: int, candidates: int
UNWIND $keys AS key
MATCH (:Subscriber {subscriber_id: key})-[home:HOME]->(place:Place)
RETURN key,
       place {.*} AS node,
       home.days AS days,
       home.active_days AS active_days,
       home.share AS share,
       home.records AS records,
       home.candidates AS candidates
