//! What listeners are told of broadcasts. Pure.

use sluice_domain::control::BroadcastState;
use sluice_domain::{AccessLevel, Basis, Grant, StreamKeyId};

use crate::broadcast::{Broadcast, EndReason};
use crate::news::{NoticeEvent, StreamOf};
use crate::state::State;

impl StreamOf {
    /// The stream of a Grant.
    pub(crate) fn of(grant: &Grant) -> Self {
        Self { org: grant.org, id: grant.stream, name: grant.name.clone(), listed: is_listed(grant.access) }
    }
}

/// Whether lists show streams of this level to everybody. Those that are locked are listed too: a
/// card says what is needed to watch.
pub const fn is_listed(access: AccessLevel) -> bool {
    !matches!(access, AccessLevel::Unlisted | AccessLevel::Private)
}

pub(crate) const fn key(grant: &Grant) -> Option<StreamKeyId> {
    match grant.basis {
        Basis::Key(key) => Some(key),
        Basis::Open | Basis::SignIn { .. } | Basis::ApiKey { .. } | Basis::Playback { .. } => None,
    }
}

pub(crate) fn connected(broadcast: &mut Broadcast) -> Option<NoticeEvent> {
    let news = !std::mem::replace(&mut broadcast.told_connected, true);
    let stream = StreamOf::of(&broadcast.holder);
    news.then(|| NoticeEvent::Connected { stream, key: key(&broadcast.holder) })
}

pub(crate) fn disconnected(broadcast: &mut Broadcast) -> Option<NoticeEvent> {
    let news = std::mem::replace(&mut broadcast.told_connected, false);
    let stream = StreamOf::of(&broadcast.holder);
    news.then(|| NoticeEvent::Disconnected { stream, key: key(&broadcast.holder) })
}

pub(crate) fn online(broadcast: &Broadcast) -> NoticeEvent {
    NoticeEvent::Online { stream: StreamOf::of(&broadcast.holder), broadcast: broadcast.id }
}

impl State {
    pub(crate) fn tell_ended(&mut self, broadcast: &mut Broadcast, reason: EndReason) {
        self.notices.extend(disconnected(broadcast));
        if broadcast.status.borrow().live_since.is_some() {
            let stream = StreamOf::of(&broadcast.holder);
            self.notices.push(NoticeEvent::Offline { stream, broadcast: broadcast.id, reason });
        }
    }

    /// Tells the numbers that changed since they were told last.
    pub(crate) fn tell_stats(&mut self) {
        for broadcast in self.broadcasts.values_mut().filter(|broadcast| broadcast.accepted) {
            let status = broadcast.status.borrow();
            let bitrate = status.layers.iter().map(|layer| layer.bitrate).max().unwrap_or(0);
            let telling = (status.state, status.viewers, bitrate, status.issues.clone());
            if status.state == BroadcastState::Starting || broadcast.told.as_ref() == Some(&telling) {
                continue;
            }
            self.notices.push(NoticeEvent::Stats {
                stream: StreamOf::of(&broadcast.holder),
                state: status.state,
                viewers: status.viewers,
                bitrate,
                issues: status.issues.clone(),
            });
            drop(status);
            broadcast.told = Some(telling);
        }
    }
}
