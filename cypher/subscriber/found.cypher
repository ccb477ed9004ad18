// Short lists of what was found out about subscribers, each asked for by its name; of each that is
// not empty its start's position and entries. An entry names those of its values that are instants,
// which are sent as numbers.
// mode: read
// params: starts: list[map]
// returns: found: list[list]
UNWIND $starts AS start
MATCH (subscriber:Subscriber {subscriber_id: start.parent})
CALL (start, subscriber) {
  // Where they live, with the evidence.
  WITH * WHERE start.list = 'home'
  MATCH (subscriber)-[home:HOME]->(place:Place)
  RETURN collect(home {
    .days, .active_days, .share, .records, .candidates, node: place {.*}
  }) AS entries

  UNION ALL
  // Where they work, with the evidence.
  WITH * WHERE start.list = 'work'
  MATCH (subscriber)-[work:WORK]->(place:Place)
  RETURN collect(work {
    .days, .active_days, .share, .records, .candidates, node: place {.*}
  }) AS entries

  UNION ALL
  // Their communities, the widest first.
  WITH * WHERE start.list = 'communities'
  MATCH (subscriber)-[:MEMBER_OF|PART_OF*1..2]->(community:Community)
  WITH community
  ORDER BY community.level
  RETURN collect(community {.*,
    as_of: community.as_of.epochMillis * 1000 + community.as_of.microsecond % 1000,
    instants: ['as_of']
  }) AS entries

  UNION ALL
  // What they like, the strongest first, equals by key.
  WITH * WHERE start.list = 'preferences'
  MATCH (subscriber)-[prefers:PREFERS]->(interest:Interest)
  WITH prefers, interest
  ORDER BY prefers.score DESC, interest.interest_id
  RETURN collect(prefers {.*,
    last_at: prefers.last_at.epochMillis * 1000 + prefers.last_at.microsecond % 1000,
    as_of: prefers.as_of.epochMillis * 1000 + prefers.as_of.microsecond % 1000,
    instants: ['last_at', 'as_of'],
    interest_id: interest.interest_id,
    name: interest.name,
    part_of: head([(interest)-[:PART_OF]->(wide:Interest) | wide.interest_id])
  }) AS entries

  UNION ALL
  // How many contacts they have, how many of them left, and with whom of these they had most calls
  // and messages, the most first, equals by key.
  WITH * WHERE start.list = 'exposure'
  CALL (subscriber) {
    MATCH (subscriber)-[tie:CONTACTED]-(other:Subscriber)
    WHERE other <> subscriber
    WITH other, sum(tie.events) AS events
    ORDER BY events DESC, other.subscriber_id
    RETURN count(*) AS contacts,
           [each IN collect({key: other.subscriber_id, events: events, status: other.status})
             WHERE each.status = 'churned'] AS gone
  }
  RETURN collect({contacts: contacts, left: size(gone), named: gone[..start.most]}) AS entries
}
WITH start, entries
WHERE size(entries) > 0
RETURN collect([start.position, entries]) AS found
