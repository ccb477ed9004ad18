// Take communities away that an analysis did not find any more.
// mode: write
// params: as_of: datetime
// returns: -
MATCH (community:Community)
WHERE community.as_of < $as_of
DETACH DELETE community
