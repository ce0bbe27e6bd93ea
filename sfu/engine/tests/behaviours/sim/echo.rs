//! Who measures a connection: a peer with nothing but an echo channel.

use std::time::Duration;

use sluice_domain::echo::ECHO_LABEL;
use sluice_sfu_engine::Role;
use str0m::channel::{ChannelConfig, Reliability};

use super::client::{self, Client, Part, Wants};
use super::{Id, World};

/// An echo channel as it has to be.
pub(crate) fn echo_channel() -> ChannelConfig {
    ChannelConfig {
        label: ECHO_LABEL.to_owned(),
        ordered: false,
        reliability: Reliability::MaxRetransmits { retransmits: 0 },
        ..ChannelConfig::default()
    }
}

impl World {
    /// A peer that measures, with these channels.
    pub(crate) fn probe(&mut self, channels: Vec<ChannelConfig>) -> Id {
        let (peer, address, ice) = self.identity();
        let config = client::config(&Wants { codecs: Vec::new(), raw: false });
        let mut rtc = config.build(self.now);
        rtc.add_local_candidate(Client::host_candidate(address));
        let (offer, pending) = Client::make_offer(&mut rtc, |api| {
            for channel in channels {
                api.add_channel_with_config(channel);
            }
        });
        let seat = self.seat.take();
        let answer = self.negotiate(peer, Role::Probe, &offer.to_sdp_string(), ice);
        self.seat = seat;
        let mut client = self.client("probe", peer, address, rtc, Part::Member);
        client.accept(pending, &answer.expect("the offer is accepted").sdp);
        self.insert(client)
    }

    /// What came back to a peer that measures.
    pub(crate) fn echoes(&self, id: Id) -> Vec<(Duration, bool, Vec<u8>)> {
        self.clients[id.0].echoes.clone()
    }
}
