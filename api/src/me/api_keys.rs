//! Keys for programs.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;

use crate::me::ApiKey;
use crate::me::view::remembered;

fn shown(key: sluice_store::ApiKey) -> ApiKey {
    ApiKey {
        id: key.id.0,
        name: key.name,
        last4: key.last4,
        scopes: remembered(key.scopes_json),
        created_at: key.created_at,
        last_used_at: key.last_used_at,
        expires_at: key.expires_at,
    }
}
