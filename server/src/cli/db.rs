//! `sluice db`: the database as a whole.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Subcommand;
use sluice_accounts::reseal::add_master_key;
use sluice_store::Store;

use super::data::Data;
use super::{Source, say};
use crate::data;

#[derive(Debug, Subcommand)]
pub(super) enum DbCommand {
    /// Brings the schema up to date. `sluice serve` does so by itself.
    Migrate {
        #[command(flatten)]
        source: Source,
    },
    /// Says which database it is, whether it answers, and how far its schema is.
    Status {
        #[command(flatten)]
        source: Source,
    },
    /// Writes everything that is remembered to a file, while the server runs or not. The master key is
    /// not in it: keep a copy of that elsewhere.
    Backup {
        /// The file; it must not exist.
        file: PathBuf,
        #[command(flatten)]
        source: Source,
    },
    /// Puts a backup in the place of everything that is remembered. The server must not run.
    Restore {
        /// The file that `backup` wrote.
        file: PathBuf,
        #[command(flatten)]
        source: Source,
    },
    /// Adds a version to the master key and seals every secret anew under it. Restart the server then.
    Reseal {
        #[command(flatten)]
        source: Source,
    },
}

pub(super) async fn run(command: DbCommand) -> Result<()> {
    match command {
        DbCommand::Migrate { source } => {
            let store = data::open_current(&source.load()?.config).await?;
            let status = store.status().await.context("the database cannot be asked")?;
            say(&format!("The schema is at version {}.\n", status.version))
        }
        DbCommand::Status { source } => {
            let store = data::open(&source.load()?.config).await?;
            status(&store).await
        }
        DbCommand::Backup { file, source } => {
            let store = data::open(&source.load()?.config).await?;
            store.backup(&file).await.with_context(|| format!("{} cannot be written", file.display()))?;
            say(&format!("Everything that is remembered is in {}.\n", file.display()))
        }
        DbCommand::Restore { file, source } => {
            let config = source.load()?.config;
            let url = data::url(&config)?;
            Store::restore(&url, &file)
                .await
                .with_context(|| format!("{} cannot be restored", file.display()))?;
            say(&format!("Everything that is remembered is now what {} says.\n", file.display()))
        }
        DbCommand::Reseal { source } => {
            let config = source.load()?.config;
            let file = data::master_key_file(&config);
            let version = add_master_key(&file).with_context(|| format!("{} cannot be used", file.display()))?;
            // Opened after it, so that the new version seals.
            let data = Data::open(&source).await?;
            let done = data.accounts.reseal().await.context("not every secret could be sealed anew")?;
            say(&format!(
                "Sealed anew under version {version} of the master key: {} stream keys, {} authenticator \
                 secrets, {} signing keys.\nRestart the server: it reads the key file when it starts.\n",
                done.stream_keys, done.totp, done.signing_keys
            ))
        }
    }
}
