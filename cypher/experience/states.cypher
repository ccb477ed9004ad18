// What the current scores of a version of the model were made from, by owner and window.
// mode: read
// params: model_version: str
// returns: kind: str, owner: str, window: str, state: int
MATCH (experience:Experience {model_version: $model_version})
WHERE experience.service IS NULL
RETURN experience.owner_kind AS kind,
       experience.owner AS owner,
       experience.window AS window,
       experience.state AS state
