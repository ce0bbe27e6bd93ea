//! `sluice db`: the database as a whole.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Subcommand;
use sluice_accounts::reseal::add_master_key;
use sluice_store::Store;

use super::data::{Data, columns};
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
    /// Brings a backup into a place where nothing is yet: no file, or an empty PostgreSQL database.
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
            data::open_current(&source.load()?.config).await?;
            say("The schema of the database is up to date.\n")
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
            let url = data::url(&source.load()?.config)?;
            let restored = Store::restore(&file, &url).await;
            restored.with_context(|| format!("{} cannot be restored", file.display()))?;
            say(&format!("Everything that is remembered is now what {} says.\n", file.display()))
        }
        DbCommand::Reseal { source } => {
            let config = source.load()?.config;
            let file = data::master_key_file(&config);
            let version =
                add_master_key(&file).with_context(|| format!("{} cannot be used", file.display()))?;
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

async fn status(store: &Store) -> Result<()> {
    let status = store.status().await.context("the database does not answer")?;
    let version = status.version.map_or_else(|| "none yet".to_owned(), |version| version.to_string());
    let mut text = format!("{}\nschema version {version}, {} bytes\n", status.server, status.bytes);
    for (version, name) in &status.pending {
        text.push_str(&format!("not applied yet: {version} {name}\n"));
    }
    let rows: Vec<Vec<String>> =
        status.rows.iter().map(|(table, count)| vec![table.clone(), count.to_string()]).collect();
    text.push_str(&columns(&rows));
    say(&text)
}
