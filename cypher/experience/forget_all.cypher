// Take away some of all scores, of whatever version of the model.
// mode: write
// params: limit: int
// returns: forgotten: int
MATCH (experience:Experience)
WITH experience
LIMIT $limit
DETACH DELETE experience
RETURN count(*) AS forgotten
