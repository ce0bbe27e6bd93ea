//! Records that tests begin with.

use serde_json::json;
use sluice_domain::role::Role;
use sluice_domain::{AccessLevel, AccountId, Maturity, OrgId, Realm, SignInId, StreamId, TokenId};
use sluice_store::{
    Account, NewAccount, NewStream, Organisation, RefreshToken, Session, Store, Stream, StreamChange,
};
use uuid::Uuid;

/// The time of most tests.
pub(crate) const NOW: i64 = 1_790_000_000_000;

/// A new id.
pub(crate) fn id() -> Uuid {
    Uuid::now_v7()
}

/// An organisation.
pub(crate) async fn org(store: &Store, slug: &str) -> OrgId {
    let id = OrgId(id());
    let organisation = Organisation {
        id,
        name: slug.to_uppercase(),
        slug: slug.to_owned(),
        settings_json: json!({}),
        created_at: NOW,
        version: 1,
    };
    store.organisations().create(&organisation).await.unwrap();
    id
}

/// What is needed for an account with a handle.
pub(crate) fn person(handle: &str, role: Role) -> NewAccount {
    NewAccount {
        id: AccountId(id()),
        email: format!("{handle}@example.org").parse().unwrap(),
        email_verified_at: None,
        handle: handle.parse().unwrap(),
        display_name: handle.to_owned(),
        realm: Realm::Consumer,
        password_hash: Some("argon".to_owned()),
        must_change_password: false,
        locale: None,
        role,
    }
}

/// An account.
pub(crate) async fn account(store: &Store, org: OrgId, handle: &str) -> Account {
    store.accounts().create_with_membership(org, &person(handle, Role::Creator), NOW).await.unwrap()
}

/// What is edited about a stream.
pub(crate) fn titled(title: &str) -> StreamChange {
    StreamChange {
        title: title.to_owned(),
        description: String::new(),
        category_id: None,
        tags: Vec::new(),
        access: AccessLevel::Public,
        password_hash: None,
        maturity: Maturity::Everyone,
        language: None,
        scheduled_start: None,
    }
}

/// A stream whose title is its name.
pub(crate) async fn stream(store: &Store, owner: &Account, name: &str) -> Stream {
    let new = NewStream {
        id: StreamId(id()),
        owner_id: owner.id,
        name: name.parse().unwrap(),
        change: titled(name),
    };
    store.streams().create(owner.org_id, &new, NOW).await.unwrap()
}

/// A sign-in of an account.
pub(crate) async fn session(store: &Store, account: &Account) -> Session {
    let session = Session {
        id: SignInId(id()),
        org_id: account.org_id,
        account_id: account.id,
        device: "Firefox on Linux".to_owned(),
        user_agent: "Mozilla".to_owned(),
        address: "192.0.2.1".to_owned(),
        created_at: NOW,
        last_seen_at: NOW,
        expires_at: NOW + 1_000_000,
        idle_seconds: 600,
        mfa_at: None,
        revoked_at: None,
        revoked_reason: None,
    };
    store.sessions().create(&session).await.unwrap();
    session
}

/// A refresh token of a sign-in.
pub(crate) fn refresh_token(session: &Session, hash: &str) -> RefreshToken {
    RefreshToken {
        id: TokenId(id()),
        org_id: session.org_id,
        session_id: session.id,
        hash: hash.to_owned(),
        created_at: NOW,
        expires_at: NOW + 1_000_000,
        used_at: None,
    }
}
