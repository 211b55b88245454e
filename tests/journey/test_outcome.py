from gateway.journey.outcome import Outcome, outcomes_by_event_name

ORDER = Outcome("o-1", "Order", "order_completed")
SALE = Outcome("o-2", "Sale", "order_completed")
SIGN_UP = Outcome("o-3", "Sign-up", "signed_up")
OFF = Outcome("o-4", "Off", "signed_up", is_active=False)


def test_active_outcomes_are_found_by_the_event_that_achieves_them() -> None:
    assert outcomes_by_event_name([ORDER, SIGN_UP, SALE, OFF]) == {
        "order_completed": (ORDER, SALE),
        "signed_up": (SIGN_UP,),
    }


def test_no_outcomes_are_no_outcomes() -> None:
    assert outcomes_by_event_name([OFF]) == {}
