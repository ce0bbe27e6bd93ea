//! New keys, keys of a path, and how a key is shown.

use sluice_accounts::seal::Place;
use sluice_accounts::secrets::NewSecret;
use sluice_domain::{OrgId, Redacted, StreamId, StreamKeyId};
use sluice_store::{Stream, StreamKey};

use crate::Api;
use crate::error::ApiError;
use crate::extract::Member;
use crate::keys::StreamKey as Shown;
use crate::streams::find::editable;

/// A new key and its text. The text is kept as a hash, by which it is found, and sealed, so that its owner
/// can be shown it again.
pub(crate) fn make(
    api: &Api,
    org: OrgId,
    stream: StreamId,
    name: &str,
    expires_at: Option<i64>,
) -> (StreamKey, Redacted<String>) {
    let secret = NewSecret::stream_key();
    let id = StreamKeyId(api.accounts.clock().uuid());
    let key = StreamKey {
        id,
        org_id: org,
        stream_id: stream,
        name: name.to_owned(),
        sealed: api.accounts.master_keys().seal(&place(id), secret.text.expose().as_bytes()),
        hash: secret.hash,
        last4: secret.last4,
        created_at: api.now(),
        expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    (key, secret.text)
}

/// Where the sealed text is, so that it opens nowhere else.
pub(super) fn place(id: StreamKeyId) -> Place {
    Place::new("stream_keys", "sealed", id)
}

/// A stream that the caller may change, and a key of it.
pub(super) async fn find(
    api: &Api,
    member: &Member,
    stream: &str,
    id: StreamKeyId,
) -> Result<(Stream, StreamKey), ApiError> {
    let stream = editable(api, member, stream).await?;
    let key = api.store.stream_keys().by_id(stream.org_id, id).await?;
    if key.stream_id == stream.id { Ok((stream, key)) } else { Err(ApiError::NotFound) }
}

/// A key without its text.
pub(super) fn shown(api: &Api, key: StreamKey) -> Shown {
    let connected = api.live.stream(key.stream_id).and_then(|status| status.connected_key);
    Shown {
        connected: connected == Some(key.id),
        id: key.id.0,
        name: key.name,
        last4: key.last4,
        created_at: key.created_at,
        expires_at: key.expires_at,
        revoked_at: key.revoked_at,
        last_used_at: key.last_used_at,
    }
}
