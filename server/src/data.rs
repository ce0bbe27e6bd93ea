//! Opens what is remembered: the database, and accounts on it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use sluice_accounts::Accounts;
use sluice_accounts::clock::Clock;
use sluice_accounts::config::{AccountsConfig, SessionLimits, SmtpConfig, SmtpTls};
use sluice_store::Store;

use crate::config::{Config, MailTls, Period};

/// File of the data directory with the database, where no other is configured.
const DATABASE_FILE: &str = "sluice.db";

/// File of the data directory with the key under which secrets are sealed.
const MASTER_KEY_FILE: &str = "master.key";

/// The master key file of a configuration.
pub(crate) fn master_key_file(config: &Config) -> PathBuf {
    config.server.data_dir.join(MASTER_KEY_FILE)
}

/// The address of the database.
pub(crate) fn url(config: &Config) -> Result<String> {
    match &config.database.url {
        Some(url) => Ok(url.0.expose().clone()),
        None => {
            let file = config.server.data_dir.join(DATABASE_FILE);
            let path = file.to_str().context("the path of `data_dir` is not UTF-8")?;
            Ok(format!("sqlite:{path}"))
        }
    }
}

/// Opens the database without changing anything in it.
pub(crate) async fn open(config: &Config) -> Result<Store> {
    let data_dir = &config.server.data_dir;
    match &config.database.url {
        Some(url) => {
            let store = Store::open(url.0.expose()).await;
            store.context("the database of `database.url` cannot be opened")
        }
        None => {
            fs::create_dir_all(data_dir).with_context(|| {
                format!("{} cannot be made; set `data_dir` to a directory of ours", data_dir.display())
            })?;
            let file = data_dir.join(DATABASE_FILE);
            Store::open_file(&file).await.with_context(|| format!("{} cannot be opened", file.display()))
        }
    }
}

/// Opens the database and brings its schema up to date.
pub(crate) async fn open_current(config: &Config) -> Result<Store> {
    let store = open(config).await?;
    store.migrate().await.context("the database cannot be brought up to date")?;
    Ok(store)
}

/// Opens accounts on a database that is up to date. `public_url` begins the links in mails until the
/// organisation has an address of its own.
pub(crate) async fn accounts(config: &Config, store: Store, public_url: &str) -> Result<Accounts> {
    let data_dir = &config.server.data_dir;
    fs::create_dir_all(data_dir).with_context(|| format!("{} cannot be made", data_dir.display()))?;
    let settings = settings(config, public_url);
    Accounts::open(store, settings, Clock::system()).await.context("accounts cannot be opened")
}

fn settings(config: &Config, public_url: &str) -> AccountsConfig {
    let accounts = &config.accounts;
    AccountsConfig {
        smtp: smtp(config),
        consumer_sessions: limits(accounts.sessions, accounts.session_idle, accounts.session_length),
        moderator_sessions: limits(
            accounts.moderator_sessions,
            accounts.moderator_session_idle,
            accounts.moderator_session_length,
        ),
        admin_sessions: limits(
            accounts.admin_sessions,
            accounts.admin_session_idle,
            accounts.admin_session_length,
        ),
        access_token_seconds: seconds(accounts.access_token),
        playback_token_seconds: seconds(accounts.playback_token),
        max_concurrent_streams: accounts.max_concurrent_streams,
        common_passwords_file: accounts.common_passwords.clone(),
        ..AccountsConfig::new(master_key_file(config), public_url.to_owned())
    }
}

fn smtp(config: &Config) -> Option<SmtpConfig> {
    let smtp = &config.smtp;
    Some(SmtpConfig {
        host: smtp.host.clone()?,
        port: smtp.port,
        user: smtp.user.clone(),
        password: smtp.password.as_ref().map(|password| password.0.clone()),
        tls: match smtp.tls {
            MailTls::Starttls => SmtpTls::StartTls,
            MailTls::Tls => SmtpTls::Tls,
            MailTls::None => SmtpTls::None,
        },
        from: smtp.from.clone()?,
    })
}

fn limits(concurrent: u32, idle: Period, absolute: Period) -> SessionLimits {
    SessionLimits {
        concurrent: (concurrent > 0).then_some(concurrent as usize),
        idle_seconds: seconds(idle),
        absolute_seconds: seconds(absolute),
    }
}

fn seconds(period: Period) -> i64 {
    i64::try_from(period.0.as_secs()).unwrap_or(i64::MAX)
}
