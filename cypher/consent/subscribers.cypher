// Who subscribers are, roughly: what a partner may see where they agree, and nothing else of them.
// mode: read
// params: keys: list[str]
// returns: key: str, node: map
UNWIND $keys AS wanted
MATCH (subscriber:Subscriber {subscriber_id: wanted})
RETURN subscriber.subscriber_id AS key,
       subscriber {.gender, .birth_year, .is_senior, .has_partner, .has_dependents} AS node
