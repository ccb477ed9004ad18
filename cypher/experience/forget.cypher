// Take away the current scores of owners, whose keys begin so: of all services and of each.
// mode: write
// params: groups: list[map]
// returns: -
UNWIND $groups AS group
MATCH (experience:Experience)
WHERE experience.experience_id STARTS WITH group.begins AND experience.owner = group.owner
DETACH DELETE experience
