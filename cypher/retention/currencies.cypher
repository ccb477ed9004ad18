// In which currencies subscribers who may leave are charged, the most subscribers first, equals by
// name; an empty name is of charges without one.
// mode: read
// params: -
// returns: currency: str, subscribers: int
MATCH (subscriber:Subscriber)-[takes:SUBSCRIBES_TO]->(package:Package)
WHERE subscriber.churn_rank > 0
  AND coalesce(takes.monthly_charge_minor, package.price_minor) IS NOT NULL
WITH coalesce(takes.currency, package.currency, '') AS currency,
     count(DISTINCT subscriber) AS subscribers
RETURN currency, subscribers
ORDER BY subscribers DESC, currency
