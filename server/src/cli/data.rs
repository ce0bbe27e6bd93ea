//! What the commands about remembered things have in common.

use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use sluice_accounts::Accounts;
use sluice_domain::{Email, Handle, Redacted};
use sluice_store::{Account, Organisation, Store, Stream};

use super::Source;
use crate::config::Config;
use crate::data;

/// Most bytes that are read as a password or key.
const MAX_SECRET: u64 = 4096;

/// Everything that is remembered, open.
pub(super) struct Data {
    pub(super) store: Store,
    pub(super) accounts: Accounts,
}

impl Data {
    /// Opens what the configuration names, and brings its schema up to date.
    pub(super) async fn open(source: &Source) -> Result<Self> {
        let config = source.load()?.config;
        let store = data::open_current(&config).await?;
        let accounts = data::accounts(&config, store.clone(), &base_url(&config)).await?;
        Ok(Self { store, accounts })
    }

    /// The organisation of this server, or the one with this short name.
    pub(super) async fn org(&self, slug: Option<&str>) -> Result<Organisation> {
        let found = match slug {
            Some(slug) => self.store.organisations().by_slug(slug).await,
            None => self.store.organisations().first().await,
        };
        let found = found.context("organisations cannot be read")?;
        match slug {
            Some(slug) => found.with_context(|| format!("there is no organisation `{slug}`")),
            None => found.context(
                "nothing is set up yet; make the first account with `sluice account create --role admin`",
            ),
        }
    }

    /// An account by its email address or handle.
    pub(super) async fn account(&self, who: &str) -> Result<Account> {
        let org = self.org(None).await?.id;
        let found = if who.contains('@') {
            let email: Email = who.parse().ok().with_context(|| format!("{who:?} is no email address"))?;
            self.store.accounts().by_email(&email).await
        } else {
            let handle: Handle = who.parse().ok().with_context(|| format!("{who:?} is no handle"))?;
            self.store.accounts().by_handle(org, &handle).await
        };
        found.context("accounts cannot be read")?.with_context(|| format!("there is no account {who:?}"))
    }

    /// A stream by its name.
    pub(super) async fn stream(&self, name: &str) -> Result<Stream> {
        let name = name.parse().with_context(|| format!("{name:?} cannot be a stream"))?;
        let found = self.store.streams().by_name(&name).await.context("streams cannot be read")?;
        found.with_context(|| format!("there is no stream {name}"))
    }
}

/// The address with which links begin, until the organisation says another.
fn base_url(config: &Config) -> String {
    let listen = config.server.listen;
    let local = || match listen.ip() {
        ip if ip.is_unspecified() || ip.is_loopback() => format!("http://localhost:{}", listen.port()),
        _ => format!("http://{listen}"),
    };
    config.server.public_url.clone().unwrap_or_else(local)
}

/// A secret from a file, or from standard input where the file is `-`; without its line end.
pub(super) fn secret(file: &Path) -> Result<Redacted<String>> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin().take(MAX_SECRET).read_to_string(&mut text)
    } else {
        fs::File::open(file).and_then(|file| file.take(MAX_SECRET).read_to_string(&mut text))
    };
    read.with_context(|| format!("{} cannot be read", file.display()))?;
    let line = text.trim_end_matches(['\r', '\n']);
    ensure!(!line.is_empty(), "{} is empty", file.display());
    if line.contains(['\r', '\n']) {
        bail!("{} has more than one line", file.display());
    }
    Ok(Redacted::new(line.to_owned()))
}

/// Rows as columns that are as wide as they must be.
pub(super) fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [vec!["a".to_owned(), "b".to_owned()], vec!["long".to_owned(), "c".to_owned()]];
        assert_eq!(columns(&rows), "a     b\nlong  c\n");
        assert_eq!(columns(&[]), "");
    }

    #[test]
    fn a_secret_is_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        for (text, expected) in [("abc\r\n", Some("abc")), ("abc", Some("abc")), ("\n", None), ("a\nb", None)]
        {
            fs::write(&file, text).unwrap();
            assert_eq!(secret(&file).ok().map(|secret| secret.expose().clone()).as_deref(), expected);
        }
    }
}
