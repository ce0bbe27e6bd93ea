//! `sluice stream`: streams and their keys.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use sluice_accounts::Actor;
use sluice_domain::{AccessLevel, Maturity, Redacted, StreamId, StreamName};
use sluice_store::{NewStream, Page, Stream, StreamChange, StreamFilter, StreamSort};

use super::data::{Data, columns, secret};
use super::{Source, say};
use crate::config::Period;

#[derive(Debug, Subcommand)]
pub(super) enum StreamCommand {
    /// Makes a stream with a key, and prints the key.
    Create(Create),
    /// Lists the streams of the server.
    List {
        #[command(flatten)]
        source: Source,
    },
    /// Gives a stream another key, and prints it.
    AddKey {
        /// The stream.
        name: StreamName,
        #[command(flatten)]
        key: NewKey,
        #[command(flatten)]
        source: Source,
    },
    /// Puts a new key in the place of an old one, and prints it.
    RotateKey {
        /// The stream.
        name: StreamName,
        /// What the old key is called.
        #[arg(default_value = "Default")]
        key: String,
        /// How long the old key still works, such as 1h. At once, a publisher that has it is ended.
        #[arg(long, default_value = "0s", value_parser = period)]
        overlap: Period,
        #[command(flatten)]
        source: Source,
    },
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// Its name in URLs: 1 to 64 characters of a-z, 0-9, - and _.
    name: StreamName,
    /// Whose it is: an email address or a handle.
    #[arg(long)]
    owner: String,
    /// What people call it; the name where absent.
    #[arg(long)]
    title: Option<String>,
    /// Who may watch: public, unlisted, private, followers, premium or vip.
    #[arg(long, default_value = "public")]
    access: AccessLevel,
    #[command(flatten)]
    key: NewKey,
    #[command(flatten)]
    source: Source,
}

#[derive(Debug, Args)]
pub(super) struct NewKey {
    /// What the key is called.
    #[arg(long, default_value = "Default")]
    key_name: String,
    /// A file with a key to take along, 16 or more visible ASCII characters; - is standard input.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

fn period(text: &str) -> Result<Period, String> {
    Period::try_from(text.to_owned())
}

pub(super) async fn run(command: StreamCommand) -> Result<()> {
    match command {
        StreamCommand::Create(create) => create.run().await,
        StreamCommand::List { source } => list(&source).await,
        StreamCommand::AddKey { name, key, source } => {
            let data = Data::open(&source).await?;
            let stream = data.stream(name.as_str()).await?;
            let text = add_key(&data, &stream, &key.key_name, key.text()?).await?;
            say(&format!("{}\n", text.expose()))
        }
        StreamCommand::RotateKey { name, key, overlap, source } => {
            let data = Data::open(&source).await?;
            let stream = data.stream(name.as_str()).await?;
            let text = rotate(&data, &stream, &key, overlap.0).await?;
            say(&format!("{}\n", text.expose()))
        }
    }
}

impl Create {
    async fn run(self) -> Result<()> {
        ensure!(
            self.access != AccessLevel::Password,
            "a stream with a password is made in the browser, where the password is typed"
        );
        let data = Data::open(&self.source).await?;
        let owner = data.account(&self.owner).await?;
        let new = NewStream {
            id: StreamId(data.accounts.clock().uuid()),
            owner_id: owner.id,
            name: self.name.clone(),
            change: StreamChange {
                title: self.title.unwrap_or_else(|| self.name.to_string()),
                description: String::new(),
                category_id: None,
                tags: Vec::new(),
                access: self.access,
                password_hash: None,
                maturity: Maturity::Everyone,
                language: None,
                scheduled_start: None,
            },
        };
        // A key that cannot be taken leaves no stream without one.
        let text = self.key.text()?;
        let now = data.accounts.clock().now_ms();
        let stream = data.store.streams().create(owner.org_id, &new, now).await;
        let stream = stream.with_context(|| format!("the stream {} cannot be made", self.name))?;
        let text = add_key(&data, &stream, &self.key.key_name, text).await?;
        say(&format!("{}\n", text.expose()))
    }
}

impl NewKey {
    /// The key that is brought along, if one is.
    fn text(&self) -> Result<Option<Redacted<String>>> {
        let Some(file) = &self.key_file else { return Ok(None) };
        let text = secret(file)?;
        ensure!(
            sluice_live::is_key_text(text.expose()),
            "a key has 16 to 256 visible ASCII characters and looks like no other credential"
        );
        Ok(Some(text))
    }
}

async fn add_key(
    data: &Data,
    stream: &Stream,
    name: &str,
    text: Option<Redacted<String>>,
) -> Result<Redacted<String>> {
    let made = data.accounts.add_stream_key(&Actor::CLI, stream, name, None, text).await;
    let (_, text) = made.context("the key cannot be added; it may be in use already")?;
    Ok(text)
}

async fn rotate(data: &Data, stream: &Stream, name: &str, overlap: Duration) -> Result<Redacted<String>> {
    let now = data.accounts.clock().now_ms();
    let keys = data.store.stream_keys().of(stream.org_id, stream.id).await.context("keys cannot be read")?;
    let mut active = keys.iter().filter(|key| key.name == name && key.is_active(now));
    let old = active.next_back().with_context(|| format!("{} has no active key {name:?}", stream.name))?;
    let overlap_ms = i64::try_from(overlap.as_millis()).unwrap_or(i64::MAX);
    let made = data.accounts.rotate_stream_key(&Actor::CLI, stream, old.id, overlap_ms).await;
    let (_, text) = made.context("the key cannot be rotated")?;
    Ok(text)
}

async fn list(source: &Source) -> Result<()> {
    let data = Data::open(source).await?;
    let mut rows = Vec::new();
    for org in data.store.organisations().list().await.context("organisations cannot be read")? {
        let mut page = Page::first(200);
        loop {
            let filter = StreamFilter { sort: StreamSort::Title, ..StreamFilter::default() };
            let listed = data.store.streams().list(org.id, &filter, &page).await;
            let listed = listed.context("streams cannot be read")?;
            for stream in &listed.items {
                let owner = data.store.accounts().by_id(org.id, stream.owner_id).await;
                let owner = owner.context("the owner of a stream cannot be read")?;
                let state = if stream.live_since.is_some() { "live" } else { "offline" };
                rows.push(vec![
                    stream.name.to_string(),
                    owner.handle,
                    stream.access.to_string(),
                    state.to_owned(),
                    stream.title.clone(),
                ]);
            }
            match listed.next {
                Some(next) => page.after = Some(next),
                None => break,
            }
        }
    }
    say(&columns(&rows))
}
