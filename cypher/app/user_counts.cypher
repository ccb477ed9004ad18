// How many subscribers used apps.
// mode: read
// params: keys: list[str]
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (app:App {app_id: key})
RETURN key, COUNT { (app)<-[:USED]-(:Subscriber) } AS total
