// How many subscribers take packages.
// mode: read
// params: keys: list[str]
// returns: key: str, total: int
UNWIND $keys AS key
MATCH (package:Package {package_id: key})
RETURN key, COUNT { (package)<-[:SUBSCRIBES_TO]-(:Subscriber) } AS total
