//! A chat from what the database has of it.

use sluice_domain::chat::{MessageState, Term};
use sluice_domain::{OrgId, StreamId};
use sluice_store::{MessageFilter, MessagePlace, Store, StoreError};
use tokio::sync::mpsc;

use super::judging::Judge;
use super::people;
use super::ring::RING;
use super::state::{Beginning, Chat};
use super::table::{ChatTable, Link};
use super::task::{self, Task};
use super::text::Emotes;
use crate::access::within;
use crate::error::LiveError;
use crate::live::Live;
use crate::telling::is_listed;

/// Most held messages that are taken up again.
const HELD: u32 = 1000;

/// Reads a chat and starts its task.
pub(super) async fn open(live: &Live, org: OrgId, stream: StreamId) -> Result<Link, LiveError> {
    let store = live.access().store();
    let (beginning, terms) = within(async { Ok(read(store, org, stream).await?) }).await?;
    let now = task::moment();
    let (link, mail) = mpsc::channel(task::DEPTH);
    let judge = Judge::new(&beginning.settings, terms);
    let chat = Chat::new(beginning, rand::random(), now);
    let answers = link.downgrade();
    let task = Task::new(live.clone(), (org, stream), chat, judge, mail, answers);
    let (run, stop) = (ChatTable::begin(live), live.stopping());
    live.spawn(async move {
        task.run(stop).await;
        drop(run);
    });
    Ok(link)
}

async fn read(store: &Store, org: OrgId, id: StreamId) -> Result<(Beginning, Vec<Term>), StoreError> {
    let stream = store.streams().by_id(org, id).await?;
    let setup = store.chat_settings().of(org, id).await?;
    let wanted = u32::try_from(RING + 1).unwrap_or(u32::MAX);
    let messages = store.chat_messages();
    let mut shown = messages.list(org, id, &MessageFilter::shown(), MessagePlace::Newest, wanted).await?;
    let more = shown.len() > RING;
    shown.drain(..shown.len().saturating_sub(RING));
    let newest = messages.list(org, id, &MessageFilter::default(), MessagePlace::Newest, 1).await?;
    let pinned = match setup.pinned {
        None => None,
        Some(pinned) => match messages.by_id(org, id, pinned).await {
            Ok(stored) if stored.state == MessageState::Shown => Some(stored.message),
            Ok(_) | Err(StoreError::NotFound) => None,
            Err(error) => return Err(error),
        },
    };
    let held = messages.held(org, id, HELD).await?;
    let moderators = store.chat_moderators().list(org, id).await?;
    let now = task::moment().ms();
    let beginning = Beginning {
        org,
        stream: id,
        name: stream.name,
        listed: is_listed(stream.access),
        owner: stream.owner_id,
        settings: setup.settings,
        version: setup.version,
        pinned,
        emotes: emotes(store, org, id).await?,
        moderators: moderators.into_iter().map(|moderator| moderator.account_id).collect(),
        bans: store.chat_bans().active(org, id, now).await?,
        messages: shown.into_iter().map(|stored| stored.message).collect(),
        more,
        held: held.into_iter().map(|stored| (stored.message, stored.reasons)).collect(),
        newest: newest.last().map(|stored| stored.message.id),
    };
    Ok((beginning, terms(store, org, id).await?))
}

/// The emotes of a stream.
pub(super) async fn emotes(store: &Store, org: OrgId, stream: StreamId) -> Result<Emotes, StoreError> {
    let version = store.chat_settings().of(org, stream).await?.emotes_version;
    let emotes = store.emotes().list(org, stream).await?;
    let by_name = emotes.into_iter().map(|emote| (emote.name, people::picture(emote.asset_id))).collect();
    Ok(Emotes { version, by_name })
}

/// What the filter of a stream's chat looks for.
pub(super) async fn terms(store: &Store, org: OrgId, stream: StreamId) -> Result<Vec<Term>, StoreError> {
    let terms = store.chat_terms().list(org, stream).await?;
    Ok(terms.iter().map(sluice_store::ChatTerm::term).collect())
}
