//! The command line.

mod account;
mod data;
mod db;
mod doctor;
mod health;
mod org;
mod stream;
mod turn;

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand, ValueEnum as _};
use sluice_accounts::secrets::NewSecret;
use sluice_domain::Redacted;

use crate::config::{self, Loaded, ProfileName};
use crate::serve;

/// The file that is read where none is named, if it exists.
const DEFAULT_FILE: &str = "sluice.toml";

/// What `--profile` stands for.
const PROFILE_VARIABLE: &str = "SLUICE__PROFILE";

/// Live streams that arrive in well under a second.
#[derive(Debug, Parser)]
#[command(name = "sluice", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server until SIGTERM or SIGINT; SIGHUP reloads the configuration.
    Serve(ServeArgs),
    /// Asks the server on this machine whether it takes new sessions; exit status 1 if it does not.
    Health(Source),
    /// Runs the relay (TURN) alone until SIGTERM or SIGINT.
    Turn(turn::TurnArgs),
    /// Looks at the configuration without serving.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// The database: schema, backup, restore, master key.
    #[command(subcommand)]
    Db(db::DbCommand),
    /// The people: make, list, disable, give roles and new passwords.
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// Streams and their keys.
    #[command(subcommand)]
    Stream(stream::StreamCommand),
    /// Organisations.
    #[command(subcommand)]
    Org(org::OrgCommand),
    /// Says what is wrong with the way to a node, or with this machine, and how to mend it.
    Doctor(doctor::DoctorArgs),
}

/// Where the configuration comes from.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Source {
    /// Configuration file. Without it `sluice.toml` of the current directory, if there is one.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Overrides `profile`: what the defaults are for.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<ProfileName>,
}

/// Arguments of `sluice serve`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ServeArgs {
    /// Where the configuration comes from.
    #[command(flatten)]
    pub source: Source,
    /// Starts with a ready account, stream and key, and prints how to sign in, publish and watch.
    #[arg(long)]
    pub demo: bool,
    /// Overrides `listen`, for example 127.0.0.1:0. With port 0 the internal listener takes a free
    /// port too.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Overrides `media.udp_port`; 0 picks a free one.
    #[arg(long, value_name = "PORT")]
    pub udp_port: Option<u16>,
    /// Writes addresses, stream, key and process id to this file once everything listens.
    #[arg(long, value_name = "FILE")]
    pub ready_json: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Says what is wrong with the configuration; exit status 1 if anything is.
    Check(Source),
    /// Prints the configuration as the server would use it.
    Print {
        #[command(flatten)]
        source: Source,
        /// Replaces passwords and credentials, for bug reports.
        #[arg(long)]
        redacted: bool,
    },
    /// Prints the commented sample file with every key.
    Sample,
}

/// Runs what the command line asks for.
pub fn run(cli: Cli) -> Result<ExitCode> {
    match cli.command {
        Command::Doctor(args) => return wait_for(doctor::run(args)),
        Command::Serve(args) => serve::run(args),
        Command::Health(source) => health::run(&source),
        Command::Turn(args) => turn::run(&args),
        Command::Config(ConfigCommand::Check(source)) => {
            source.load()?;
            say("The configuration is valid.\n")
        }
        Command::Config(ConfigCommand::Print { source, redacted }) => {
            let loaded = source.load()?;
            let text = match redacted {
                true => loaded.config.to_redacted_toml(),
                false => {
                    loaded.to_toml_with_secrets().context("the configuration cannot be written as TOML")?
                }
            };
            say(&text)
        }
        Command::Config(ConfigCommand::Sample) => say(&config::sample()),
        Command::Db(command) => wait_for(db::run(command)),
        Command::Account(command) => wait_for(account::run(command)),
        Command::Stream(command) => wait_for(stream::run(command)),
        Command::Org(command) => wait_for(org::run(command)),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// A password that follows every rule that an organisation has by default.
pub(crate) fn generated_password() -> Redacted<String> {
    let token = NewSecret::token().text;
    let (letters, _) = token.expose().split_at(20);
    Redacted::new(format!("{letters}-Aa1"))
}

/// Runs a command that asks the database.
fn wait_for<T>(command: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.context("the runtime cannot be started")?.block_on(command)
}

impl Source {
    /// The file that is read, if any.
    pub(crate) fn file(&self) -> Option<&Path> {
        let default = Path::new(DEFAULT_FILE);
        self.config.as_deref().or_else(|| default.exists().then_some(default))
    }

    /// Reads file and environment.
    pub(crate) fn load(&self) -> Result<Loaded> {
        let text = self
            .file()
            .map(|path| {
                fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
            })
            .transpose()?;
        // Names and values that are not Unicode cannot be ours.
        let mut environment: Vec<(String, String)> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        if let Some(profile) = self.profile {
            let name = profile.to_possible_value().expect("no profile is hidden").get_name().to_owned();
            environment.retain(|(variable, _)| variable != PROFILE_VARIABLE);
            environment.push((PROFILE_VARIABLE.to_owned(), name));
        }
        let loaded = config::load(self.file().zip(text.as_deref()), &environment)
            .context("the configuration cannot be used")?;
        Ok(loaded)
    }
}

/// Writes to standard output. A reader that has gone away is no error.
pub(crate) fn say(text: &str) -> Result<()> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("standard output cannot be written")
        }
        _ => Ok(()),
    }
}
