-- Chats of streams, and what keeps order in them.

-- What is asked of those who write. A stream without a row has the defaults. `version` counts the changes of
-- settings, `emotes_version` those of the emotes.
CREATE TABLE chat_settings (
    org_id         TEXT   NOT NULL,
    stream_id      TEXT   NOT NULL,
    settings_json  TEXT   NOT NULL,
    pinned_id      TEXT,
    emotes_version BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    PRIMARY KEY (org_id, stream_id),
    FOREIGN KEY (org_id, stream_id) REFERENCES streams (org_id, id) ON DELETE CASCADE
);

-- Messages. What is said about their authors is what it was when they wrote; of an author who is deleted
-- nothing stays but that there was one. What a message answers is looked up, so that a quote says nothing that
-- the message does not say any more.
CREATE TABLE chat_messages (
    id           TEXT   NOT NULL PRIMARY KEY,
    org_id       TEXT   NOT NULL,
    stream_id    TEXT   NOT NULL,
    broadcast_id TEXT,
    account_id   TEXT,
    author_json  TEXT   NOT NULL,
    kind         TEXT   NOT NULL CHECK (kind IN ('text', 'action', 'emote', 'announcement', 'system')),
    text         TEXT   NOT NULL,
    extra_json   TEXT   NOT NULL,
    reply_to_id  TEXT,
    media_time   BIGINT,
    state        TEXT   NOT NULL CHECK (state IN ('shown', 'muted', 'held', 'denied', 'deleted')),
    reasons_json TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    settled_at   BIGINT,
    settled_by   TEXT,
    FOREIGN KEY (org_id, stream_id) REFERENCES streams (org_id, id) ON DELETE CASCADE
);
CREATE INDEX chat_messages_by_stream ON chat_messages (org_id, stream_id, id);
CREATE INDEX chat_messages_by_broadcast ON chat_messages (org_id, broadcast_id, id);
CREATE INDEX chat_messages_by_account ON chat_messages (org_id, account_id, stream_id, id);
CREATE INDEX chat_messages_held ON chat_messages (org_id, stream_id, id) WHERE state = 'held';

-- Who may not write: `ban` until it is lifted, `timeout` until `until_at`, `mute` unnoticed.
CREATE TABLE chat_bans (
    org_id     TEXT   NOT NULL,
    stream_id  TEXT   NOT NULL,
    account_id TEXT   NOT NULL,
    kind       TEXT   NOT NULL CHECK (kind IN ('ban', 'timeout', 'mute')),
    until_at   BIGINT,
    reason     TEXT,
    created_by TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, stream_id, account_id),
    FOREIGN KEY (org_id, stream_id) REFERENCES streams (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE
);
CREATE INDEX chat_bans_by_account ON chat_bans (org_id, account_id);

-- Who keeps order in a stream's chat besides its owner and the staff.
CREATE TABLE chat_moderators (
    org_id     TEXT   NOT NULL,
    stream_id  TEXT   NOT NULL,
    account_id TEXT   NOT NULL,
    created_by TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, stream_id, account_id),
    FOREIGN KEY (org_id, stream_id) REFERENCES streams (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE
);
CREATE INDEX chat_moderators_by_account ON chat_moderators (org_id, account_id);

-- Words and patterns that the filter of a stream's chat looks for.
CREATE TABLE chat_terms (
    id         TEXT   NOT NULL PRIMARY KEY,
    org_id     TEXT   NOT NULL,
    stream_id  TEXT   NOT NULL,
    pattern    TEXT   NOT NULL,
    kind       TEXT   NOT NULL CHECK (kind IN ('word', 'regex')),
    outcome    TEXT   NOT NULL CHECK (outcome IN ('hold', 'block', 'allow')),
    created_by TEXT,
    created_at BIGINT NOT NULL,
    FOREIGN KEY (org_id, stream_id) REFERENCES streams (org_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX chat_terms_pattern ON chat_terms (org_id, stream_id, kind, pattern);

CREATE TABLE emotes (
    id         TEXT   NOT NULL PRIMARY KEY,
    org_id     TEXT   NOT NULL,
    stream_id  TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    asset_id   TEXT   NOT NULL REFERENCES assets (id),
    animated   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    FOREIGN KEY (org_id, stream_id) REFERENCES streams (org_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX emotes_name ON emotes (org_id, stream_id, name);

-- Everything that was done to keep order; rows are only ever added. Names are those of people without an
-- account; of others they are looked up, so that nothing of an account that is deleted has to be changed here.
CREATE TABLE moderation_actions (
    id          TEXT   NOT NULL PRIMARY KEY,
    org_id      TEXT   NOT NULL,
    stream_id   TEXT,
    kind        TEXT   NOT NULL,
    action      TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    actor_id    TEXT,
    actor_name  TEXT   NOT NULL,
    account_id  TEXT,
    target_name TEXT   NOT NULL,
    message_id  TEXT,
    detail_json TEXT   NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX moderation_actions_by_stream ON moderation_actions (org_id, stream_id, id);
CREATE INDEX moderation_actions_by_account ON moderation_actions (org_id, account_id, id);

-- Reports stay when the account is gone that made them.
CREATE TABLE reports (
    id           TEXT   NOT NULL PRIMARY KEY,
    org_id       TEXT   NOT NULL REFERENCES organisations (id),
    reporter_id  TEXT   NOT NULL,
    report_type  TEXT   NOT NULL CHECK (report_type IN ('inappropriate', 'spam', 'copyright')),
    target_kind  TEXT   NOT NULL CHECK (target_kind IN ('stream', 'message', 'account')),
    stream_id    TEXT,
    message_id   TEXT,
    account_id   TEXT,
    excerpt      TEXT   NOT NULL,
    description  TEXT   NOT NULL,
    status       TEXT   NOT NULL CHECK (status IN ('pending', 'reviewed', 'resolved')),
    moderator_id TEXT,
    note         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    resolved_at  BIGINT,
    version      BIGINT NOT NULL
);
CREATE INDEX reports_by_status ON reports (org_id, status, id);
CREATE INDEX reports_by_reporter ON reports (org_id, reporter_id, id);

-- How much was said, minute by minute: nothing of what was said.
CREATE TABLE chat_minutes (
    org_id       TEXT   NOT NULL,
    stream_id    TEXT   NOT NULL,
    minute       BIGINT NOT NULL,
    broadcast_id TEXT,
    messages     BIGINT NOT NULL,
    chatters     BIGINT NOT NULL,
    reactions    BIGINT NOT NULL,
    members      BIGINT NOT NULL,
    PRIMARY KEY (org_id, stream_id, minute),
    FOREIGN KEY (org_id, stream_id) REFERENCES streams (org_id, id) ON DELETE CASCADE
);
