// Take subscribers out of the graph, with all that is theirs alone.
// mode: write
// params: subscriber_ids: list[str]
// returns: -
UNWIND $subscriber_ids AS subscriber_id
MATCH (subscriber:Subscriber {subscriber_id: subscriber_id})
OPTIONAL MATCH (subscriber)-[:PAID|HAD|ANSWERED]->(theirs)
DETACH DELETE theirs, subscriber
