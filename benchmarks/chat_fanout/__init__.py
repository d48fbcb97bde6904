"""Chat fan-out, against a socket.io server in the same interleaved run: ``python -m benchmarks.chat_fanout``."""
