"""Who may do what to a problem, in which state: the whole table, and what is written down."""

from datetime import UTC, date, datetime, timedelta

import pytest

from graph.errors import BadInput, IllegalTransition
from graph.problem.problem import Problem, acted
from graph.problem.states import SYSTEM, Entry, State, moved

AT = datetime(2026, 1, 8, 6, tzinfo=UTC)
_LEGAL = {  # as docs/problems.md lists them; whatever is not here is refused
    "acknowledge": {"open"},
    "assign": {"open", "acknowledged", "in_progress"},
    "comment": {
        "open",
        "acknowledged",
        "in_progress",
        "resolved",
        "verifying",
        "closed",
        "dismissed",
    },
    "resolve": {"acknowledged", "in_progress"},
    "dismiss": {"open", "acknowledged", "in_progress"},
    "verify": {"open", "acknowledged", "in_progress", "resolved"},
    "close": {"verifying"},
    "reopen": {"resolved", "verifying", "closed"},
    "open": set(),
}


def a_problem(state: State = "open") -> Problem:
    day = date(2026, 1, 7)
    return Problem(
        problem_id="p1",
        kind="cell",
        target="4",
        state=state,
        domain="radio",
        is_supported=True,
        department="radio access",
        severity="major",
        opened_at=AT,
        due_at=AT + timedelta(hours=24),
        began_on=day,
        last_seen_on=day,
        looked_to_on=day,
        fall=15.0,
        samples=60,
        chance=1e-9,
        is_by_hours=False,
        first_hour=0,
        last_hour=24,
        kpis=(),
    )


@pytest.mark.parametrize("action", sorted(_LEGAL))
@pytest.mark.parametrize("state", sorted(_LEGAL["comment"]))
def test_only_what_is_listed_can_be_done(action: str, state: State) -> None:
    if state in _LEGAL[action]:
        moved(state, action)  # type: ignore[arg-type]  # every name there is, as text
    else:
        with pytest.raises(IllegalTransition, match=f"that is {state} cannot be asked to {action}"):
            moved(state, action)  # type: ignore[arg-type]  # as above


def test_who_did_what_and_when_is_written_down() -> None:
    first = acted(a_problem(), "acknowledge", "mara", AT)
    second = acted(first.problem, "assign", "mara", AT + timedelta(hours=1), " omar ")
    assert first.entries == (Entry(AT, "mara", "acknowledge", "open", "acknowledged", None),)
    assert second.entries == (
        Entry(AT + timedelta(hours=1), "mara", "assign", "acknowledged", "in_progress", "omar"),
    )
    assert (second.problem.state, second.problem.assignee) == ("in_progress", "omar")


def test_what_is_reopened_is_due_anew() -> None:
    """A major problem is due within 24 hours, by docs/problems.md."""
    at = AT + timedelta(days=3)
    again = acted(a_problem("closed"), "reopen", SYSTEM, at).problem
    assert (again.state, again.opened_at, again.due_at) == ("open", at, at + timedelta(hours=24))
    assert (again.reopened, again.verified_at) == (1, None)


def test_a_comment_needs_a_text_and_has_an_end() -> None:
    with pytest.raises(BadInput, match="say what to add"):
        acted(a_problem(), "comment", "mara", AT, "  ")
    with pytest.raises(BadInput, match="say whom to assign it to"):
        acted(a_problem(), "assign", "mara", AT)
    with pytest.raises(BadInput, match="longer than 2000 characters"):
        acted(a_problem(), "comment", "mara", AT, "x" * 2_001)
