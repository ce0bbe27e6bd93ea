//! Keys of streams: making, showing, rotating and revoking them. Whether a key may publish, `live` says.

use serde_json::json;
use sluice_domain::{Redacted, StreamKeyId};
use sluice_store::{Stream, StreamKey};

use crate::accounts::Accounts;
use crate::error::AccountsError;
use crate::event::AccountsEvent;
use crate::identity::Actor;
use crate::reseal::stream_key_place;
use crate::secrets::NewSecret;

/// Most keys of one stream that still work. An encoder needs one; nobody keeps hundreds apart.
const MAX_KEYS: usize = 50;

impl Accounts {
    /// Gives a stream another key: a new one, or one that is brought along. The text is what encoders show.
    pub async fn add_stream_key(
        &self,
        actor: &Actor,
        stream: &Stream,
        name: &str,
        expires_at: Option<i64>,
        text: Option<Redacted<String>>,
    ) -> Result<(StreamKey, Redacted<String>), AccountsError> {
        let (key, text) = self.new_stream_key(stream, name, expires_at, text);
        let tx = self.store().begin().await?;
        let now = self.now();
        let there = tx.stream_keys().of(stream.org_id, stream.id).await?;
        if there.iter().filter(|key| key.is_active(now)).count() >= MAX_KEYS {
            return Err(AccountsError::TooMany);
        }
        tx.stream_keys().create(&key).await?;
        let detail = json!({ "stream": stream.id, "name": name });
        self.audit(&tx, stream.org_id, actor, "stream_key.created", ("stream_key", key.id), detail).await?;
        tx.commit().await?;
        Ok((key, text))
    }

    /// Puts a new key of the same name in the place of one, which still works for `overlap_ms`.
    pub async fn rotate_stream_key(
        &self,
        actor: &Actor,
        stream: &Stream,
        old: StreamKeyId,
        overlap_ms: i64,
    ) -> Result<(StreamKey, Redacted<String>), AccountsError> {
        let tx = self.store().begin().await?;
        let before = tx.stream_keys().by_id(stream.org_id, old).await?;
        if before.stream_id != stream.id {
            return Err(AccountsError::NotFound);
        }
        let (next, text) = self.new_stream_key(stream, &before.name, before.expires_at, None);
        let now = self.now();
        let until = now.saturating_add(overlap_ms.max(0));
        tx.stream_keys().rotate(stream.org_id, old, &next, until).await?;
        let detail = json!({ "stream": stream.id, "old": old, "old_ends_at": until });
        self.audit(&tx, stream.org_id, actor, "stream_key.rotated", ("stream_key", next.id), detail).await?;
        tx.commit().await?;
        if until <= now {
            self.announce_stream_key_revoked(stream, old);
        }
        Ok((next, text))
    }

    /// Ends a key, and with it its publisher. Whether it had not been revoked before.
    pub async fn revoke_stream_key(
        &self,
        actor: &Actor,
        stream: &Stream,
        key: StreamKeyId,
    ) -> Result<bool, AccountsError> {
        let tx = self.store().begin().await?;
        if tx.stream_keys().by_id(stream.org_id, key).await?.stream_id != stream.id {
            return Err(AccountsError::NotFound);
        }
        let revoked = tx.stream_keys().revoke(stream.org_id, key, self.now()).await?;
        if revoked {
            let detail = json!({ "stream": stream.id });
            self.audit(&tx, stream.org_id, actor, "stream_key.revoked", ("stream_key", key), detail).await?;
        }
        tx.commit().await?;
        if revoked {
            self.announce_stream_key_revoked(stream, key);
        }
        Ok(revoked)
    }

    /// The text of a key. That it was shown is written down before it is.
    pub async fn show_stream_key(
        &self,
        actor: &Actor,
        stream: &Stream,
        key: StreamKeyId,
    ) -> Result<Redacted<String>, AccountsError> {
        let record = self.store().stream_keys().by_id(stream.org_id, key).await?;
        if record.stream_id != stream.id {
            return Err(AccountsError::NotFound);
        }
        let text = self.master_keys().open_text(&stream_key_place(key), &record.sealed)?;
        let detail = json!({ "stream": stream.id });
        self.audit_alone(stream.org_id, actor, "stream_key.shown", ("stream_key", key), detail).await?;
        Ok(text)
    }

    fn new_stream_key(
        &self,
        stream: &Stream,
        name: &str,
        expires_at: Option<i64>,
        text: Option<Redacted<String>>,
    ) -> (StreamKey, Redacted<String>) {
        let secret = match text {
            Some(text) => NewSecret::of(text.expose().clone()),
            None => NewSecret::stream_key(),
        };
        let id = StreamKeyId(self.clock().uuid());
        let key = StreamKey {
            id,
            org_id: stream.org_id,
            stream_id: stream.id,
            name: name.to_owned(),
            hash: secret.hash,
            sealed: self.master_keys().seal(&stream_key_place(id), secret.text.expose().as_bytes()),
            last4: secret.last4,
            created_at: self.now(),
            expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        (key, secret.text)
    }

    fn announce_stream_key_revoked(&self, stream: &Stream, key: StreamKeyId) {
        self.announce(AccountsEvent::StreamKeyRevoked { org: stream.org_id, stream: stream.id, key });
    }
}
