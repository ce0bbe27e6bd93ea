//! The words that accounts are found by.

use sluice_domain::{AccountId, OrgId};

use crate::db::Db;
use crate::error::StoreError;
use crate::search;
use crate::statement::sql;

/// Brings the words of an account up to date.
pub(crate) async fn index(db: Db<'_>, org: OrgId, id: AccountId) -> Result<(), StoreError> {
    let texts = sql("SELECT email, handle, display_name FROM accounts \
                     WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL");
    let texts = db.first::<(String, String, String)>(texts.bind(org).bind(id)).await?;
    let Some((email, handle, display_name)) = texts else { return Ok(()) };
    let names = [handle, display_name].join(" ");
    let words = search::words(&format!("{email} {names}"));
    let names = search::words(&names);
    let write = sql("INSERT INTO account_words (org_id, account_id, words, names) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (account_id) DO UPDATE SET words = excluded.words, names = excluded.names \
         WHERE account_words.words <> excluded.words OR account_words.names <> excluded.names");
    db.write(write.bind(org).bind(id).bind(words).bind(names)).await.map(drop)
}
