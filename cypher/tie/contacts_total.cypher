// All directed ties of a channel and what they add up to. A pair is mutual where the reverse tie
// has the channel too.
// mode: read
// params: channel: str, namespace: str | null
// returns: directed_pairs: int, mutual_pairs: int, events: int, calls: int, missed: int, messages: int, duration_s: int
MATCH (caller:Subscriber)-[tie:CONTACTED]->(callee:Subscriber)
WHERE ($namespace IS NULL OR caller.namespace = $namespace)
  AND ($channel = 'any'
    OR ($channel = 'call' AND tie.calls > 0)
    OR ($channel = 'message' AND tie.messages > 0))
WITH tie,
     EXISTS {
       MATCH (caller)<-[reverse:CONTACTED]-(callee)
       WHERE $channel = 'any'
         OR ($channel = 'call' AND reverse.calls > 0)
         OR ($channel = 'message' AND reverse.messages > 0)
     } AS is_mutual
RETURN count(tie) AS directed_pairs,
       count(CASE WHEN is_mutual THEN 1 END) AS mutual_pairs,
       sum(tie.events) AS events,
       sum(tie.calls) AS calls,
       sum(tie.missed) AS missed,
       sum(tie.messages) AS messages,
       sum(tie.duration_s) AS duration_s
