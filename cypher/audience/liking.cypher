// Which of some subscribers like something.
// mode: read
// params: keys: list[str], interest: str
// returns: key: str
UNWIND $keys AS key
// Without its label, nothing makes the planner begin at the interest, which everybody likes.
MATCH (:Subscriber {subscriber_id: key})-[:PREFERS]->(interest)
WHERE interest.interest_id = $interest
RETURN key
