"""The HTTP of ``razorpay_server``, and what can go wrong with it."""

import json
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from payments.gateways.simulator.desk import Entity, error_body

if TYPE_CHECKING:
    from tests.payments.razorpay_server import RazorpayServer

_HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
#: Longer than any time-out of a test.
_FOR_EVER = 60.0

FaultKind = Literal[
    "drop", "drop_after", "delay", "hang", "drip", "500", "500_after", "html", "html_after", "429", "busy", "redirect"
]


@dataclass
class Fault:
    """Something that goes wrong with calls whose ``METHOD /path`` contains ``path``.

    ``drop`` closes the connection before the work is done, ``drop_after`` once it is; so with ``500`` and with
    ``html``, a proxy's 502. ``times``: how often (None: always); ``chance``: how probably, by the server's seed.
    """

    kind: FaultKind
    path: str = ""
    times: int | None = 1
    chance: float = 1.0
    seconds: float = 0.05


_INSTEAD: dict[str, tuple[int, Entity | bytes]] = {
    "500": (500, error_body("SERVER_ERROR", "We are facing some trouble completing your request.")),
    "html": (502, _HTML),
    "429": (429, error_body("BAD_REQUEST_ERROR", "Too many requests")),
    "busy": (409, error_body("BAD_REQUEST_ERROR", "A request with the same key is still being processed.")),
}


class Handler(BaseHTTPRequestHandler):
    """Takes a call, lets a fault strike before or after the work, and answers."""

    protocol_version = "HTTP/1.1"
    razorpay: ClassVar["RazorpayServer"]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):  # whatever the method: what is unknown is refused in Razorpay's words
            return self._take
        raise AttributeError(name)

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/_"):
            self._say(*self.razorpay.control(self.path, json.loads(body or b"{}")))
            return
        fault = self.razorpay.fault_of(f"{self.command} {self.path}")
        if fault and self._struck_before(fault):
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, answered = self.razorpay.carry_out(self.command, self.path, headers, body)
        if not (fault and self._struck_after(fault)):
            self._say(status, answered)

    def _struck_before(self, fault: Fault) -> bool:
        """Do what goes wrong before the work; say whether that was the end of the call."""
        if fault.kind == "delay":
            self.razorpay.wait(fault.seconds)
        elif fault.kind == "hang":
            self.razorpay.wait(_FOR_EVER)
        elif fault.kind == "redirect":
            self._say(302, {}, location=f"{self.razorpay.url}/v1/elsewhere")
        elif fault.kind in _INSTEAD:
            self._say(*_INSTEAD[fault.kind])
        if fault.kind in ("hang", "drop"):
            self.close_connection = True
        return fault.kind in {"hang", "drop", "redirect", *_INSTEAD}

    def _struck_after(self, fault: Fault) -> bool:
        """Do what goes wrong after the work; say whether the answer was lost by it."""
        if fault.kind == "drop_after":
            self.close_connection = True
        elif fault.kind in ("html_after", "500_after"):
            self._say(*_INSTEAD[fault.kind.removesuffix("_after")])
        elif fault.kind == "drip":
            self._drip()
        return fault.kind in {"drop_after", "html_after", "500_after", "drip"}

    def _drip(self) -> None:
        """Answer byte by byte, each in time and the whole never."""
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        while not self.razorpay.wait(0.05):
            try:
                self.wfile.write(b" ")
            except OSError:
                break
        self.close_connection = True

    def _say(self, status: int, body: Entity | bytes, location: str = "") -> None:
        written = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if isinstance(body, bytes) else "application/json")
        self.send_header("Content-Length", str(len(written)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(written)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing: ``RazorpayServer.calls`` has them."""


def handler_of(server: "RazorpayServer") -> type[Handler]:
    """Return a handler for this server alone."""
    return type("HandlerOfOne", (Handler,), {"razorpay": server})
