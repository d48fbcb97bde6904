"""PostgreSQL as Django knows it, but for how a kept connection is asked whether it still lives."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Say whether the kept connection still lives, without a trip to the server where its socket can tell.

        Django asks this before the first statement of every request (``CONN_HEALTH_CHECKS``) and sends
        ``SELECT 1``, which doubles the trips of a request that takes one statement. A server that ends
        a connection says so and hangs up, so on a socket with nothing to read nothing has happened;
        where there is something, the server is asked as Django does. What neither notices in time is a
        host that vanished without a word.
        """
        if self.connection is None or self.connection.closed:
            return False
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        return not waiting.poll(0) or super().is_usable()
