//! The second factor of the account.

pub(crate) mod begin;
pub(crate) mod confirm;
pub(crate) mod remove;
pub(crate) mod replace_backup_codes;

use sluice_domain::Redacted;

use crate::me::BackupCodes;

fn codes(codes: Vec<Redacted<String>>) -> BackupCodes {
    BackupCodes { backup_codes: codes.into_iter().map(|code| code.expose().clone()).collect() }
}
