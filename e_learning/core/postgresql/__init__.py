"""Django's PostgreSQL backend with a cheaper question to kept connections (``ENGINE``)."""
