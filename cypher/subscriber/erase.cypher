// Take subscribers out of the graph, with all that is theirs alone; problems of theirs are.
// mode: write
// params: subscriber_ids: list[str]
// returns: -
UNWIND $subscriber_ids AS subscriber_id
MATCH (subscriber:Subscriber {subscriber_id: subscriber_id})
OPTIONAL MATCH (subscriber)-[:PAID|HAD|ANSWERED]->(theirs)
OPTIONAL MATCH (subscriber)<-[:AFFECTS]-(problem:Problem)
OPTIONAL MATCH (problem)-[:WENT_THROUGH]->(event:ProblemEvent)
DETACH DELETE theirs, event, problem, subscriber
