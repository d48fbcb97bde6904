"""A process that is killed while it answers leaves nothing reserved, once the sweep has run."""

import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from chatbot.conversations.services import settle_pending
from chatbot.models import Conversation, DayBudget, Message
from tests.core.processes import ROOT, environment
from tests.payments.processes import database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
#: Asks, and ends like a process that the kernel kills, in the middle of the answer.
_PROGRAM = """
import os, signal, sys
import django
django.setup()
from accounts.models import CustomUser
from chatbot.conversations.services import ask
user = CustomUser.objects.get(pk=int(sys.argv[1]))
answer = ask(user=user, conversation_id=int(sys.argv[2]), content=sys.argv[3], language="en")
next(answer)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_answer_is_settled_by_the_sweep(conversation: Conversation) -> None:
    arguments = [str(conversation.user_id), str(conversation.pk), "At how many degrees does water boil?"]
    variables = environment(DATABASE_URL=database_url(), DJANGO_SETTINGS_MODULE="e_learning.settings")
    killed = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments],
        env=variables,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    left = Message.objects.get(role="assistant")
    assert left.state == "pending"
    assert DayBudget.objects.get().tokens == left.reserved_tokens > 0

    assert settle_pending(now=timezone.now() + timedelta(minutes=4)) == 1
    left.refresh_from_db()
    assert (left.state, left.reserved_tokens) == ("broken", 0)
    budget = DayBudget.objects.get()
    assert (budget.messages, budget.tokens) == (0, 0)
