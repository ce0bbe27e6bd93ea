-- Pictures: a type for bytes has another name in each database.
CREATE TABLE assets (
    id           TEXT   NOT NULL PRIMARY KEY,
    org_id       TEXT   NOT NULL REFERENCES organisations (id),
    kind         TEXT   NOT NULL,
    content_type TEXT   NOT NULL,
    bytes        BLOB   NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE INDEX assets_by_org ON assets (org_id, id);

CREATE TRIGGER audit_log_is_not_changed BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is only appended to'); END;
CREATE TRIGGER audit_log_is_not_cut BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is only appended to'); END;

-- Counts accounts and those that are disabled. With the id last it is as good for lists as any other index, so
-- that none is sorted for having chosen it.
CREATE INDEX accounts_counted ON accounts (org_id, deleted_at, disabled_at, id);

-- The words that streams and accounts are found by, and their index. Texts arrive as lower-case words
-- with a blank between them, so the tokenizer has nothing to decide.
CREATE TABLE stream_words (
    docid       INTEGER NOT NULL PRIMARY KEY,
    org_id      TEXT NOT NULL,
    stream_id   TEXT NOT NULL UNIQUE,
    words       TEXT NOT NULL,
    FOREIGN KEY (org_id, stream_id) REFERENCES streams (org_id, id) ON DELETE CASCADE
);
CREATE VIRTUAL TABLE stream_index USING fts5 (
    words, content = 'stream_words', content_rowid = 'docid', prefix = '1 2 3',
    tokenize = 'unicode61 remove_diacritics 0'
);
CREATE TRIGGER stream_words_added AFTER INSERT ON stream_words BEGIN
    INSERT INTO stream_index (rowid, words) VALUES (new.docid, new.words);
END;
CREATE TRIGGER stream_words_removed AFTER DELETE ON stream_words BEGIN
    INSERT INTO stream_index (stream_index, rowid, words) VALUES ('delete', old.docid, old.words);
END;
CREATE TRIGGER stream_words_changed AFTER UPDATE ON stream_words BEGIN
    INSERT INTO stream_index (stream_index, rowid, words) VALUES ('delete', old.docid, old.words);
    INSERT INTO stream_index (rowid, words) VALUES (new.docid, new.words);
END;

CREATE TABLE account_words (
    docid       INTEGER NOT NULL PRIMARY KEY,
    org_id      TEXT NOT NULL,
    account_id  TEXT NOT NULL UNIQUE,
    words       TEXT NOT NULL,
    -- Those of `words` that are not of the email address.
    names       TEXT NOT NULL,
    FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE
);
CREATE VIRTUAL TABLE account_index USING fts5 (
    words, content = 'account_words', content_rowid = 'docid', prefix = '1 2 3',
    tokenize = 'unicode61 remove_diacritics 0'
);
CREATE TRIGGER account_words_added AFTER INSERT ON account_words BEGIN
    INSERT INTO account_index (rowid, words) VALUES (new.docid, new.words);
END;
CREATE TRIGGER account_words_removed AFTER DELETE ON account_words BEGIN
    INSERT INTO account_index (account_index, rowid, words) VALUES ('delete', old.docid, old.words);
END;
CREATE TRIGGER account_words_changed AFTER UPDATE ON account_words BEGIN
    INSERT INTO account_index (account_index, rowid, words) VALUES ('delete', old.docid, old.words);
    INSERT INTO account_index (rowid, words) VALUES (new.docid, new.words);
END;
