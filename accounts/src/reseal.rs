//! Sealing everything anew under the newest version of the master key.

use std::path::Path;

use sluice_domain::StreamKeyId;

use crate::accounts::Accounts;
use crate::error::AccountsError;
use crate::seal::{MasterKeys, Place, SealError};

/// How many blobs were sealed anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Under which version everything is sealed now.
    pub version: u32,
    /// Stream keys.
    pub stream_keys: u64,
    /// Secrets of authenticator apps.
    pub totp: u64,
    /// Signing keys.
    pub signing_keys: u64,
}

/// Stream keys that are read at a time.
const BATCH: u32 = 500;

/// Adds a version to the master key file; what is sealed from the next start on is sealed under it.
pub fn add_master_key(path: &Path) -> Result<u32, SealError> {
    Ok(MasterKeys::add_version(path)?.newest())
}

impl Accounts {
    /// Seals everything anew that is not sealed under the newest version. Can be stopped and begun again;
    /// a blob that changes meanwhile is left as it is, because it was sealed anew then.
    pub async fn reseal(&self) -> Result<Resealed, AccountsError> {
        let keys = self.master_keys();
        let mut done = Resealed { version: keys.newest(), ..Resealed::default() };
        let mut after: Option<StreamKeyId> = None;
        loop {
            let batch = self.store().stream_keys().all(after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = Some(last.id);
            for key in &batch {
                let place = stream_key_place(key.id);
                if let Some(new) = keys.reseal(&place, &key.sealed)? {
                    let changed =
                        self.store().stream_keys().reseal(key.org_id, key.id, &key.sealed, &new).await?;
                    done.stream_keys += u64::from(changed);
                }
            }
        }
        for totp in self.store().totp().all().await? {
            let place = Place::new("totp", "sealed_secret", totp.account_id);
            if let Some(new) = keys.reseal(&place, &totp.sealed_secret)? {
                let table = self.store().totp();
                let changed = table.reseal(totp.org_id, totp.account_id, &totp.sealed_secret, &new).await?;
                done.totp += u64::from(changed);
            }
        }
        for key in self.store().signing_keys().list().await? {
            let place = Place::new("signing_keys", "sealed_private", key.id);
            if let Some(new) = keys.reseal(&place, &key.sealed_private)? {
                let changed = self.store().signing_keys().reseal(key.id, &key.sealed_private, &new).await?;
                done.signing_keys += u64::from(changed);
            }
        }
        Ok(done)
    }
}

/// Where the sealed text of a stream key stands.
pub fn stream_key_place(key: StreamKeyId) -> Place {
    Place::new("stream_keys", "sealed", key)
}
