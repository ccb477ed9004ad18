// Who lives in a place of any resolution.
// mode: read
// params: h3: str
// returns: keys: list[str]
MATCH (place:Place {h3: $h3})<-[:IN*0..15]-(:Place)<-[:HOME]-(subscriber:Subscriber)
RETURN collect(DISTINCT subscriber.subscriber_id) AS keys
