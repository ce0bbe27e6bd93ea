-- People, streams and what belongs to them. This text runs on SQLite and on PostgreSQL; what only one of
-- them understands is in the file of the same name in its own folder.
--
-- Ids are UUIDv7 as text, times are milliseconds since 1970 in UTC, booleans are 0 or 1, JSON is text.
-- Foreign keys name org_id too, so that no row can point into another organisation.

CREATE TABLE organisations (
    id            TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    slug          TEXT   NOT NULL,
    settings_json TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    version       BIGINT NOT NULL
);
CREATE UNIQUE INDEX organisations_slug ON organisations (slug);

CREATE TABLE accounts (
    id                   TEXT   NOT NULL PRIMARY KEY,
    org_id               TEXT   NOT NULL REFERENCES organisations (id),
    email                TEXT   NOT NULL,
    email_norm           TEXT   NOT NULL,
    email_verified_at    BIGINT,
    handle               TEXT   NOT NULL,
    handle_norm          TEXT   NOT NULL,
    display_name         TEXT   NOT NULL,
    given_name           TEXT,
    family_name          TEXT,
    realm                TEXT   NOT NULL CHECK (realm IN ('staff', 'consumer')),
    password_hash        TEXT,
    password_changed_at  BIGINT,
    must_change_password BIGINT NOT NULL CHECK (must_change_password IN (0, 1)),
    locale               TEXT,
    region               TEXT,
    tier                 TEXT   NOT NULL CHECK (tier IN ('free', 'premium', 'vip')),
    tier_expires_at      BIGINT,
    bio                  TEXT   NOT NULL,
    links_json           TEXT   NOT NULL,
    avatar_asset_id      TEXT,
    preferences_json     TEXT   NOT NULL,
    privacy_json         TEXT   NOT NULL,
    notifications_json   TEXT   NOT NULL,
    disabled_at          BIGINT,
    disabled_reason      TEXT,
    deleted_at           BIGINT,
    last_login_at        BIGINT,
    created_at           BIGINT NOT NULL,
    updated_at           BIGINT NOT NULL,
    version              BIGINT NOT NULL,
    token_epoch          BIGINT NOT NULL,
    UNIQUE (org_id, id)
);
-- A deleted account gives its address and its handle free.
CREATE UNIQUE INDEX accounts_email_norm ON accounts (email_norm) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX accounts_handle_norm ON accounts (handle_norm) WHERE deleted_at IS NULL;
CREATE INDEX accounts_by_email ON accounts (org_id, email_norm, id);
CREATE INDEX accounts_by_handle ON accounts (org_id, handle_norm, id);
CREATE INDEX accounts_by_login ON accounts (org_id, COALESCE(last_login_at, 0) DESC, id DESC);
CREATE INDEX accounts_disabled ON accounts (org_id, id) WHERE disabled_at IS NOT NULL;
CREATE INDEX accounts_unverified ON accounts (org_id, id) WHERE email_verified_at IS NULL;
-- Counting reads an index alone, and not the wide rows. (What a partial index says of a column, SQLite asks the
-- row again.)
CREATE INDEX accounts_present ON accounts (org_id, deleted_at, id);
CREATE INDEX accounts_deleted ON accounts (org_id, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE memberships (
    org_id       TEXT   NOT NULL,
    account_id   TEXT   NOT NULL,
    role         TEXT   NOT NULL CHECK (role IN ('viewer', 'creator', 'moderator', 'admin')),
    access_level TEXT,
    department   TEXT,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (org_id, account_id),
    FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE
);
CREATE INDEX memberships_by_role ON memberships (org_id, role, account_id);
CREATE INDEX memberships_by_account ON memberships (account_id);

CREATE TABLE password_history (
    id         TEXT   NOT NULL PRIMARY KEY,
    org_id     TEXT   NOT NULL,
    account_id TEXT   NOT NULL,
    hash       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE
);
CREATE INDEX password_history_by_account ON password_history (org_id, account_id, id);

CREATE TABLE legal_documents (
    id           TEXT   NOT NULL PRIMARY KEY,
    org_id       TEXT   NOT NULL REFERENCES organisations (id),
    kind         TEXT   NOT NULL CHECK (kind IN ('terms')),
    version      TEXT   NOT NULL,
    title        TEXT   NOT NULL,
    body         TEXT   NOT NULL,
    published_at BIGINT NOT NULL,
    UNIQUE (org_id, id)
);
CREATE UNIQUE INDEX legal_documents_version ON legal_documents (org_id, kind, version);

CREATE TABLE legal_acceptances (
    org_id      TEXT   NOT NULL,
    account_id  TEXT   NOT NULL,
    document_id TEXT   NOT NULL,
    accepted_at BIGINT NOT NULL,
    address     TEXT,
    PRIMARY KEY (org_id, account_id, document_id),
    FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, document_id) REFERENCES legal_documents (org_id, id)
);

CREATE TABLE sessions (
    id             TEXT   NOT NULL PRIMARY KEY,
    org_id         TEXT   NOT NULL,
    account_id     TEXT   NOT NULL,
    device         TEXT   NOT NULL,
    user_agent     TEXT   NOT NULL,
    address        TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    last_seen_at   BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    idle_seconds   BIGINT NOT NULL,
    mfa_at         BIGINT,
    revoked_at     BIGINT,
    revoked_reason TEXT,
    UNIQUE (org_id, id),
    FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_account ON sessions (org_id, account_id, id);
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE INDEX sessions_open ON sessions (org_id, revoked_at, expires_at, last_seen_at, idle_seconds);

CREATE TABLE refresh_tokens (
    id         TEXT   NOT NULL PRIMARY KEY,
    org_id     TEXT   NOT NULL,
    session_id TEXT   NOT NULL,
    hash       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT,
    FOREIGN KEY (org_id, session_id) REFERENCES sessions (org_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX refresh_tokens_hash ON refresh_tokens (hash);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (org_id, session_id);
CREATE INDEX refresh_tokens_by_end ON refresh_tokens (expires_at);

CREATE TABLE totp (
    account_id    TEXT   NOT NULL PRIMARY KEY,
    org_id        TEXT   NOT NULL,
    sealed_secret TEXT   NOT NULL,
    confirmed_at  BIGINT,
    last_step     BIGINT NOT NULL,
    FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE
);

CREATE TABLE backup_codes (
    id         TEXT   NOT NULL PRIMARY KEY,
    org_id     TEXT   NOT NULL,
    account_id TEXT   NOT NULL,
    hash       TEXT   NOT NULL,
    used_at    BIGINT,
    FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE
);
CREATE INDEX backup_codes_by_account ON backup_codes (org_id, account_id);

CREATE TABLE one_time_tokens (
    id           TEXT   NOT NULL PRIMARY KEY,
    org_id       TEXT   NOT NULL REFERENCES organisations (id),
    account_id   TEXT,
    kind         TEXT   NOT NULL,
    hash         TEXT   NOT NULL,
    payload_json TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    used_at      BIGINT,
    FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX one_time_tokens_hash ON one_time_tokens (hash);
CREATE INDEX one_time_tokens_by_account ON one_time_tokens (org_id, account_id, kind);
CREATE INDEX one_time_tokens_by_end ON one_time_tokens (expires_at);

CREATE TABLE mail_outbox (
    id              TEXT   NOT NULL PRIMARY KEY,
    org_id          TEXT   NOT NULL REFERENCES organisations (id),
    recipient       TEXT   NOT NULL,
    kind            TEXT   NOT NULL,
    subject         TEXT   NOT NULL,
    text            TEXT   NOT NULL,
    html            TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    attempts        BIGINT NOT NULL,
    sent_at         BIGINT,
    last_error      TEXT
);
CREATE INDEX mail_outbox_due ON mail_outbox (next_attempt_at, id) WHERE sent_at IS NULL;
CREATE INDEX mail_outbox_by_org ON mail_outbox (org_id, id);

CREATE TABLE api_keys (
    id           TEXT   NOT NULL PRIMARY KEY,
    org_id       TEXT   NOT NULL,
    account_id   TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    hash         TEXT   NOT NULL,
    last4        TEXT   NOT NULL,
    scopes_json  TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT,
    expires_at   BIGINT,
    revoked_at   BIGINT,
    FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys (hash);
CREATE INDEX api_keys_by_account ON api_keys (org_id, account_id, id);

CREATE TABLE categories (
    id         TEXT   NOT NULL PRIMARY KEY,
    org_id     TEXT   NOT NULL REFERENCES organisations (id),
    slug       TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    position   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (org_id, id)
);
CREATE UNIQUE INDEX categories_slug ON categories (org_id, slug);

CREATE TABLE streams (
    id                 TEXT   NOT NULL PRIMARY KEY,
    org_id             TEXT   NOT NULL REFERENCES organisations (id),
    owner_id           TEXT   NOT NULL,
    name               TEXT   NOT NULL,
    title              TEXT   NOT NULL,
    description        TEXT   NOT NULL,
    category_id        TEXT,
    access             TEXT   NOT NULL
        CHECK (access IN ('public', 'unlisted', 'private', 'password', 'followers', 'premium', 'vip')),
    password_hash      TEXT,
    maturity           TEXT   NOT NULL CHECK (maturity IN ('everyone', 'teen', 'mature')),
    language           TEXT,
    thumbnail_asset_id TEXT,
    scheduled_start    BIGINT,
    featured_position  BIGINT,
    live_broadcast_id  TEXT,
    live_since         BIGINT,
    viewers            BIGINT NOT NULL,
    created_at         BIGINT NOT NULL,
    updated_at         BIGINT NOT NULL,
    deleted_at         BIGINT,
    version            BIGINT NOT NULL,
    UNIQUE (org_id, id),
    FOREIGN KEY (org_id, owner_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, category_id) REFERENCES categories (org_id, id)
);
-- A deleted stream gives its name free.
CREATE UNIQUE INDEX streams_name ON streams (name) WHERE deleted_at IS NULL;
CREATE INDEX streams_by_owner ON streams (org_id, owner_id, id);
CREATE INDEX streams_by_category ON streams (org_id, category_id, id);
CREATE INDEX streams_by_viewers ON streams (org_id, viewers DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX streams_by_age ON streams (org_id, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX streams_by_title ON streams (org_id, lower(title), id) WHERE deleted_at IS NULL;
CREATE INDEX streams_live ON streams (org_id, viewers DESC, id DESC)
    WHERE deleted_at IS NULL AND live_since IS NOT NULL;
CREATE INDEX streams_present ON streams (org_id, deleted_at, live_since);
CREATE INDEX streams_featured ON streams (org_id, featured_position)
    WHERE deleted_at IS NULL AND featured_position IS NOT NULL;

CREATE TABLE stream_tags (
    org_id    TEXT NOT NULL,
    stream_id TEXT NOT NULL,
    tag       TEXT NOT NULL,
    PRIMARY KEY (org_id, stream_id, tag),
    FOREIGN KEY (org_id, stream_id) REFERENCES streams (org_id, id) ON DELETE CASCADE
);
CREATE INDEX stream_tags_by_tag ON stream_tags (org_id, tag, stream_id);

CREATE TABLE stream_keys (
    id           TEXT   NOT NULL PRIMARY KEY,
    org_id       TEXT   NOT NULL,
    stream_id    TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    hash         TEXT   NOT NULL,
    sealed       TEXT   NOT NULL,
    last4        TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    revoked_at   BIGINT,
    last_used_at BIGINT,
    FOREIGN KEY (org_id, stream_id) REFERENCES streams (org_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX stream_keys_hash ON stream_keys (hash);
CREATE INDEX stream_keys_by_stream ON stream_keys (org_id, stream_id, id);

CREATE TABLE broadcasts (
    id            TEXT   NOT NULL PRIMARY KEY,
    org_id        TEXT   NOT NULL,
    stream_id     TEXT   NOT NULL,
    started_at    BIGINT NOT NULL,
    live_at       BIGINT,
    ended_at      BIGINT,
    end_reason    TEXT,
    title         TEXT   NOT NULL,
    category_id   TEXT,
    publisher     TEXT   NOT NULL,
    codec         TEXT,
    peak_viewers  BIGINT NOT NULL,
    joins         BIGINT NOT NULL,
    watch_seconds BIGINT NOT NULL,
    metrics_json  TEXT   NOT NULL,
    errors_json   TEXT   NOT NULL,
    UNIQUE (org_id, id),
    FOREIGN KEY (org_id, stream_id) REFERENCES streams (org_id, id) ON DELETE CASCADE
);
CREATE INDEX broadcasts_by_stream ON broadcasts (org_id, stream_id, id);
CREATE INDEX broadcasts_open ON broadcasts (id) WHERE ended_at IS NULL;

CREATE TABLE follows (
    org_id     TEXT   NOT NULL,
    account_id TEXT   NOT NULL,
    owner_id   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, account_id, owner_id),
    FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, owner_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE
);
CREATE INDEX follows_by_owner ON follows (org_id, owner_id, account_id);

CREATE TABLE library (
    org_id     TEXT   NOT NULL,
    account_id TEXT   NOT NULL,
    stream_id  TEXT   NOT NULL,
    kind       TEXT   NOT NULL CHECK (kind IN ('saved', 'favorite')),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, account_id, kind, stream_id),
    FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, stream_id) REFERENCES streams (org_id, id) ON DELETE CASCADE
);
CREATE INDEX library_by_stream ON library (org_id, stream_id);

CREATE TABLE viewing_history (
    id               TEXT   NOT NULL PRIMARY KEY,
    org_id           TEXT   NOT NULL,
    account_id       TEXT   NOT NULL,
    stream_id        TEXT   NOT NULL,
    broadcast_id     TEXT,
    started_at       BIGINT NOT NULL,
    ended_at         BIGINT,
    duration_watched BIGINT NOT NULL,
    quality_level    TEXT,
    device_type      TEXT,
    exit_reason      TEXT,
    engagement_score DOUBLE PRECISION NOT NULL,
    FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, stream_id) REFERENCES streams (org_id, id) ON DELETE CASCADE
);
CREATE INDEX viewing_history_by_account ON viewing_history (org_id, account_id, id);
CREATE INDEX viewing_history_by_stream ON viewing_history (org_id, stream_id);

CREATE TABLE blocks (
    org_id     TEXT   NOT NULL,
    account_id TEXT   NOT NULL,
    blocked_id TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, account_id, blocked_id),
    FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, blocked_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE
);
CREATE INDEX blocks_by_blocked ON blocks (org_id, blocked_id);

-- Rows are only ever added: triggers in the folders refuse anything else. Nothing is referenced, because
-- an entry outlives what it is about.
CREATE TABLE audit_log (
    seq         BIGINT NOT NULL,
    org_id      TEXT   NOT NULL REFERENCES organisations (id),
    id          TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    actor_id    TEXT,
    actor_kind  TEXT   NOT NULL CHECK (actor_kind IN ('account', 'api_key', 'system', 'cli')),
    action      TEXT   NOT NULL,
    target_kind TEXT   NOT NULL,
    target_id   TEXT   NOT NULL,
    address     TEXT,
    detail_json TEXT   NOT NULL,
    prev_hash   TEXT   NOT NULL,
    hash        TEXT   NOT NULL,
    PRIMARY KEY (org_id, seq)
);
CREATE INDEX audit_log_by_action ON audit_log (org_id, action, seq);
CREATE INDEX audit_log_by_actor ON audit_log (org_id, actor_id, seq);
CREATE INDEX audit_log_by_target ON audit_log (org_id, target_id, seq);

-- The end of each chain: what the next entry continues, and how a cut-off tail is noticed.
CREATE TABLE audit_heads (
    org_id TEXT   NOT NULL PRIMARY KEY REFERENCES organisations (id),
    seq    BIGINT NOT NULL,
    hash   TEXT   NOT NULL
);

CREATE TABLE settings (
    org_id     TEXT   NOT NULL REFERENCES organisations (id),
    key        TEXT   NOT NULL,
    value_json TEXT   NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, key)
);

CREATE TABLE signing_keys (
    id             TEXT   NOT NULL PRIMARY KEY,
    public         TEXT   NOT NULL,
    sealed_private TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    retired_at     BIGINT
);
