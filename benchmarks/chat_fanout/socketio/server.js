// The peer: socket.io as its documentation has it, in one process, with each message stored before it is sent.
//
// Fair to it: prepared statements over kept connections, websockets only, no compression, one statement that takes the
// room's next number and writes the message. What the product promises and this does not: tokens that end, limits,
// replies, resending under the same client_id, presence, sync, other processes.
"use strict";

const { createServer } = require("node:http");
const { Pool } = require("pg");
const { Server } = require("socket.io");

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 8, min: 8, idleTimeoutMillis: 0 });

const IS_MEMBER = { name: "is_member", text: "SELECT full_name FROM peer_member WHERE room_id = $1 AND user_id = $2" };
// The room's row is held until the commit, so numbers have no gaps.
const WRITE = {
  name: "write",
  text: `
    WITH numbered AS (UPDATE peer_room SET last_seq = last_seq + 1 WHERE id = $1 RETURNING id, last_seq)
    INSERT INTO peer_message (room_id, seq, sender_id, client_id, text)
    SELECT id, last_seq, $2, $3, $4 FROM numbered
    RETURNING id, seq, created_at`,
};

const web = createServer((_request, response) => response.end("{}"));
const io = new Server(web, { transports: ["websocket"], serveClient: false });

async function member(roomId, userId) {
  const found = await pool.query({ ...IS_MEMBER, values: [roomId, userId] });
  return found.rows[0];
}

async function send(socket, frame) {
  const { userId, roomId } = socket.data;
  const sender = await member(roomId, userId);
  if (!sender || typeof frame.message !== "string" || !frame.message || frame.message.length > 4000) {
    socket.emit("error", { code: "refused", client_id: frame.client_id });
    return;
  }
  const written = await pool.query({ ...WRITE, values: [roomId, userId, frame.client_id, frame.message] });
  const [{ id, seq, created_at }] = written.rows;
  io.to(roomId).emit("chat_message", {
    message_id: Number(id),
    seq: Number(seq),
    client_id: frame.client_id,
    community_id: roomId,
    message: frame.message,
    message_type: "text",
    sender_id: userId,
    sender_name: sender.full_name,
    reply_to_id: null,
    attachment: null,
    status: "sent",
    created_at,
  });
}

io.use((socket, next) => {
  const { user_id: userId, room_id: roomId } = socket.handshake.auth;
  member(roomId, userId).then((found) => {
    socket.data = { userId, roomId };
    next(found ? undefined : new Error("not a member"));
  }, next);
});

io.on("connection", (socket) => {
  socket.join(socket.data.roomId);
  socket.on("chat_message", (frame) => {
    send(socket, frame).catch((error) => socket.emit("error", { code: String(error), client_id: frame.client_id }));
  });
});

web.listen(Number(process.env.PORT), "127.0.0.1");
