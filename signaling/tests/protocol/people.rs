//! The people and streams of a test: an owner, a stranger, a moderator, and what they may.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Mutex;

use sluice_accounts::password::HashCost;
use sluice_accounts::{
    Accounts, AccountsConfig, Actor, Client, Clock, MemberChange, NewMember, SetUp, SignIn, SignUpMode,
    SignedIn, Tokens,
};
use sluice_domain::{AccessLevel, AccountId, Maturity, OrgId, Redacted, Role, Scope, StreamId, Tier};
use sluice_store::testing::TestDatabase;
use sluice_store::{NewStream, Store, Stream, StreamChange};

/// Whose streams they are.
pub(crate) const OWNER: &str = "owner";
/// Somebody with an account and nothing else.
pub(crate) const STRANGER: &str = "stranger";
/// Who reads and watches everything.
pub(crate) const MODERATOR: &str = "keeper";

const PASSWORD: &str = "Correct-Horse-7-Battery";

pub(crate) struct People {
    pub(crate) store: Store,
    pub(crate) accounts: Accounts,
    pub(crate) org: OrgId,
    streams: Mutex<HashMap<String, StreamId>>,
    accounts_by_handle: HashMap<&'static str, AccountId>,
    folder: tempfile::TempDir,
    _database: TestDatabase,
}

impl People {
    pub(crate) async fn new() -> Self {
        let database = TestDatabase::sqlite();
        let store = database.store().await;
        let folder = tempfile::tempdir().unwrap();
        let config = AccountsConfig {
            hash_cost: HashCost { memory_kib: 64, passes: 1, at_once: 2 },
            ..AccountsConfig::new(folder.path().join("master.key"), "http://localhost".to_owned())
        };
        let accounts = Accounts::open(store.clone(), config, Clock::system()).await.unwrap();
        let set_up = SetUp {
            name: "Test".to_owned(),
            public_url: None,
            signup_mode: SignUpMode::Closed,
            email: "admin@example.org".parse().unwrap(),
            password: Redacted::new(PASSWORD.to_owned()),
            handle: "boss".parse().unwrap(),
            display_name: "Admin".parse().unwrap(),
        };
        let (org, _) = accounts.set_up_from_cli(&set_up).await.unwrap();
        let mut by_handle = HashMap::new();
        for (handle, role) in
            [(OWNER, Role::Creator), (STRANGER, Role::Creator), (MODERATOR, Role::Moderator)]
        {
            let new = NewMember {
                email: format!("{handle}@example.org").parse().unwrap(),
                handle: handle.parse().unwrap(),
                display_name: handle.parse().unwrap(),
                role,
                password: Redacted::new(PASSWORD.to_owned()),
            };
            by_handle.insert(handle, accounts.create_member(&Actor::CLI, org, &new).await.unwrap().id);
        }
        Self {
            store,
            accounts,
            org,
            streams: Mutex::default(),
            accounts_by_handle: by_handle,
            folder,
            _database: database,
        }
    }

    /// Makes a stream of the owner with these keys.
    pub(crate) async fn stream(&self, name: &str, access: AccessLevel, keys: &[&str]) -> StreamId {
        let new = NewStream {
            id: StreamId(self.accounts.clock().uuid()),
            owner_id: self.account(OWNER),
            name: name.parse().unwrap(),
            change: change(name, access),
        };
        let stream = self.store.streams().create(self.org, &new, 1).await.unwrap();
        for key in keys {
            let text = Some(Redacted::new((*key).to_owned()));
            self.accounts.add_stream_key(&Actor::CLI, &stream, key, None, text).await.unwrap();
        }
        self.streams.lock().unwrap().insert(name.to_owned(), stream.id);
        stream.id
    }

    pub(crate) fn account(&self, handle: &str) -> AccountId {
        self.accounts_by_handle[handle]
    }

    pub(crate) fn id(&self, stream: &str) -> StreamId {
        self.streams.lock().unwrap()[stream]
    }

    pub(crate) async fn record(&self, stream: &str) -> Stream {
        self.store.streams().by_id(self.org, self.id(stream)).await.unwrap()
    }

    pub(crate) async fn set_access(&self, stream: &str, access: AccessLevel) {
        self.change(stream, change(stream, access)).await;
    }

    pub(crate) async fn set_password(&self, stream: &str, password: &str) {
        let password_hash = Some(self.accounts.hash_password(password).await.unwrap());
        let change = StreamChange { password_hash, ..change(stream, AccessLevel::Password) };
        self.change(stream, change).await;
    }

    async fn change(&self, stream: &str, change: StreamChange) {
        let version = self.record(stream).await.version;
        self.store.streams().update(self.org, self.id(stream), version, &change, 2).await.unwrap();
    }

    /// Signs somebody in.
    pub(crate) async fn sign_in(&self, handle: &str) -> Tokens {
        let attempt = SignIn {
            email: format!("{handle}@example.org"),
            password: Redacted::new(PASSWORD.to_owned()),
            device: "test".to_owned(),
            device_token: None,
        };
        match self.accounts.sign_in(&attempt, &client()).await.unwrap() {
            SignedIn::Done(tokens) => *tokens,
            SignedIn::MfaRequired { .. } => panic!("nobody has a second factor"),
        }
    }

    /// An access token of somebody.
    pub(crate) async fn token(&self, handle: &str) -> String {
        self.sign_in(handle).await.access_token.expose().clone()
    }

    /// An API key of somebody.
    pub(crate) async fn api_key(&self, handle: &str, scopes: &[Scope]) -> String {
        let token = self.token(handle).await;
        let identity = self.accounts.authenticate(&token).await.unwrap();
        let made = self.accounts.create_api_key(&identity, "test", scopes, None, &Actor::CLI).await.unwrap();
        made.0.expose().clone()
    }

    /// A playback token of an hour ago: the same keys, another clock.
    pub(crate) async fn expired_playback_token(&self, stream: &str) -> String {
        let folder = self.folder.path().join("master.key");
        let config = AccountsConfig {
            playback_token_seconds: 60,
            ..AccountsConfig::new(folder, "http://localhost".to_owned())
        };
        let then = Clock::manual(self.accounts.clock().now_ms() - 3_600_000);
        let accounts = Accounts::open(self.store.clone(), config, then).await.unwrap();
        let holder = format!("{}/-/0", self.account(OWNER));
        accounts.playback_token(&holder, self.id(stream), None).0.expose().clone()
    }

    /// Ends every sign-in of somebody.
    pub(crate) async fn end_sessions(&self, handle: &str) {
        self.accounts.revoke_sessions(self.org, self.account(handle), None, &Actor::CLI).await.unwrap();
    }

    pub(crate) async fn disable(&self, handle: &str) {
        let change = MemberChange { disabled: Some(true), ..MemberChange::default() };
        self.change_member(handle, change).await;
    }

    pub(crate) async fn set_tier(&self, handle: &str, tier: Tier) {
        let change = MemberChange { tier: Some((tier, None)), ..MemberChange::default() };
        self.change_member(handle, change).await;
    }

    async fn change_member(&self, handle: &str, change: MemberChange) {
        let id = self.account(handle);
        let version = self.store.accounts().by_id(self.org, id).await.unwrap().version;
        self.accounts.change_member(&Actor::CLI, self.org, id, version, &change).await.unwrap();
    }

    pub(crate) async fn follow(&self, who: &str, whom: &str) {
        self.store.follows().add(self.org, self.account(who), self.account(whom), 1).await.unwrap();
    }
}

/// The address from which tests come.
pub(crate) const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn client() -> Client {
    Client::new(HERE, "test")
}

fn change(name: &str, access: AccessLevel) -> StreamChange {
    StreamChange {
        title: name.to_uppercase(),
        description: String::new(),
        category_id: None,
        tags: Vec::new(),
        access,
        password_hash: None,
        maturity: Maturity::Everyone,
        language: None,
        scheduled_start: None,
    }
}
