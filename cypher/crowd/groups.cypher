// Groups of subscribers that a filter lets through: how many, and means of theirs; the largest
// first.
// mode: read
// params: by: list[str], resolution: int, limit: int, who: map
// returns: status: str | null, segment: str | null, plan: str | null, gender: str | null, area: str | null, subscribers: int, means: map
MATCH (subscriber:Subscriber)
WHERE true
  AND ($who.namespace IS NULL OR subscriber.namespace = $who.namespace)
  AND ($who.status IS NULL OR subscriber.status = $who.status)
  AND ($who.gender IS NULL OR subscriber.gender = $who.gender)
  AND ($who.has_calls IS NULL OR $who.has_calls = (subscriber.calls_out + subscriber.calls_in > 0))
  AND ($who.has_messages IS NULL
    OR $who.has_messages = (subscriber.messages_out + subscriber.messages_in > 0))
  AND ($who.has_contacts IS NULL OR $who.has_contacts = (subscriber.contacts > 0))
  AND ($who.has_friends IS NULL OR $who.has_friends = EXISTS { (subscriber)-[:KNOWS]-() })
  AND ($who.place IS NULL
    OR EXISTS { (subscriber)-[:VISITED]->(:Place)-[:IN*0..4]->(:Place {h3: $who.place}) })
  AND ($who.app IS NULL OR EXISTS { (subscriber)-[:USED]->(:App {app_id: $who.app}) })
  AND ($who.service IS NULL
    OR EXISTS { (subscriber)-[:USED_SERVICE]->(:Service {service_id: $who.service}) })
  AND ($who.device IS NULL OR EXISTS { (subscriber)-[:OWNS]->(:Device {tac: $who.device}) })
OPTIONAL MATCH (subscriber)-[:HOME]->(:Place)-[:IN*0..4]->(home:Place)
WHERE home.resolution = $resolution
RETURN CASE WHEN 'status' IN $by THEN subscriber.status END AS status,
       CASE WHEN 'segment' IN $by THEN subscriber.segment END AS segment,
       CASE WHEN 'plan' IN $by THEN subscriber.plan END AS plan,
       CASE WHEN 'gender' IN $by THEN subscriber.gender END AS gender,
       CASE WHEN 'area' IN $by THEN home.h3 END AS area,
       count(subscriber) AS subscribers,
       {
         contacts: avg(subscriber.contacts),
         events: avg(subscriber.events),
         sessions: avg(subscriber.sessions),
         volume_down_bytes: avg(subscriber.volume_down_bytes),
         tenure_months: avg(subscriber.tenure_months),
         birth_year: avg(subscriber.birth_year),
         churn_risk: avg(subscriber.churn_risk)
       } AS means
ORDER BY subscribers DESC, status, segment, plan, gender, area
LIMIT $limit
