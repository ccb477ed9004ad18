// How many contacts subscribers have, how many of them left, and with whom of these they had most
// calls and messages, the most first, equals by key.
// mode: read
// params: keys: list[str], most: int
// returns: key: str, contacts: int, left: int, named: list[map]
UNWIND $keys AS key
MATCH (subscriber:Subscriber {subscriber_id: key})
CALL (subscriber) {
  MATCH (subscriber)-[tie:CONTACTED]-(other:Subscriber)
  WHERE other <> subscriber
  WITH other, sum(tie.events) AS events
  ORDER BY events DESC, other.subscriber_id
  RETURN count(*) AS contacts,
         [each IN collect({key: other.subscriber_id, events: events, status: other.status})
           WHERE each.status = 'churned'] AS gone
}
RETURN key, contacts, size(gone) AS left, gone[..$most] AS named
