"""The API under a WSGI server (``manage.py serve --http``)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "e_learning.settings")
os.environ.setdefault("PROCESS_KIND", "http")
application = get_wsgi_application()
