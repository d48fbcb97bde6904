"""``manage.py seed_demo``: the demo school, in any database but production's."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from e_learning.demo.seeding import say_who, seed_demo_school


class Command(BaseCommand):
    help = (
        "Make the demo school: Asha teaches, Bilal learns, Chitra is a stranger, Admin administers. Safe to run twice."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo school has a password that everybody knows: not in production.")
        seed_demo_school()
        say_who(self.stdout)
