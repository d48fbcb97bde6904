"""Speaking as somebody from the server's own shell."""

from typing import Any

import pytest

from accounts.api import borrowed_session
from accounts.models import CustomUser, Session
from accounts.signin.shell import NotInProduction
from e_learning.core.api.errors import NotThere
from e_learning.core.api.tokens import verify_access_token

pytestmark = pytest.mark.django_db


def test_the_session_is_seen_among_the_devices_and_ends_with_the_block(bilal: CustomUser) -> None:
    with borrowed_session(email=bilal.email, device_name="a shell") as token:
        claims = verify_access_token(token())
        assert claims.user_id == bilal.pk
        assert Session.objects.live().get(pk=claims.session_id).device_name == "a shell"
    assert not Session.objects.live().exists()


def test_in_production_nobody_speaks_in_anothers_name(bilal: CustomUser, settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(NotInProduction), borrowed_session(email=bilal.email, device_name="a shell"):
        pass
    assert not Session.objects.exists()


def test_nobody_is_borrowed_who_is_not_there(bilal: CustomUser) -> None:
    CustomUser.objects.update(is_active=False)
    for email in (bilal.email, "nobody@demo.school"):
        with pytest.raises(NotThere), borrowed_session(email=email, device_name="a shell"):
            pass
