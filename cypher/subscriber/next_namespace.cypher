// The namespace that follows another in the alphabet: asking again and again lists all of them at
// the cost of one step in the index each, where DISTINCT would read every subscriber.
// mode: read
// params: after: str
// returns: namespace: str
MATCH (subscriber:Subscriber)
WHERE subscriber.namespace > $after
RETURN subscriber.namespace AS namespace
ORDER BY namespace
LIMIT 1
