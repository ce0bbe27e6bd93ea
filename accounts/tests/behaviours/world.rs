//! A server of one test: accounts on an empty database, and what its tests do again and again.

use std::net::IpAddr;

use sluice_accounts::password::HashCost;
use sluice_accounts::{
    Accounts, AccountsConfig, AccountsError, Client, Clock, EmailVerification, Identity, SetUp, SignIn,
    SignUp, SignUpMode, SignedIn, SignedUp, Tokens,
};
use sluice_domain::{AccountId, OrgId, Redacted};
use sluice_store::testing::{TestDatabase, databases};
use sluice_store::{AuditFilter, Mail, Page, Store};
use tempfile::TempDir;

pub(crate) const ADMIN: &str = "admin@example.org";
pub(crate) const ADMIN_PASSWORD: &str = "Blue-Kettle-42";
pub(crate) const PASSWORD: &str = "Violet7Garden";

pub(crate) struct World {
    pub(crate) accounts: Accounts,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) org: OrgId,
    pub(crate) admin: Tokens,
    pub(crate) folder: TempDir,
    _database: TestDatabase,
}

/// A cheap hash: what is tested here is what happens around it.
pub(crate) const CHEAP: HashCost = HashCost { memory_kib: 64, passes: 1, at_once: 4 };

pub(crate) fn config(folder: &TempDir) -> AccountsConfig {
    let url = "https://tv.example.org".to_owned();
    AccountsConfig { hash_cost: CHEAP, ..AccountsConfig::new(folder.path().join("master.key"), url) }
}

pub(crate) fn first_admin() -> SetUp {
    SetUp {
        name: "Garden TV".to_owned(),
        public_url: None,
        signup_mode: SignUpMode::Open,
        email: ADMIN.parse().unwrap(),
        password: Redacted::new(ADMIN_PASSWORD.to_owned()),
        handle: "gardener".parse().unwrap(),
        display_name: "The Gardener".parse().unwrap(),
    }
}

/// Client number `n`; each is in a network of its own.
pub(crate) fn client(n: u8) -> Client {
    Client::new(IpAddr::from([198, 51, n, 7]), "Firefox")
}

impl World {
    /// A world on each database, set up.
    pub(crate) async fn all() -> Vec<Self> {
        Self::all_with(|config| config).await
    }

    pub(crate) async fn all_with(change: impl Fn(AccountsConfig) -> AccountsConfig) -> Vec<Self> {
        let mut worlds = Vec::new();
        for database in databases().await {
            let store = database.store().await;
            let folder = tempfile::tempdir().unwrap();
            let clock = Clock::manual(1_700_000_000_000);
            let config = change(config(&folder));
            let accounts = Accounts::open(store.clone(), config, clock.clone()).await.unwrap();
            let admin = accounts.set_up(&first_admin(), &client(0)).await.unwrap();
            let org = admin.member.account.org_id;
            worlds.push(Self { accounts, store, clock, org, admin, folder, _database: database });
        }
        worlds
    }

    /// Another node on the same database.
    pub(crate) async fn another_node(&self) -> Accounts {
        Accounts::open(self.store.clone(), config(&self.folder), self.clock.clone()).await.unwrap()
    }

    /// Signs somebody up who is signed in at once.
    pub(crate) async fn person(&self, name: &str) -> Tokens {
        match self.accounts.sign_up(&sign_up(name), &client(1)).await.unwrap() {
            SignedUp::Done(tokens) => *tokens,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn sign_in(
        &self,
        email: &str,
        password: &str,
        n: u8,
    ) -> Result<SignedIn, AccountsError> {
        self.accounts.sign_in(&sign_in(email, password), &client(n)).await
    }

    /// Signs somebody in who has no second factor.
    pub(crate) async fn signed_in(&self, email: &str, password: &str, n: u8) -> Tokens {
        match self.sign_in(email, password, n).await.unwrap() {
            SignedIn::Done(tokens) => *tokens,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn identity(&self, tokens: &Tokens) -> Identity {
        self.accounts.authenticate(tokens.access_token.expose()).await.unwrap()
    }

    /// The mails to somebody, newest first.
    pub(crate) async fn mails(&self, recipient: &str) -> Vec<Mail> {
        let mails = self.store.mail_outbox().list(self.org, &Page::first(100)).await.unwrap().items;
        mails.into_iter().filter(|mail| mail.recipient == recipient).collect()
    }

    /// The token in the newest mail to somebody.
    pub(crate) async fn mailed_token(&self, recipient: &str) -> String {
        self.clock.advance(1);
        let mails = self.mails(recipient).await;
        token_of(&mails.first().expect("a mail was sent").text)
    }

    pub(crate) async fn require_verification(&self) {
        let mut settings = self.accounts.settings(self.org).await.unwrap();
        settings.settings.email_verification = Some(EmailVerification::Required);
        let actor = sluice_accounts::Actor::CLI;
        self.accounts.change_settings(&actor, self.org, &settings).await.unwrap();
    }

    /// What was noted, newest first.
    pub(crate) async fn audited(&self) -> Vec<String> {
        let page = Page::first(100);
        let entries = self.store.audit_log().list(self.org, &AuditFilter::default(), &page).await.unwrap();
        entries.items.into_iter().map(|entry| entry.action).collect()
    }
}

pub(crate) fn account_of(tokens: &Tokens) -> AccountId {
    tokens.member.account.id
}

pub(crate) fn token_of(text: &str) -> String {
    let rest = text.split_once("#token=").expect("the mail has a link").1;
    rest.split_whitespace().next().unwrap().to_owned()
}

pub(crate) fn sign_up(name: &str) -> SignUp {
    SignUp {
        email: format!("{name}@example.org").parse().unwrap(),
        password: Redacted::new(PASSWORD.to_owned()),
        handle: name.parse().unwrap(),
        display_name: name.parse().unwrap(),
        locale: None,
        terms_document: None,
        invite: None,
        device: "Laptop".to_owned(),
    }
}

pub(crate) fn sign_in(email: &str, password: &str) -> SignIn {
    SignIn {
        email: email.to_owned(),
        password: Redacted::new(password.to_owned()),
        device: "Laptop".to_owned(),
        device_token: None,
    }
}
