from gateway.journey.advance import Visitor, advance
from gateway.journey.contact import contact_id_of
from gateway.journey.definitions import definitions_of
from gateway.journey.outcome import Outcome
from gateway.journey.replay import played_to_the_end, replayed
from tests.journey.visits import visit_of

DEFINITIONS = definitions_of([Outcome("o", "Order", "order_completed")])


def test_a_session_played_again_goes_through_the_states_that_it_went_through_live() -> None:
    events = visit_of("/a", "/b", "?", "!", "/c")
    visitor, live = Visitor(contact_id_of("cookie", "v")), []
    for event in events:
        visitor, step = advance(visitor, event, DEFINITIONS)
        live.append(step.session._replace(contact_id=""))
    assert list(replayed(events, DEFINITIONS, visits=1)) == live
    assert live[-1].feature_state is not None
    assert live[-1].feature_state.visits == 1


def test_without_outcomes_a_session_keeps_nothing_for_predictions() -> None:
    _, step = advance(Visitor(contact_id_of("cookie", "v")), visit_of("/a")[0], definitions_of([]))
    assert step.session.feature_state is None


def test_the_last_state_is_that_of_the_session_when_it_is_over() -> None:
    states = played_to_the_end(visit_of("/a", "!"), DEFINITIONS)
    assert [len(state.outcome_achievements) for state in states] == [0, 1, 1]
    assert played_to_the_end([], DEFINITIONS) == []
