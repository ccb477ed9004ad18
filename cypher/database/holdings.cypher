// How much the graph holds, and of whom: so few figures that they are read in a moment.
// mode: read
// params: namespace: str
// returns: subscribers: int, strangers: int, events: int, friendships: int
CALL () {
  MATCH (anyone:Subscriber)
  RETURN count(anyone) AS everyone
}
CALL () {
  MATCH (subscriber:Subscriber {namespace: $namespace})
  RETURN count(subscriber) AS subscribers,
         sum(subscriber.calls_out + subscriber.messages_out) AS events
}
CALL () {
  MATCH ()-[knows:KNOWS]->()
  RETURN count(knows) AS friendships
}
RETURN subscribers,
       everyone - subscribers AS strangers,
       events,
       friendships
