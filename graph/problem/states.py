"""What may become of a problem, and by whom.

::

    open ──acknowledge──▸ acknowledged ──assign──▸ in_progress ──resolve──▸ resolved
      │        │               │                       │                       │
      └────────┴──── assign, dismiss, resolve ─────────┘                    verify
                                                                               ▾
    open ◂──────────── reopen ─────── closed ◂────────────close──────────  verifying

Whoever works on a problem acknowledges, assigns, comments, resolves or dismisses it. Only
verification closes it, and only a new fall reopens it. What recovers by itself is verified too,
whatever its state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from graph.errors import IllegalTransition

State = Literal[
    "open", "acknowledged", "in_progress", "resolved", "verifying", "closed", "dismissed"
]
Action = Literal[
    "open",
    "acknowledge",
    "assign",
    "comment",
    "resolve",
    "dismiss",
    "verify",
    "close",
    "reopen",
]
SYSTEM = "tiegraph"
AT_WORK: tuple[State, ...] = ("open", "acknowledged", "in_progress")
WATCHED: tuple[State, ...] = (*AT_WORK, "resolved", "verifying")
STATES: tuple[State, ...] = (*WATCHED, "closed", "dismissed")

_MOVES: Mapping[Action, Mapping[State, State]] = {
    "acknowledge": {"open": "acknowledged"},
    "assign": dict.fromkeys(AT_WORK, "in_progress"),
    "comment": {state: state for state in STATES},
    "resolve": {"acknowledged": "resolved", "in_progress": "resolved"},
    "dismiss": dict.fromkeys(AT_WORK, "dismissed"),
    "verify": dict.fromkeys((*AT_WORK, "resolved"), "verifying"),
    "close": {"verifying": "closed"},
    "reopen": {"resolved": "open", "verifying": "open", "closed": "open"},
}


@dataclass(frozen=True)
class Entry:
    """What happened to a problem, when and by whom.

    Attributes
    ----------
    by : str
        The subject of a token, or ``SYSTEM``.
    note : str or None
        A comment, the assignee, or the reason.
    """

    at: datetime
    by: str
    action: Action
    from_state: State | None
    to_state: State
    note: str | None = None


def moved(state: State, action: Action) -> State:
    """Return the state that an action leads to.

    Raises
    ------
    IllegalTransition
        It leads nowhere from there; the message says from where it would.

    Examples
    --------
    >>> moved("open", "acknowledge")
    'acknowledged'
    >>> moved("closed", "resolve")
    Traceback (most recent call last):
    graph.errors.IllegalTransition: a problem that is closed cannot be asked to resolve: ...
    """
    moves = _MOVES.get(action, {})
    if state not in moves:
        raise IllegalTransition(
            f"a problem that is {state} cannot be asked to {action}: "
            f"only one that is {', '.join(moves) or 'new'}"
        )
    return moves[state]
