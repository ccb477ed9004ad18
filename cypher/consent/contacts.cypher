// Everybody whom subscribers are in contact with, with the calls and messages both ways; whom of them
// a partner may see is decided by the book of consents.
// mode: read
// params: keys: list[str]
// returns: key: str, other_id: str, events: int
UNWIND $keys AS wanted
MATCH (subscriber:Subscriber {subscriber_id: wanted})-[tie:CONTACTED]-(other:Subscriber)
WHERE other <> subscriber
RETURN wanted AS key,
       other.subscriber_id AS other_id,
       sum(tie.events) AS events
