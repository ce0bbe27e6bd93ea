-- Pictures: a type for bytes has another name in each database.
CREATE TABLE assets (
    id           TEXT   NOT NULL PRIMARY KEY,
    org_id       TEXT   NOT NULL REFERENCES organisations (id),
    kind         TEXT   NOT NULL,
    content_type TEXT   NOT NULL,
    bytes        BYTEA  NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE INDEX assets_by_org ON assets (org_id, id);

CREATE FUNCTION audit_log_is_only_appended_to() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is only appended to'; END $$;
CREATE TRIGGER audit_log_is_kept BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_is_only_appended_to();
CREATE TRIGGER audit_log_is_not_emptied BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_only_appended_to();

-- Counts accounts and those that are disabled: all entries are alike, so that it is a hundredth of the table.
CREATE INDEX accounts_counted ON accounts (org_id, disabled_at) WHERE deleted_at IS NULL;

-- The words that streams and accounts are found by, and their index. Texts arrive as lower-case words
-- with a blank between them, so no parser has anything to decide.
CREATE TABLE stream_words (
    org_id      TEXT NOT NULL,
    stream_id   TEXT NOT NULL PRIMARY KEY,
    words       TEXT NOT NULL,
    lexemes     tsvector NOT NULL GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED,
    FOREIGN KEY (org_id, stream_id) REFERENCES streams (org_id, id) ON DELETE CASCADE
);
CREATE INDEX stream_index ON stream_words USING gin (lexemes);

CREATE TABLE account_words (
    org_id      TEXT NOT NULL,
    account_id  TEXT NOT NULL PRIMARY KEY,
    words       TEXT NOT NULL,
    -- Those of `words` that are not of the email address.
    names       TEXT NOT NULL,
    lexemes     tsvector NOT NULL GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED,
    FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id) ON DELETE CASCADE
);
CREATE INDEX account_index ON account_words USING gin (lexemes);
