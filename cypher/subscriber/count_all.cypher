// How many subscribers there are, from the database's own count.
// mode: read
// params: -
// returns: total: int
MATCH (subscriber:Subscriber)
RETURN count(subscriber) AS total
