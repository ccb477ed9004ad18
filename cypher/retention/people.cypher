// What retention asks of subscribers, by key, in lists of one length; who comes after a key. A risk
// of -1 is not known; charges count in one currency, of packages that are still taken on a day.
// mode: read
// params: after: str, limit: int, currency: str, on: date
// returns: keys: list[str], risks: list[float], charges: list[int], segments: list[str]
MATCH (subscriber:Subscriber)
WHERE subscriber.subscriber_id > $after
WITH subscriber
ORDER BY subscriber.subscriber_id
LIMIT $limit
CALL (subscriber) {
  MATCH (subscriber)-[takes:SUBSCRIBES_TO]->(package:Package)
  WHERE (takes.until IS NULL OR takes.until > $on)
    AND coalesce(takes.currency, package.currency, '') = $currency
  RETURN sum(coalesce(takes.monthly_charge_minor, package.price_minor, 0)) AS charge
}
RETURN collect(subscriber.subscriber_id) AS keys,
       collect(coalesce(subscriber.churn_risk, -1.0)) AS risks,
       collect(charge) AS charges,
       collect(coalesce(subscriber.segment, '')) AS segments
