-- The peer's tables, with the rooms and members of the product's own.
CREATE TABLE peer_room (id bigint PRIMARY KEY, last_seq bigint NOT NULL DEFAULT 0);
CREATE TABLE peer_member (
    room_id bigint NOT NULL REFERENCES peer_room,
    user_id bigint NOT NULL,
    full_name text NOT NULL,
    PRIMARY KEY (room_id, user_id)
);
CREATE TABLE peer_message (
    id bigserial PRIMARY KEY,
    room_id bigint NOT NULL REFERENCES peer_room,
    seq bigint NOT NULL,
    sender_id bigint NOT NULL,
    client_id uuid NOT NULL,
    text text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (room_id, seq),
    UNIQUE (room_id, sender_id, client_id)
);
INSERT INTO peer_room (id) SELECT id FROM community_communitygroup;
INSERT INTO peer_member SELECT m.community_id, m.user_id, u.full_name
    FROM community_membership m JOIN accounts_customuser u ON u.id = m.user_id;
