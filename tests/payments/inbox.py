"""An endpoint on this machine that takes webhooks and keeps them as they came."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

Taken = tuple[str, bytes, str]


class Inbox:
    """Answers 500 to the first ``refusals`` and 200 to the rest; ``taken`` are those, as (id, body, signature)."""

    def __init__(self, *, refusals: int = 0) -> None:
        self.taken: list[Taken] = []
        self.refused = 0
        self._refusals = refusals

    def __enter__(self) -> Self:
        handler = type("HandlerOfOne", (_Handler,), {"inbox": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self._http.server_address[1]}/"
        Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def wait_for(self, count: int, *, seconds: float = 20) -> None:
        """Wait until so many were taken."""
        until = time.monotonic() + seconds
        while len(self.taken) < count:
            assert time.monotonic() < until, f"{len(self.taken)} of {count} came"
            time.sleep(0.02)

    def take(self, taken: Taken) -> int:
        if self.refused < self._refusals:
            self.refused += 1
            return 500
        self.taken.append(taken)
        return 200


class _Handler(BaseHTTPRequestHandler):
    inbox: Inbox

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.inbox.take((self.headers["X-Razorpay-Event-Id"], body, self.headers["X-Razorpay-Signature"]))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing: ``taken`` has them."""
