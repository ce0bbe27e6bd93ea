//! `sluice account`: the people of the server, for its operator.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use sluice_accounts::AccountsError;
use sluice_accounts::Actor;
use sluice_accounts::MemberChange;
use sluice_accounts::NewMember;
use sluice_accounts::SetUp;
use sluice_accounts::settings::SignUpMode;
use sluice_domain::{DisplayName, Email, Handle, Role};
use sluice_store::{AccountFilter, Page};

use super::data::{Data, columns, secret};
use super::{Source, generated_password, say};

#[derive(Debug, Subcommand)]
pub(super) enum AccountCommand {
    /// Makes an account. Prints its password, unless one is given. The first one must be an admin's.
    Create(Create),
    /// Lists the accounts of the server.
    List {
        #[command(flatten)]
        source: Source,
    },
    /// Prints a link with which somebody sets a new password.
    ResetLink {
        /// An email address or a handle.
        who: String,
        #[command(flatten)]
        source: Source,
    },
    /// Lets somebody in no more: ends their sign-ins, broadcasts and viewing.
    Disable {
        /// An email address or a handle.
        who: String,
        /// Why, for the audit log and for other administrators.
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        source: Source,
    },
    /// Lets somebody in again.
    Enable {
        /// An email address or a handle.
        who: String,
        #[command(flatten)]
        source: Source,
    },
    /// Takes the second factor of somebody away who has lost it, with the backup codes.
    RemoveSecondFactor {
        /// An email address or a handle.
        who: String,
        #[command(flatten)]
        source: Source,
    },
    /// Gives somebody another role.
    Role {
        /// An email address or a handle.
        who: String,
        /// viewer, creator, moderator or admin.
        role: Role,
        #[command(flatten)]
        source: Source,
    },
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// The email address with which they sign in.
    #[arg(long)]
    email: Email,
    /// The name in their channel's URL.
    #[arg(long)]
    handle: Handle,
    /// The name that others see; the handle where absent.
    #[arg(long)]
    name: Option<DisplayName>,
    /// viewer, creator, moderator or admin.
    #[arg(long, default_value = "creator")]
    role: Role,
    /// A file with the password; - is standard input. Absent: a password is made and printed.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    #[command(flatten)]
    source: Source,
}

pub(super) async fn run(command: AccountCommand) -> Result<()> {
    match command {
        AccountCommand::Create(create) => create.run().await,
        AccountCommand::List { source } => list(&source).await,
        AccountCommand::ResetLink { who, source } => {
            let data = Data::open(&source).await?;
            let account = data.account(&who).await?;
            let link = data.accounts.reset_link(&Actor::CLI, account.org_id, account.id).await;
            say(&format!("{}\n", link.context("the link cannot be made")?.expose()))
        }
        AccountCommand::Disable { who, reason, source } => {
            let reason = reason.unwrap_or_else(|| "disabled at the command line".to_owned());
            set_disabled(&source, &who, Some(&reason)).await
        }
        AccountCommand::Enable { who, source } => set_disabled(&source, &who, None).await,
        AccountCommand::RemoveSecondFactor { who, source } => {
            let data = Data::open(&source).await?;
            let account = data.account(&who).await?;
            match data.accounts.remove_second_factor(&Actor::CLI, account.org_id, account.id).await {
                Ok(()) => say(&format!("{} signs in without a second factor now.\n", account.handle)),
                Err(AccountsError::NotFound) => bail!("{} has no second factor", account.handle),
                Err(error) => Err(error).context("the second factor cannot be removed"),
            }
        }
        AccountCommand::Role { who, role, source } => {
            let data = Data::open(&source).await?;
            let account = data.account(&who).await?;
            let change = MemberChange { role: Some(role), ..MemberChange::default() };
            data.accounts
                .change_member(&Actor::CLI, account.org_id, account.id, account.version, &change)
                .await
                .with_context(|| format!("{who} cannot become {role}"))?;
            say(&format!("{} is {role} now.\n", account.handle))
        }
    }
}

async fn set_disabled(source: &Source, who: &str, reason: Option<&str>) -> Result<()> {
    let data = Data::open(source).await?;
    let account = data.account(who).await?;
    let change = MemberChange {
        disabled: Some(reason.is_some()),
        disabled_reason: reason.map(str::to_owned),
        ..MemberChange::default()
    };
    data.accounts
        .change_member(&Actor::CLI, account.org_id, account.id, account.version, &change)
        .await
        .with_context(|| format!("{who} cannot be changed"))?;
    let state = if reason.is_some() { "disabled" } else { "enabled" };
    say(&format!("{} is {state} now.\n", account.handle))
}

impl Create {
    async fn run(self) -> Result<()> {
        let data = Data::open(&self.source).await?;
        let given = self.password_file.as_deref().map(secret).transpose()?;
        let made = given.is_none();
        let password = given.unwrap_or_else(generated_password);
        let display_name = match self.name {
            Some(name) => name,
            None => {
                self.handle.as_str().parse().context("the handle cannot be a display name; give --name")?
            }
        };
        if data.accounts.needs_set_up().await.context("accounts cannot be read")? {
            if self.role != Role::Admin {
                bail!("the first account must be an admin's: it sets the server up (--role admin)");
            }
            let set_up = SetUp {
                name: "Sluice".to_owned(),
                public_url: None,
                signup_mode: SignUpMode::Closed,
                email: self.email,
                password: password.clone(),
                handle: self.handle,
                display_name,
            };
            data.accounts.set_up_from_cli(&set_up).await.context("the first account cannot be made")?;
        } else {
            let org = data.org(None).await?.id;
            let new = NewMember {
                email: self.email,
                handle: self.handle,
                display_name,
                role: self.role,
                password: password.clone(),
            };
            data.accounts
                .create_member(&Actor::CLI, org, &new)
                .await
                .context("the account cannot be made")?;
        }
        if made { say(&format!("{}\n", password.expose())) } else { Ok(()) }
    }
}

async fn list(source: &Source) -> Result<()> {
    let data = Data::open(source).await?;
    let mut rows = Vec::new();
    for org in data.store.organisations().list().await.context("organisations cannot be read")? {
        let mut page = Page::first(200);
        loop {
            let listed = data.store.accounts().list(org.id, &AccountFilter::default(), &page).await;
            let listed = listed.context("accounts cannot be read")?;
            for member in &listed.items {
                let account = &member.account;
                let state = if account.disabled_at.is_some() { "disabled" } else { "active" };
                rows.push(vec![
                    account.handle.clone(),
                    account.email.clone(),
                    member.role.to_string(),
                    state.to_owned(),
                    account.display_name.clone(),
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
