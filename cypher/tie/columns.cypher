// All ties of some callers, in lists of one length; instants in microseconds since 1970.
// mode: read
// params: caller_ids: list[str]
// returns: caller: list[int], callee: list[str], calls: list[int], missed: list[int], messages: list[int], duration_s: list[int], active_days: list[int], first_at: list[int], last_at: list[int]
UNWIND range(0, size($caller_ids) - 1) AS position
MATCH (:Subscriber {subscriber_id: $caller_ids[position]})-[tie:CONTACTED]->(callee:Subscriber)
RETURN collect(position) AS caller,
       collect(callee.subscriber_id) AS callee,
       collect(tie.calls) AS calls,
       collect(tie.missed) AS missed,
       collect(tie.messages) AS messages,
       collect(tie.duration_s) AS duration_s,
       collect(tie.active_days) AS active_days,
       collect(tie.first_at.epochMillis * 1000 + tie.first_at.microsecond % 1000) AS first_at,
       collect(tie.last_at.epochMillis * 1000 + tie.last_at.microsecond % 1000) AS last_at
