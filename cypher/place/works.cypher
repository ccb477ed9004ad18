// Where subscribers work, with the evidence.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map, days: int, active_days: int, share: float, records: int, candidates: int
UNWIND $keys AS key
MATCH (:Subscriber {subscriber_id: key})-[work:WORK]->(place:Place)
RETURN key,
       place {.*} AS node,
       work.days AS days,
       work.active_days AS active_days,
       work.share AS share,
       work.records AS records,
       work.candidates AS candidates
