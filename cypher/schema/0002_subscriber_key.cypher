// A pseudonym names one subscriber.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT subscriber_key IF NOT EXISTS
FOR (node:Subscriber)
REQUIRE node.subscriber_id IS UNIQUE
