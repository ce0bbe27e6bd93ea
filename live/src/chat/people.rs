//! Who is who: what a chat asks the database.

use std::net::IpAddr;

use sluice_accounts::{Actor, Identity, Via};
use sluice_domain::chat::MessageState;
use sluice_domain::{AccountId, AssetId, Handle, OrgId, Permission, Role, StreamId};
use sluice_store::{Member, MessageFilter, MessagePlace, Store, StoreError};

use super::effect::{Found, Question};
use super::person::{MemberId, Person, Target, Whom};
use crate::access::within;
use crate::error::LiveError;
use crate::identity::tier;
use crate::live::{Live, clock};

/// Somebody who comes to a chat, as they are now; a guest where they have not said who they are, or are of
/// another organisation.
pub(super) async fn person(
    live: &Live,
    (org, stream): (OrgId, StreamId),
    identity: Option<&Identity>,
    member: MemberId,
    address: Option<IpAddr>,
) -> Result<Person, LiveError> {
    let Some(identity) = identity.filter(|identity| identity.org == org) else {
        return Ok(Person::guest(member));
    };
    within(async {
        let store = live.access().store();
        let account = identity.account;
        let found = store.accounts().member(org, account).await.map_err(|error| match error {
            StoreError::NotFound => LiveError::AccountDisabled,
            other => other.into(),
        })?;
        let owner = store.streams().by_id(org, stream).await?.owner_id;
        let follow = store.follows().find(org, account, owner).await?;
        let before = store.chat_messages().count_of(org, stream, account).await?;
        Ok(Person {
            account: Some(account),
            name: found.account.display_name.clone(),
            handle: Some(found.account.handle.clone()),
            avatar_url: found.account.avatar_asset_id.map(picture),
            role: Some(found.role),
            tier: tier(&found, ms()),
            is_bot: matches!(identity.via, Via::ApiKey { .. }),
            may_write: identity.may(Permission::WriteChats),
            may_moderate: identity.may(Permission::ModerateChats),
            may_moderate_all: identity.may(Permission::ModerateAllChats),
            created_at: found.account.created_at,
            follows_since: follow.map(|follow| follow.created_at),
            messages_here: u32::try_from(before).unwrap_or(u32::MAX),
            actor: actor(identity, address),
        })
    })
    .await
}

fn actor(identity: &Identity, address: Option<IpAddr>) -> Actor {
    // Any address makes the actor; the true one, or none, is put in its place.
    let actor = identity.actor(address.unwrap_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED)));
    Actor { address, ..actor }
}

/// The path of a picture.
pub(super) fn picture(asset: AssetId) -> String {
    format!("/api/v1/assets/{asset}")
}

/// Answers what the state of a chat asks.
pub(super) async fn answer(live: &Live, org: OrgId, stream: StreamId, question: Question) -> Found {
    let store = live.access().store();
    let found = within(async { Ok(look_up(store, org, stream, question).await?) }).await;
    found.unwrap_or(Found::Unavailable)
}

async fn look_up(
    store: &Store,
    org: OrgId,
    stream: StreamId,
    question: Question,
) -> Result<Found, StoreError> {
    match question {
        Question::Who(whom) => {
            let account = match whom {
                Whom::Account(account) => Some(account),
                Whom::Handle(handle) => by_handle(store, org, &handle).await?,
            };
            let Some(account) = account else { return Ok(Found::Who(None)) };
            match store.accounts().member(org, account).await {
                Ok(member) => Ok(Found::Who(Some(target(&member)))),
                Err(StoreError::NotFound) => Ok(Found::Who(None)),
                Err(error) => Err(error),
            }
        }
        Question::Message(id) => match store.chat_messages().by_id(org, stream, id).await {
            Ok(stored) if matches!(stored.state, MessageState::Shown | MessageState::Muted) => {
                Ok(Found::Message(Some(Box::new(stored.message))))
            }
            Ok(_) | Err(StoreError::NotFound) => Ok(Found::Message(None)),
            Err(error) => Err(error),
        },
        Question::Standing(account) => {
            let owner = store.streams().by_id(org, stream).await?.owner_id;
            let follow = store.follows().find(org, account, owner).await?;
            let member = store.accounts().member(org, account).await?;
            Ok(Found::Standing {
                follows_since: follow.map(|follow| follow.created_at),
                tier: tier(&member, ms()),
            })
        }
        Question::Names(accounts) => {
            let mut names = Vec::with_capacity(accounts.len());
            for account in accounts {
                match store.accounts().member(org, account).await {
                    Ok(member) => names.push(member.account.handle),
                    Err(StoreError::NotFound) => {}
                    Err(error) => return Err(error),
                }
            }
            names.sort_by_key(|name| name.to_lowercase());
            Ok(Found::Names(names))
        }
        Question::Before(id, limit) => {
            let wanted = u32::try_from(limit).unwrap_or(u32::MAX);
            let place = MessagePlace::Before(id);
            let stored =
                store.chat_messages().list(org, stream, &MessageFilter::shown(), place, wanted).await?;
            let all = super::ring::Ring::of(stored.into_iter().map(|stored| stored.message).collect(), false);
            let excerpt = all.before(id, limit);
            let more = !excerpt.complete || excerpt.messages.len() == limit;
            Ok(Found::Before { messages: excerpt.messages, more })
        }
    }
}

async fn by_handle(store: &Store, org: OrgId, handle: &str) -> Result<Option<AccountId>, StoreError> {
    // What is no handle is nobody's.
    let Ok(handle) = handle.parse::<Handle>() else { return Ok(None) };
    Ok(store.accounts().by_handle(org, &handle).await?.map(|account| account.id))
}

fn target(member: &Member) -> Target {
    let role: Role = member.role;
    Target { account: member.account.id, name: member.account.display_name.clone(), role: Some(role) }
}

fn ms() -> i64 {
    clock().0.div_euclid(1000)
}
