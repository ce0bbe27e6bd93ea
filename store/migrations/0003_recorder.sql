-- Recordings of broadcasts. Their files are in an object store under their id; here is what is known of them.

-- What is kept of a stream's broadcasts. A stream without a row has the defaults: everything, for as long as the
-- server keeps anything, for everybody who may watch the stream.
CREATE TABLE recording_settings (
    org_id     TEXT   NOT NULL,
    stream_id  TEXT   NOT NULL,
    record     BIGINT NOT NULL,
    visibility TEXT   NOT NULL CHECK (visibility IN ('public', 'unlisted', 'private')),
    keep_days  BIGINT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, stream_id),
    FOREIGN KEY (org_id, stream_id) REFERENCES streams (org_id, id) ON DELETE CASCADE
);

-- No stream is referenced: a row says that there are files, and goes when the files are gone and not before.
-- `delete_after` is when the recording goes by itself; `deleted_at` since when it is gone for people, who can
-- take that back for a while.
CREATE TABLE recordings (
    id             TEXT   NOT NULL PRIMARY KEY,
    org_id         TEXT   NOT NULL REFERENCES organisations (id),
    stream_id      TEXT   NOT NULL,
    broadcast_id   TEXT   NOT NULL,
    title          TEXT   NOT NULL,
    description    TEXT   NOT NULL,
    visibility     TEXT   NOT NULL CHECK (visibility IN ('public', 'unlisted', 'private')),
    state          TEXT   NOT NULL CHECK (state IN ('recording', 'processing', 'ready', 'failed')),
    failure        TEXT,
    started_at     BIGINT NOT NULL,
    ended_at       BIGINT,
    duration_ms    BIGINT NOT NULL,
    size_bytes     BIGINT NOT NULL,
    width          BIGINT,
    height         BIGINT,
    codec          TEXT,
    gaps           BIGINT NOT NULL,
    trim_start_ms  BIGINT,
    trim_end_ms    BIGINT,
    has_poster     BIGINT NOT NULL,
    has_storyboard BIGINT NOT NULL,
    has_download   BIGINT NOT NULL,
    delete_after   BIGINT,
    tier           TEXT   NOT NULL CHECK (tier IN ('hot', 'cold')),
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    deleted_at     BIGINT,
    version        BIGINT NOT NULL,
    UNIQUE (org_id, id)
);
CREATE UNIQUE INDEX recordings_by_broadcast ON recordings (org_id, broadcast_id);
CREATE INDEX recordings_by_stream ON recordings (org_id, stream_id, id);
CREATE INDEX recordings_by_org ON recordings (org_id, id);
CREATE INDEX recordings_unfinished ON recordings (id) WHERE state IN ('recording', 'processing');
CREATE INDEX recordings_due ON recordings (delete_after) WHERE delete_after IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX recordings_deleted ON recordings (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE recording_chapters (
    org_id       TEXT   NOT NULL,
    recording_id TEXT   NOT NULL,
    at_ms        BIGINT NOT NULL,
    title        TEXT   NOT NULL,
    PRIMARY KEY (org_id, recording_id, at_ms),
    FOREIGN KEY (org_id, recording_id) REFERENCES recordings (org_id, id) ON DELETE CASCADE
);

-- How far somebody has watched, so that they can go on there.
CREATE TABLE recording_positions (
    org_id       TEXT   NOT NULL,
    account_id   TEXT   NOT NULL,
    recording_id TEXT   NOT NULL,
    position_ms  BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (org_id, account_id, recording_id),
    FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, recording_id) REFERENCES recordings (org_id, id) ON DELETE CASCADE
);
CREATE INDEX recording_positions_by_recording ON recording_positions (org_id, recording_id);
