"""``manage.py learn_neighbours``: which courses are taken together, learnt from all enrolments."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from chatbot.recommendations.services import learn_neighbours


class Command(BaseCommand):
    help = "Learn anew, from all enrolments, which courses are taken together. A task does so every night."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object last, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        learned = learn_neighbours()
        if options["json"]:
            self.stdout.write(json.dumps(asdict(learned)))
        else:
            self.stdout.write(f"{learned.courses} courses have neighbours, {learned.pairs} pairs are kept.")
