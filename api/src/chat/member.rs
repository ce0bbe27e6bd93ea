//! `GET /streams/{id}/chat/members/{account_id}`: somebody, as a chat knows them.

use axum::Json;
use axum::extract::State;
use sluice_domain::chat::Badge;
use sluice_domain::{AccountId, Permission, Tier};
use sluice_store::{MessageFilter, MessagePlace, ModerationFilter, Page, Stream};

use super::MemberCard;
use super::actions::entries;
use super::find::{readable, rights};
use super::view::{archived, bans, count};
use crate::error::ApiError;
use crate::extract::{Caller, Ids};
use crate::me::view::person;
use crate::{Api, Shared};

/// Messages and actions that a card shows.
const SHOWN: u32 = 20;

/// Somebody, as the chat knows them: for a card beside their name. Moderators see what they said and what was
/// done to them, others who they are.
#[utoipa::path(get, path = "/streams/{id}/chat/members/{account_id}", tag = "chat",
    params(("id" = String, Path), ("account_id" = Uuid, Path)), responses((status = 200, body = MemberCard)))]
pub(crate) async fn member(
    State(api): State<Shared>,
    caller: Caller,
    Ids(id, account): Ids<String, AccountId>,
) -> Result<Json<MemberCard>, ApiError> {
    let stream = readable(&api, &caller, &id).await?;
    let moderates = rights(&api, &stream, caller.identity.as_ref()).await?.moderate;
    let member = api.store.accounts().member(stream.org_id, account).await?;
    let card = MemberCard {
        person: person(&member.account),
        badges: badges(&api, &stream, &member).await?,
        member_since: member.account.created_at,
        follows_since: None,
        messages: None,
        recent: Vec::new(),
        actions: Vec::new(),
        ban: None,
    };
    if moderates { Ok(Json(with_record(&api, &stream, account, card).await?)) } else { Ok(Json(card)) }
}

/// Adds what moderators see.
async fn with_record(
    api: &Api,
    stream: &Stream,
    account: AccountId,
    card: MemberCard,
) -> Result<MemberCard, ApiError> {
    let (org, id) = (stream.org_id, stream.id);
    let messages = api.store.chat_messages();
    let theirs = MessageFilter { states: Vec::new(), account: Some(account) };
    let recent = messages.list(org, id, &theirs, MessagePlace::Newest, SHOWN).await?;
    let filter = ModerationFilter { stream: Some(id), account: Some(account), action: None };
    let actions = api.store.moderation_actions().list(org, &filter, &Page::first(SHOWN)).await?;
    let follow = api.store.follows().find(org, account, stream.owner_id).await?;
    let ban = api.store.chat_bans().of(org, id, account, api.now()).await?;
    Ok(MemberCard {
        follows_since: follow.map(|follow| follow.created_at),
        messages: Some(count(messages.count_of(org, id, account).await?)),
        recent: archived(api, org, recent).await?,
        actions: entries(actions.items),
        ban: bans(api, org, ban.into_iter().collect()).await?.pop(),
        ..card
    })
}

/// What somebody is in a chat.
async fn badges(api: &Api, stream: &Stream, member: &sluice_store::Member) -> Result<Vec<Badge>, ApiError> {
    let account = &member.account;
    let mut badges = Vec::new();
    if account.id == stream.owner_id {
        badges.push(Badge::Broadcaster);
    } else if Permission::ModerateAllChats.is_given_to(Some(member.role)) {
        badges.push(Badge::Staff);
    } else if api.store.chat_moderators().contains(stream.org_id, stream.id, account.id).await? {
        badges.push(Badge::Moderator);
    }
    if account.tier_expires_at.is_none_or(|end| api.now() < end) {
        match account.tier {
            Tier::Free => {}
            Tier::Premium => badges.push(Badge::Premium),
            Tier::Vip => badges.push(Badge::Vip),
        }
    }
    Ok(badges)
}
