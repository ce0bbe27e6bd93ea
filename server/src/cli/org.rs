//! `sluice org`: organisations.

use anyhow::{Context, Result};
use clap::Subcommand;
use sluice_accounts::Actor;

use super::data::{Data, columns};
use super::{Source, say};

#[derive(Debug, Subcommand)]
pub(super) enum OrgCommand {
    /// Makes another organisation. The first one comes with the first account.
    Create {
        /// What people call it.
        name: String,
        /// Its short name: a-z, 0-9 and -.
        #[arg(long)]
        slug: String,
        #[command(flatten)]
        source: Source,
    },
    /// Lists the organisations of the server.
    List {
        #[command(flatten)]
        source: Source,
    },
}

pub(super) async fn run(command: OrgCommand) -> Result<()> {
    match command {
        OrgCommand::Create { name, slug, source } => {
            let data = Data::open(&source).await?;
            data.org(None).await?;
            let made = data.accounts.create_organisation(&name, &slug, &Actor::CLI).await;
            let made = made.with_context(|| format!("the organisation {slug} cannot be made"))?;
            say(&format!("{}\n", made.id))
        }
        OrgCommand::List { source } => {
            let data = Data::open(&source).await?;
            let all = data.store.organisations().list().await.context("organisations cannot be read")?;
            let rows: Vec<Vec<String>> =
                all.into_iter().map(|org| vec![org.slug, org.id.to_string(), org.name]).collect();
            say(&columns(&rows))
        }
    }
}
