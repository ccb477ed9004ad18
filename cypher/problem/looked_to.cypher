// The last day that was looked through for problems.
// mode: read
// params: -
// returns: looked_to_on: date
MATCH (mark:Mark {name: 'problems'})
RETURN mark.looked_to_on AS looked_to_on
