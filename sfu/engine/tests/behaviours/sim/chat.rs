//! Members of chats: who has nothing but a data channel, and what everybody does with it.

use std::sync::Arc;
use std::time::Duration;

use sluice_domain::StreamId;
use sluice_domain::chat::CHAT_LABEL;
use sluice_sfu_engine::{ChatInput, ChatOrder, MemberId, Role, SfuError, SfuEvent};
use str0m::channel::ChannelConfig;

use super::client::{self, Client, Part, Wants};
use super::{Id, World};

/// The chat that everybody may take part in.
pub(crate) const CHAT: StreamId = StreamId(uuid::Uuid::from_u128(77));

impl World {
    /// A peer without media that the engine must accept.
    pub(crate) fn join(&mut self) -> Id {
        self.try_join(|offer| offer).expect("the offer is accepted")
    }

    /// A peer without media, with its offer changed on the way.
    pub(crate) fn try_join(&mut self, edit: impl FnOnce(String) -> String) -> Result<Id, SfuError> {
        let (peer, address, ice) = self.identity();
        let config = client::config(&Wants { codecs: Vec::new(), raw: false });
        let mut rtc = config.set_sctp_max_buffered_amount(2 << 20).build(self.now);
        rtc.add_local_candidate(Client::host_candidate(address));
        let (offer, pending) = Client::make_offer(&mut rtc, |api| {
            api.add_channel(CHAT_LABEL.to_owned());
        });
        let offer = edit(offer.to_sdp_string());
        let answer = self.negotiate(peer, Role::Member, &offer, ice)?;
        let mut client = self.client("member", peer, address, rtc, Part::Member);
        client.offer = offer;
        client.accept(pending, &(self.answered)(&answer.sdp));
        Ok(self.insert(client))
    }

    /// An order, put into the mailboxes of those whom it concerns.
    pub(crate) fn chat(&mut self, order: ChatOrder) {
        let now = self.now;
        let only = order.member().map(|member| {
            let client = self.clients.iter().find(|client| client.peer == member.peer);
            client.map_or(0, |client| client.worker)
        });
        for worker in 0..=self.others.len() {
            if only.is_none_or(|only| only == worker) {
                self.worker(worker).handle_chat(now, order.clone());
            }
        }
        self.settle();
    }

    /// Something for everybody.
    pub(crate) fn say(&mut self, text: &str) {
        self.chat(ChatOrder::Say { chat: CHAT, text: Arc::from(text) });
    }

    /// Something for one.
    pub(crate) fn tell(&mut self, id: Id, text: &str) {
        let member = self.member(id);
        self.chat(ChatOrder::Tell { member, text: Arc::from(text) });
    }

    pub(crate) fn admit(&mut self, ids: &[Id]) {
        for id in ids {
            let member = self.member(*id);
            self.chat(ChatOrder::Admit { member });
        }
    }

    /// The member that a client is now.
    pub(crate) fn member(&self, id: Id) -> MemberId {
        let openings = self.inputs(id).into_iter().filter(|(_, input)| *input == ChatInput::Opened).count();
        let opening = u32::try_from(openings).expect("few openings").checked_sub(1).expect("it is open");
        MemberId { peer: self.peer(id), opening }
    }

    /// What a client did on its chat channel, as `live` hears of it.
    pub(crate) fn inputs(&self, id: Id) -> Vec<(Duration, ChatInput)> {
        let wanted = self.peer(id);
        let events = self.events.iter().filter_map(|(at, event)| match event {
            SfuEvent::Chat { member, event, .. } if member.peer == wanted => Some((*at, event.clone())),
            _ => None,
        });
        events.collect()
    }

    /// What a client said, as `live` hears of it.
    pub(crate) fn heard(&self, id: Id) -> Vec<String> {
        let said = self.inputs(id).into_iter().filter_map(|(_, input)| match input {
            ChatInput::Said { text, .. } => Some(text),
            ChatInput::Opened | ChatInput::Closed { .. } => None,
        });
        said.collect()
    }

    /// How a client's channels were closed: whether each was cut.
    pub(crate) fn closings(&self, id: Id) -> Vec<bool> {
        let closed = self.inputs(id).into_iter().filter_map(|(_, input)| match input {
            ChatInput::Closed { cut } => Some(cut),
            ChatInput::Opened | ChatInput::Said { .. } => None,
        });
        closed.collect()
    }

    /// What a client was told.
    pub(crate) fn read(&self, id: Id) -> Vec<&str> {
        self.clients[id.0].chat.got.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// A client writes something; whether its own channel took it.
    pub(crate) fn write(&mut self, id: Id, binary: bool, bytes: &[u8]) -> bool {
        let client = &mut self.clients[id.0];
        let channel = client.chat.open.and_then(|id| client.rtc.channel(id));
        let taken = channel.is_some_and(|mut channel| channel.write(binary, bytes).unwrap_or(false));
        self.settle();
        taken
    }

    /// A client opens one more channel.
    pub(crate) fn open(&mut self, id: Id, config: ChannelConfig) {
        self.clients[id.0].rtc.direct_api().create_data_channel(config);
        let now = self.now;
        self.clients[id.0].handle_timeout(now);
        self.settle();
    }

    /// A client opens its chat channel again.
    pub(crate) fn open_chat(&mut self, id: Id) {
        self.open(id, ChannelConfig { label: CHAT_LABEL.to_owned(), ..ChannelConfig::default() });
    }

    /// A client closes its chat channel.
    pub(crate) fn close_chat(&mut self, id: Id) {
        let client = &mut self.clients[id.0];
        let channel = client.chat.open.take().expect("it is open");
        client.rtc.direct_api().close_data_channel(channel);
        self.settle();
    }
}
