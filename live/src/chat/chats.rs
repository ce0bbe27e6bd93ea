//! The handle by which others reach chats.

use std::net::IpAddr;
use std::time::Duration;

use sluice_accounts::Identity;
use sluice_domain::chat::{ChatAuthor, ChatMessage, ChatSettings, ModerationRequest, Presence};
use sluice_domain::{AccountId, OrgId, StreamId};
use sluice_store::Stream;
use tokio::sync::oneshot;

use super::effect::Moment;
use super::loading;
use super::people;
use super::person::{Person, Whom};
use super::refusal::ChatRefusal;
use super::socket::ChatSocket;
use super::state::{Act, By, Chat};
use super::task::Mail;
use crate::access::within;
use crate::error::LiveError;
use crate::live::Live;

/// How long a call waits until what it did is in the database. Whoever asks the database right after it finds
/// it there; while the database is away, what is done is done all the same.
const WRITTEN: Duration = Duration::from_secs(2);

/// The chats of this node. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Chats(Live);

/// A chat as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatStatus {
    /// What is asked of those who write.
    pub settings: ChatSettings,
    /// Counts the changes of the settings.
    pub version: i64,
    /// The message at the top.
    pub pinned: Option<ChatMessage>,
    /// Who is here.
    pub presence: Presence,
    /// Changes with the stream's emotes.
    pub emotes_version: i64,
}

impl Live {
    /// The chats of this node.
    pub fn chats(&self) -> Chats {
        Chats(self.clone())
    }
}

impl Chats {
    /// The chats of a WebSocket connection from an address.
    pub fn socket(&self, address: IpAddr) -> ChatSocket {
        ChatSocket::new(self.0.clone(), address)
    }

    /// A chat as it is now.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn status(&self, stream: &Stream) -> Result<ChatStatus, LiveError> {
        self.ask(stream, |chat, _| {
            let (settings, version) = chat.settings();
            ChatStatus {
                settings: settings.clone(),
                version,
                pinned: chat.pinned().cloned(),
                presence: chat.presence(),
                emotes_version: chat.emotes_version(),
            }
        })
        .await
    }

    /// Changes the settings of a chat, if they are still those of `version`; the new version.
    ///
    /// # Errors
    /// When whoever asks may not, they have changed meanwhile, or make no sense.
    pub async fn change_settings(
        &self,
        stream: &Stream,
        actor: &Identity,
        address: IpAddr,
        settings: ChatSettings,
        version: Option<i64>,
    ) -> Result<i64, LiveError> {
        let by = self.actor(stream, actor, address).await?;
        let change = move |chat: &mut Chat, now| chat.change_settings(&by, settings, version, now);
        let version = self.ask(stream, change).await?.map_err(LiveError::Chat)?;
        self.written().await;
        Ok(version)
    }

    /// Keeps order in a chat, as a member does it: in force at once, and in the database when this returns.
    ///
    /// # Errors
    /// When whoever asks may not, or there is no such message or account.
    pub async fn moderate(
        &self,
        stream: &Stream,
        actor: &Identity,
        address: IpAddr,
        request: ModerationRequest,
    ) -> Result<(), LiveError> {
        let by = self.actor(stream, actor, address).await?;
        self.act(stream, by, move |chat, by, now| chat.act(by, request, now)).await
    }

    /// Makes an account a moderator of a chat, or makes it one no more.
    ///
    /// # Errors
    /// When whoever asks may not, or there is no such account.
    pub async fn set_moderator(
        &self,
        stream: &Stream,
        actor: &Identity,
        address: IpAddr,
        account: AccountId,
        moderates: bool,
    ) -> Result<(), LiveError> {
        let by = self.actor(stream, actor, address).await?;
        let act = if moderates { Act::Mod } else { Act::Unmod };
        let whom = Whom::Account(account);
        self.act(stream, by, move |chat, by, now| chat.act_on(by, whom, act, now)).await
    }

    /// Accounts that are in a chat, by name.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn members(&self, stream: &Stream) -> Result<Vec<ChatAuthor>, LiveError> {
        self.ask(stream, |chat, _| chat.present()).await
    }

    /// Waits until what chats have said so far is in the database, but not for long.
    pub async fn written(&self) {
        self.0.chat_table().unwritten.written(WRITTEN).await;
    }

    /// How many are in a chat now.
    pub async fn presence(&self, stream: StreamId) -> Presence {
        let Some(link) = self.0.chat_table().link_in_use(stream) else { return Presence::default() };
        let (answer, present) = oneshot::channel();
        let ask = move |chat: &mut Chat, _: Moment| {
            let presence = chat.presence();
            chat.reply(answer, presence);
        };
        let _retired = link.send(Mail::Do(Box::new(ask))).await;
        present.await.unwrap_or_default()
    }

    /// The emotes of a stream have changed in the database.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn emotes_changed(&self, org: OrgId, stream: StreamId) -> Result<(), LiveError> {
        let Some(link) = self.0.chat_table().link_in_use(stream) else { return Ok(()) };
        let store = self.0.access().store();
        let emotes = within(async { Ok(loading::emotes(store, org, stream).await?) }).await?;
        let take_in = move |chat: &mut Chat, _: Moment| chat.set_emotes(emotes);
        let _retired = link.send(Mail::Do(Box::new(take_in))).await;
        Ok(())
    }

    /// What the filter of a chat looks for has changed in the database.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn terms_changed(&self, org: OrgId, stream: StreamId) -> Result<(), LiveError> {
        let Some(link) = self.0.chat_table().link_in_use(stream) else { return Ok(()) };
        let store = self.0.access().store();
        let terms = within(async { Ok(loading::terms(store, org, stream).await?) }).await?;
        let _retired = link.send(Mail::Terms(terms)).await;
        Ok(())
    }

    /// Who keeps order in a chat has changed in the database.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn moderators_changed(&self, org: OrgId, stream: StreamId) -> Result<(), LiveError> {
        let Some(link) = self.0.chat_table().link_in_use(stream) else { return Ok(()) };
        let store = self.0.access().store();
        let moderators = within(async { Ok(store.chat_moderators().list(org, stream).await?) }).await?;
        let moderators = moderators.into_iter().map(|moderator| moderator.account_id).collect();
        let take_in = move |chat: &mut Chat, now: Moment| chat.set_moderators(moderators, now);
        let _retired = link.send(Mail::Do(Box::new(take_in))).await;
        Ok(())
    }

    /// What an account is has changed: its role, tier or name.
    pub(crate) async fn account_changed(&self, org: OrgId, account: AccountId) {
        for (id, grant, link) in self.0.chat_table().of_account(account) {
            let access = self.0.access();
            let identity = match access.behind(&grant).await {
                Ok(identity) => identity,
                Err(LiveError::Unavailable) => continue,
                Err(_) => {
                    let _retired = link.send(Mail::PutOut(id, super::fallen())).await;
                    continue;
                }
            };
            let found = people::person(&self.0, (org, grant.stream), identity.as_ref(), id, None).await;
            if let Ok(person) = found {
                let take_in = move |chat: &mut Chat, now: Moment| chat.set_person(id, person, now);
                let _retired = link.send(Mail::Do(Box::new(take_in))).await;
            }
        }
    }

    /// A stream has another name, or is listed or not.
    pub(crate) async fn stream_changed(&self, stream: &Stream) {
        let Some(link) = self.0.chat_table().link_in_use(stream.id) else { return };
        let (name, listed) = (stream.name.clone(), crate::telling::is_listed(stream.access));
        let take_in = move |chat: &mut Chat, _: Moment| chat.set_stream(name, listed);
        let _retired = link.send(Mail::Do(Box::new(take_in))).await;
    }

    async fn actor(&self, stream: &Stream, actor: &Identity, address: IpAddr) -> Result<Person, LiveError> {
        let place = (stream.org_id, stream.id);
        let member = self.0.chat_table().member();
        people::person(&self.0, place, Some(actor), member, Some(address)).await
    }

    async fn act(
        &self,
        stream: &Stream,
        by: Person,
        act: impl FnOnce(&mut Chat, By, Moment) + Send + 'static,
    ) -> Result<(), LiveError> {
        let (answer, done) = oneshot::channel::<Result<(), ChatRefusal>>();
        self.ask(stream, move |chat, now| act(chat, By::call(by, answer), now)).await?;
        // Where the chat ends first, the node does.
        done.await.map_err(|_| LiveError::Draining)?.map_err(LiveError::Chat)?;
        self.written().await;
        Ok(())
    }

    /// Asks the state of a chat, which is opened if it is not in use yet.
    async fn ask<T: Send + 'static>(
        &self,
        stream: &Stream,
        ask: impl FnOnce(&mut Chat, Moment) -> T + Send + 'static,
    ) -> Result<T, LiveError> {
        let link = self.0.chat_table().link(&self.0, stream.org_id, stream.id).await?;
        let (answer, asked) = oneshot::channel();
        let ask = move |chat: &mut Chat, now: Moment| {
            let found = ask(chat, now);
            chat.reply(answer, found);
        };
        link.send(Mail::Do(Box::new(ask))).await.map_err(|_| LiveError::Draining)?;
        asked.await.map_err(|_| LiveError::Draining)
    }
}
