"""Suspended for some nights and resumed is never suspended: in the end the same is due, granted and committed."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.lives import LAST, Learned, Plan, day_of, live, new_world
from tests.laws.paths import nights, plans
from tests.laws.test_paths_agree import ends_of

EXAMPLES = 6  # each is two lives of a deployment, of some ten nights together


@st.composite
def suspensions(draw: st.DrawFn, plan: Plan) -> list[Learned]:
    """Give one or two policies that are suspended for a while, whole or from a day on."""
    found = []
    for code in draw(st.lists(st.sampled_from(sorted(plan.policies)), min_size=1, max_size=2, unique=True)):
        begun = next(each.offset for each in plan.learned if each.arguments.get("policy") == code)
        stopped = draw(st.integers(max(begun, 0), LAST - 2))
        resumed = draw(st.integers(stopped, LAST - 1))
        since = draw(st.none() | st.integers(-60, LAST).map(day_of))
        found.append(Learned(stopped, "suspend", {"policy": code, "since": since}))
        found.append(Learned(resumed, "resume", {"policy": code}))
    return found


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_a_suspension_that_ended_leaves_no_trace(data: st.DataObject) -> None:
    """Any nights with suspensions among them, then the last: as the last night alone of a life without any."""
    plan = replace(data.draw(plans()), acts=[])  # nobody acts on a grant that a suspension keeps from being opened
    held = data.draw(suspensions(plan))
    ran = data.draw(nights(plan))
    learned = sorted([*plan.learned, *held], key=lambda each: each.offset)

    with new_world() as suspended, new_world() as never:
        live(suspended, replace(plan, learned=learned), ran)
        live(never, plan, [])

        ended, expected = ends_of(suspended, never, plan)
        assert ended == expected
