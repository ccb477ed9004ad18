// Write down the last day that was looked through for problems.
// mode: write
// params: looked_to_on: date
// returns: -
MERGE (mark:Mark {name: 'problems'})
SET mark.looked_to_on = $looked_to_on
