//! A server on a database of its own, with somebody of every role, and a second organisation.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use sluice_accounts::password::HashCost;
use sluice_accounts::{Accounts, AccountsConfig, Clock, SetUp, SignUpMode};
use sluice_api::{ApiConfig, Demo, RateLimits};
use sluice_domain::{AccountId, OrgId, Redacted, Role, Scope};
use sluice_live::{Live, LiveConfig};
use sluice_sfu::{Sfu, SfuConfig};
use sluice_store::testing::{TestDatabase, databases};
use sluice_store::{NewAccount, Store};

/// Of everybody.
pub(crate) const PASSWORD: &str = "Correct-Horse-7-Battery";

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    Nobody,
    Viewer,
    /// Owns the streams of [`World::stream`].
    Creator,
    /// Owns others.
    OtherCreator,
    Moderator,
    Admin,
    /// Runs another organisation of the same server.
    Foreigner,
    /// An admin's API key that may do nothing but publish.
    NarrowKey,
    /// A creator's API key with every scope.
    WideKey,
}

impl Who {
    pub(crate) const ALL: [Self; 9] = [
        Self::Nobody,
        Self::Viewer,
        Self::Creator,
        Self::OtherCreator,
        Self::Moderator,
        Self::Admin,
        Self::Foreigner,
        Self::NarrowKey,
        Self::WideKey,
    ];
}

pub(crate) struct World {
    pub(crate) http: SocketAddr,
    pub(crate) store: Store,
    pub(crate) accounts: Accounts,
    pub(crate) org: OrgId,
    tokens: BTreeMap<Who, String>,
    ids: BTreeMap<Who, AccountId>,
    client: Client,
    _database: TestDatabase,
    _folder: tempfile::TempDir,
}

/// An answer that was read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn etag(&self) -> String {
        self.headers["etag"].to_str().unwrap().to_owned()
    }
}

/// A world on each kind of database.
pub(crate) async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for database in databases().await {
        worlds.push(World::start(database).await);
    }
    worlds
}

impl World {
    /// Before anybody has an account.
    pub(crate) async fn bare(database: TestDatabase) -> Self {
        let store = database.store().await;
        let folder = tempfile::tempdir().unwrap();
        let mut config =
            AccountsConfig::new(folder.path().join("master.key"), "https://tv.example".to_owned());
        config.hash_cost = HashCost { memory_kib: 8, passes: 1, at_once: 4 };
        let accounts = Accounts::open(store.clone(), config, Clock::system()).await.unwrap();
        let sfu = SfuConfig {
            listen: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
            udp_port: 0,
            workers: 1,
            ..SfuConfig::default()
        };
        let (sfu, events) = Sfu::start(sfu).unwrap();
        let live = Live::start(LiveConfig::default(), store.clone(), accounts.clone(), sfu, events);
        let many = NonZeroU32::new(1_000_000).unwrap();
        let config = ApiConfig {
            demo: Some(Demo {
                email: "demo@example.org".to_owned(),
                password: Redacted::new("demo-password".to_owned()),
                stream: "demo".parse().unwrap(),
                key: Redacted::new("sk_demo".to_owned()),
            }),
            cors_origins: vec!["https://app.example".parse().unwrap()],
            rate_limits: RateLimits { address: many, sign_in: many, account: many },
            ..ApiConfig::default()
        };
        let router = sluice_api::router(store.clone(), accounts.clone(), live, config);
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let http = listener.local_addr().unwrap();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self {
            http,
            store,
            accounts,
            org: OrgId(uuid::Uuid::nil()),
            tokens: BTreeMap::new(),
            ids: BTreeMap::new(),
            client: Client::new(),
            _database: database,
            _folder: folder,
        }
    }

    pub(crate) async fn start(database: TestDatabase) -> Self {
        let mut world = Self::bare(database).await;
        let set_up = SetUp {
            name: "Garden TV".to_owned(),
            public_url: None,
            signup_mode: SignUpMode::Open,
            email: "admin@example.org".parse().unwrap(),
            password: Redacted::new(PASSWORD.to_owned()),
            handle: "the-admin".parse().unwrap(),
            display_name: "The Admin".parse().unwrap(),
        };
        let (org, admin) = world.accounts.set_up_from_cli(&set_up).await.unwrap();
        world.org = org;
        world.ids.insert(Who::Admin, admin);
        for (who, name, role) in [
            (Who::Viewer, "viewer", Role::Viewer),
            (Who::Creator, "creator", Role::Creator),
            (Who::OtherCreator, "other-creator", Role::Creator),
            (Who::Moderator, "moderator1", Role::Moderator),
        ] {
            let id = world.member(org, name, role).await;
            world.ids.insert(who, id);
        }
        let other = world.accounts.create_organisation("Other TV", "other", &sluice_accounts::Actor::CLI);
        let other = other.await.unwrap().id;
        let foreigner = world.member(other, "foreigner", Role::Admin).await;
        world.ids.insert(Who::Foreigner, foreigner);
        for (who, name) in [
            (Who::Admin, "admin"),
            (Who::Viewer, "viewer"),
            (Who::Creator, "creator"),
            (Who::OtherCreator, "other-creator"),
            (Who::Moderator, "moderator1"),
            (Who::Foreigner, "foreigner"),
        ] {
            let token = world.sign_in(&format!("{name}@example.org")).await;
            world.tokens.insert(who, token);
        }
        let narrow = world.api_key(Who::Admin, &[Scope::Publish]).await;
        world.tokens.insert(Who::NarrowKey, narrow);
        let wide = world.api_key(Who::Creator, Scope::ALL).await;
        world.tokens.insert(Who::WideKey, wide);
        world
    }

    /// Another account.
    pub(crate) async fn member(&self, org: OrgId, name: &str, role: Role) -> AccountId {
        let now = self.accounts.clock().now_ms();
        let new = NewAccount {
            id: AccountId(self.accounts.clock().uuid()),
            email: format!("{name}@example.org").parse().unwrap(),
            email_verified_at: Some(now),
            handle: name.parse().unwrap(),
            display_name: format!("Name of {name}"),
            realm: sluice_accounts::settings::realm_of(role),
            password_hash: Some(self.accounts.hash_password(PASSWORD).await.unwrap()),
            must_change_password: false,
            locale: None,
            role,
        };
        self.store.accounts().create_with_membership(org, &new, now).await.unwrap().id
    }

    async fn sign_in(&self, email: &str) -> String {
        let body = json!({ "email": email, "password": PASSWORD });
        let answer = self.send(Who::Nobody, Method::POST, "/auth/sign-in", Some(body)).await;
        assert_eq!(answer.status, 200, "{email}: {}", answer.text);
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    async fn api_key(&self, of: Who, scopes: &[Scope]) -> String {
        let body = json!({ "name": "test", "scopes": scopes });
        let answer = self.send(of, Method::POST, "/me/api-keys", Some(body)).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()["key"].as_str().unwrap().to_owned()
    }

    pub(crate) fn id(&self, who: Who) -> AccountId {
        self.ids[&who]
    }

    /// A stream of the creator's.
    pub(crate) async fn stream(&self, name: &str, access: &str) -> Value {
        let mut body = json!({ "name": name, "title": format!("Title of {name}"), "access": access });
        if access == "password" {
            body["password"] = json!("open sesame");
        }
        let answer = self.send(Who::Creator, Method::POST, "/streams", Some(body)).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()
    }

    pub(crate) fn request(&self, who: Who, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("http://{}/api/v1{path}", self.http));
        match self.tokens.get(&who) {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn answer(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    pub(crate) async fn send(&self, who: Who, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(who, method, path);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        self.answer(request).await
    }

    pub(crate) async fn get(&self, who: Who, path: &str) -> Answer {
        self.send(who, Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, who: Who, path: &str, body: Value) -> Answer {
        self.send(who, Method::POST, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, who: Who, path: &str, tag: &str, body: Value) -> Answer {
        self.answer(self.request(who, Method::PATCH, path).header("if-match", tag).json(&body)).await
    }
}
