//! Members on data channels: one small task each, between the media plane and the chat.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sluice_domain::chat::{ChatEvent, ChatRequest};
use sluice_domain::{ChatMessageId, Grant, MediaTime, PeerId, ProblemCode, Redacted, StreamId};
use sluice_sfu::{ChatInput, ChatOrder};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::effect::Outlet;
use super::line::Line;
use super::people;
use super::person::MemberId;
use super::reading;
use super::refusal::ChatRefusal;
use super::table::Link;
use super::task::Mail;
use crate::error::LiveError;
use crate::live::Live;

/// How long a member may take to join.
const JOIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Most texts that wait for the task of a member. The media plane lets fifty through at once.
const DEPTH: usize = 64;

/// How long the media plane is asked again to take an order for one member.
const PATIENCE: Duration = Duration::from_secs(1);

/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(5);

/// What a member wrote, and what it saw.
type Said = (String, Option<MediaTime>);

/// The members on data channels of this node.
#[derive(Debug, Default)]
pub(crate) struct Channels(Mutex<HashMap<sluice_sfu::MemberId, mpsc::Sender<Said>>>);

impl Channels {
    /// Takes in what the media plane tells of a member.
    pub(crate) fn handle(
        &self,
        live: &Live,
        member: sluice_sfu::MemberId,
        stream: StreamId,
        event: ChatInput,
    ) {
        match event {
            ChatInput::Opened => {
                let (sender, said) = mpsc::channel(DEPTH);
                self.all().insert(member, sender);
                let seated = live.clone();
                live.spawn(async move { Seat::new(seated, member, stream).run(said).await });
            }
            ChatInput::Said { text, media_time } => {
                let all = self.all();
                let sent = all.get(&member).map(|sender| sender.try_send((text, media_time)));
                if matches!(sent, Some(Err(mpsc::error::TrySendError::Full(_)))) {
                    metrics::counter!("sluice_chat_dropped_total").increment(1);
                }
            }
            // Its task ends with the sender.
            ChatInput::Closed { .. } => {
                self.all().remove(&member);
            }
        }
    }

    /// The peer is gone, should the end of its channel not have been told.
    pub(super) fn peer_closed(&self, peer: PeerId) {
        self.all().retain(|member, _| member.peer != peer);
    }

    /// Every channel is closed, because the media plane is.
    pub(crate) fn clear(&self) {
        self.all().clear();
    }

    fn all(&self) -> MutexGuard<'_, HashMap<sluice_sfu::MemberId, mpsc::Sender<Said>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A member on a data channel.
struct Seat {
    live: Live,
    member: sluice_sfu::MemberId,
    stream: StreamId,
    id: MemberId,
    link: Option<Link>,
}

impl Seat {
    fn new(live: Live, member: sluice_sfu::MemberId, stream: StreamId) -> Self {
        let id = live.chat_table().member();
        Self { live, member, stream, id, link: None }
    }

    async fn run(mut self, mut said: mpsc::Receiver<Said>) {
        let mut due = Instant::now() + JOIN_TIMEOUT;
        loop {
            let next = tokio::select! {
                next = said.recv() => next,
                () = tokio::time::sleep_until(due), if self.link.is_none() => {
                    self.end(&not_joined()).await;
                    None
                }
            };
            let Some((text, media_time)) = next else { break };
            match reading::read(&text) {
                Err((reference, refusal)) => self.tell(refusal.event(reference)).await,
                Ok(ChatRequest::Join { v, token, after }) => {
                    if let Err(error) = self.join(v, token, after).await {
                        self.tell(crate::chat::refusal_of(&error).event(None)).await;
                    }
                }
                Ok(ChatRequest::Leave {}) => {
                    self.order(ChatOrder::Dismiss { member: self.member }).await;
                    self.leave().await;
                    due = Instant::now() + JOIN_TIMEOUT;
                }
                Ok(request) => match &self.link {
                    None => self.tell(not_joined().event(None)).await,
                    Some(link) => {
                        let (id, request) = (self.id, Box::new(request));
                        let mail = Mail::Request { id, request, guess: media_time };
                        let _retired = link.send(mail).await;
                    }
                },
            }
        }
        self.leave().await;
    }

    async fn join(
        &mut self,
        version: Option<u16>,
        token: Option<String>,
        after: Option<ChatMessageId>,
    ) -> Result<(), LiveError> {
        let session = self.live.grant_of(self.member.peer).ok_or(LiveError::UnknownSession)?;
        let identity = match token {
            Some(token) => Some(self.live.identify(&Redacted::new(token)).await?),
            None => self.live.access().behind(&session).await?,
        };
        if identity.as_ref().is_some_and(|identity| !identity.may(sluice_domain::Permission::ReadChats)) {
            return Err(LiveError::Forbidden);
        }
        let place = (session.org, self.stream);
        let person = people::person(&self.live, place, identity.as_ref(), self.id, None).await?;
        // It ends with the session, and with what its holder has shown besides.
        let basis = identity.as_ref().map_or(session.basis, crate::identity::basis);
        let now = crate::live::clock();
        let action = sluice_domain::Action::Chat;
        let grant = Grant { basis, action, issued: now, expires: session.expires, ..session };
        let outlet = Outlet::Peer(self.member);
        let join = Mail::Join { id: self.id, outlet, person: Box::new(person), version, after };
        let link = self.live.chat_table().seat(&self.live, self.id, &grant, true, join).await?;
        self.link = Some(link);
        Ok(())
    }

    async fn leave(&mut self) {
        if let Some(link) = self.link.take() {
            self.live.chat_table().let_go(self.id);
            let _retired = link.send(Mail::Leave(self.id)).await;
            // A later `join` is that of another member.
            self.id = self.live.chat_table().member();
        }
    }

    /// Tells a member something that no chat has to do with.
    async fn tell(&self, event: ChatEvent) {
        let text = Arc::clone(Line::new(self.stream, event).plain());
        self.order(ChatOrder::Tell { member: self.member, text }).await;
    }

    async fn end(&self, refusal: &ChatRefusal) {
        let bye = ChatEvent::Bye { code: refusal.code, detail: refusal.detail.clone() };
        let farewell = Arc::clone(Line::new(self.stream, bye).plain());
        self.order(ChatOrder::Cut { member: self.member, farewell }).await;
    }

    async fn order(&self, order: ChatOrder) {
        let until = Instant::now() + PATIENCE;
        let mut order = self.live.sfu().chat(order);
        while let Err(unplaced) = order {
            if Instant::now() >= until {
                metrics::counter!("sluice_chat_dropped_total").increment(1);
                return;
            }
            tokio::time::sleep(PAUSE).await;
            order = self.live.sfu().chat(unplaced);
        }
    }
}

fn not_joined() -> ChatRefusal {
    ChatRefusal::new(ProblemCode::NotJoined, "Join the chat first: {\"type\":\"join\"}.")
}
