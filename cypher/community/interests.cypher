// Which categories of apps the most members of communities use, and where the most live, with how
// many do, in lists of one length each; the most first, equals by name.
// mode: write
// params: community_ids: list[str], most: int
// returns: -
UNWIND $community_ids AS community_id
MATCH (community:Community {community_id: community_id})
CALL (community) {
  MATCH (community)<-[:MEMBER_OF|PART_OF*1..2]-(subscriber:Subscriber)-[:USED]->(app:App)
  WHERE app.category IS NOT NULL
  WITH app.category AS category, count(DISTINCT subscriber) AS members
  ORDER BY members DESC, category
  LIMIT $most
  RETURN collect(category) AS interests, collect(members) AS interested
}
CALL (community) {
  MATCH (community)<-[:MEMBER_OF|PART_OF*1..2]-(subscriber:Subscriber)-[:HOME]->(place:Place)
  WITH place.h3 AS home, count(DISTINCT subscriber) AS members
  ORDER BY members DESC, home
  LIMIT $most
  RETURN collect(home) AS homes, collect(members) AS at_home
}
SET community.interests = interests,
    community.interested = interested,
    community.homes = homes,
    community.at_home = at_home
