"""A stand-in for Firebase Cloud Messaging and for Google's tokens: real HTTP, faults on demand.

By hand: ``python -m tests.community.notifications.fcm_server 8099`` writes a key file beside itself, says what to set,
and prints each message that it accepts.
"""

import json
import sys
import tempfile
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar, Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

PROJECT = "demo-school"
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


@dataclass(frozen=True, slots=True)
class Fault:
    """One answer that is no success. ``hang`` closes the connection without any."""

    status: int = 500
    code: str = ""
    message: str = ""
    violates: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False

    @property
    def body(self) -> dict[str, Any]:
        details: list[dict[str, Any]] = [{"@type": _FCM_ERROR, "errorCode": self.code}] if self.code else []
        if self.violates:
            details.append({"@type": _BAD_REQUEST, "fieldViolations": [{"field": self.violates}]})
        return {"error": {"code": self.status, "message": self.message, "status": self.code, "details": details}}


UNREGISTERED = Fault(404, "UNREGISTERED", "Requested entity was not found.")
NO_TOKEN = Fault(
    400, "INVALID_ARGUMENT", "The registration token is not a valid FCM registration token", violates="message.token"
)


class FcmServer:
    """``messages`` holds what was accepted, ``calls`` every path asked; ``faults`` are answered first, one a call."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.messages: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.faults: deque[Fault] = deque()
        self.good_tokens: set[str] = set()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"fcm": self}))
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self.key_file = folder / "service-account.json"
        self.key_file.write_text(json.dumps(self._account()))

    def _account(self) -> dict[str, str]:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "1",
            "private_key": pem.decode(),
            "client_email": f"push@{PROJECT}.iam.gserviceaccount.com",
            "token_uri": f"{self.url}/token",
        }

    def __enter__(self) -> Self:
        Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def forget_tokens(self) -> None:
        """Revoke every access token that was given out."""
        self.good_tokens.clear()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fcm: ClassVar[FcmServer]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.fcm.calls.append(self.path)
        if self.path == "/token":
            self._give_token()
        elif self.headers.get("Authorization", "").removeprefix("Bearer ") not in self.fcm.good_tokens:
            self._say(401, Fault(401, "UNAUTHENTICATED").body)
        elif self.fcm.faults:
            self._fail(self.fcm.faults.popleft())
        else:
            self.fcm.messages.append(json.loads(body)["message"])
            self._say(200, {"name": f"projects/{PROJECT}/messages/{len(self.fcm.messages)}"})

    def _give_token(self) -> None:
        token = f"token-{len(self.fcm.calls)}"
        self.fcm.good_tokens.add(token)
        self._say(200, {"access_token": token, "expires_in": 3600, "token_type": "Bearer"})

    def _fail(self, fault: Fault) -> None:
        if fault.hang:
            self.close_connection = True
        else:
            self._say(fault.status, fault.body, fault.headers)

    def _say(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        written = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing: ``calls`` has them."""


def main(port: int) -> None:
    folder = Path(tempfile.mkdtemp())
    with FcmServer(folder, port) as server:
        print(f"FCM_SERVICE_ACCOUNT_FILE={server.key_file} FCM_BASE_URL={server.url}", flush=True)  # noqa: T201
        shown = 0
        while sys.stdin.readline():
            for message in server.messages[shown:]:
                print(json.dumps(message, ensure_ascii=False), flush=True)  # noqa: T201
            shown = len(server.messages)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
