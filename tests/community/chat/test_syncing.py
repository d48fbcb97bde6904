"""Whatever happens in a room and whenever a client syncs, it ends with what the database holds."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import CustomUser
from community.chat.models import ChatRoom
from community.chat.selectors import whole
from community.chat.services import delete_own_message, edit_message, give_back_message, take_down_message
from e_learning.core.api.errors import NotThere
from tests.community.chat.saying import Phone, assert_numbered_without_gaps, say, standing
from tests.factories.communities import make_community
from tests.factories.courses import make_course
from tests.factories.people import person
from tests.thorough import times

_which = st.integers(0, 30)
_events = st.one_of(
    st.tuples(st.just("say"), _which),
    st.tuples(st.just("edit"), _which),
    st.tuples(st.just("delete"), _which),
    st.tuples(st.just("take down"), _which),
    st.tuples(st.just("give back"), _which),
    st.tuples(st.just("sync"), st.integers(1, 3)),
)


class School:
    """A room with one talker, and what was said there."""

    def __init__(self) -> None:
        self.asha: CustomUser = person("teacher", role="instructor")
        self.room: ChatRoom = make_community(make_course(self.asha, contents=0)).room
        self.ids: list[int] = []

    def play(self, what: str, which: int) -> None:
        if what == "say" or not self.ids:
            self.ids.append(say(self.room, self.asha, f"said {which}").message_id)
            return
        message_id = self.ids[which % len(self.ids)]
        with suppress(NotThere):  # deleted before
            self._change(what, message_id, which)

    def _change(self, what: str, message_id: int, which: int) -> None:
        if what == "edit":
            edit_message(editor=self.asha, message_id=message_id, text=f"edited {which}")
        elif what == "delete":
            delete_own_message(user=self.asha, message_id=message_id)
        elif what == "take down":
            take_down_message(message=whole().get(pk=message_id))
        else:
            give_back_message(message=whole().get(pk=message_id))


@pytest.mark.django_db
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("patient")
def test_any_history_synced_from_anywhere_ends_with_what_stands() -> None:
    school = School()

    @settings(max_examples=times(100, few=8))
    @given(st.lists(_events, max_size=30))
    def holds(events: list[tuple[str, int]]) -> None:
        phone = Phone(school.room)
        for what, which in events:
            if what == "sync":
                phone.sync(most=which, pages=1)
            else:
                school.play(what, which)
        phone.sync(most=7)
        assert phone.texts == standing(school.room)
        assert_numbered_without_gaps(school.room)

    holds()
