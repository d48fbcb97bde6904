#!/usr/bin/env python
"""The shell's way in: every command that runs, seeds, imports or serves the platform."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "e_learning.settings")
    execute_from_command_line(sys.argv)
