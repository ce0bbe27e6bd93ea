//! What happens, told to who asked to hear of it.
//!
//! Nobody waits for a listener: each has a bounded queue, and one that does not empty its own loses
//! its place, so that it knows that it missed something.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use sluice_domain::control::{BroadcastState, MediaIssue};
use sluice_domain::{
    AccountId, ApiKeyId, BroadcastId, MediaTime, OrgId, SignInId, StreamId, StreamKeyId, StreamName,
};
use tokio::sync::mpsc;

use crate::broadcast::EndReason;
use crate::metrics;
use crate::revocation::Fallen;

/// Most news that wait for one listener. A page reads at once or is gone; more would only keep what
/// is old by the time it is read.
const QUEUE: usize = 64;

/// What somebody wants to listen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Interest {
    /// Which listed streams are live.
    Streams,
    /// What everybody who may see a stream may know of it.
    Stream(StreamId),
    /// What its owner may know of it.
    Studio(StreamId),
    /// What concerns whoever listens.
    Me,
}

/// To whom a notice goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Which listed streams of an organisation are live.
    Streams(OrgId),
    /// What everybody who may see a stream may know of it.
    Stream(StreamId),
    /// What its owner may know of it.
    Studio(StreamId),
    /// What concerns one account.
    Me(AccountId),
    /// Whether a sign-in still holds.
    SignIn(SignInId),
    /// Whether an API key still holds.
    ApiKey(ApiKeyId),
    /// Whether an account may still do anything.
    Account(AccountId),
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// When.
    pub at: MediaTime,
    /// What.
    pub event: NoticeEvent,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum NoticeEvent {
    /// A stream went live.
    Online {
        /// Which.
        stream: StreamOf,
        /// Its broadcast.
        broadcast: BroadcastId,
    },
    /// A stream's broadcast ended.
    Offline {
        /// Which.
        stream: StreamOf,
        /// Its broadcast.
        broadcast: BroadcastId,
        /// Why.
        reason: EndReason,
    },
    /// What is remembered of a stream changed: title, access, owner.
    Updated {
        /// Which.
        stream: StreamOf,
    },
    /// The numbers of a running broadcast.
    Stats {
        /// Of which stream.
        stream: StreamOf,
        /// Whether the publisher is there.
        state: BroadcastState,
        /// Connected viewers.
        viewers: u32,
        /// Bits a second of the best layer.
        bitrate: u32,
        /// What is wrong with the publisher's media.
        issues: Vec<MediaIssue>,
    },
    /// An encoder or a studio is connected.
    Connected {
        /// To which stream.
        stream: StreamOf,
        /// With which key; `None` where the account's own credential was enough.
        key: Option<StreamKeyId>,
    },
    /// No encoder is connected any more.
    Disconnected {
        /// From which stream.
        stream: StreamOf,
        /// With which key it had been.
        key: Option<StreamKeyId>,
    },
    /// How much was said in a chat in a minute that is over.
    ChatActivity {
        /// Of which stream.
        stream: StreamOf,
        /// Which minute: UTC milliseconds of its beginning.
        minute: i64,
        /// How many messages were shown.
        messages: i64,
        /// How many wrote one.
        chatters: i64,
        /// How often somebody reacted.
        reactions: i64,
        /// How many were there at most.
        members: i64,
    },
    /// Something was revoked.
    Revoked(Fallen),
    /// Who may hear of a stream may have changed.
    Review(StreamId),
}

/// What news need to know of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamOf {
    /// Whose it is.
    pub org: OrgId,
    /// Which.
    pub id: StreamId,
    /// Its name in URLs.
    pub name: StreamName,
    /// Whether lists show it to everybody.
    pub listed: bool,
}

impl NoticeEvent {
    /// Who hears of it.
    fn topics(&self) -> Vec<Topic> {
        match self {
            Self::Online { stream, .. } | Self::Offline { stream, .. } | Self::Updated { stream } => {
                let mut topics = vec![Topic::Stream(stream.id), Topic::Studio(stream.id)];
                topics.extend(stream.listed.then_some(Topic::Streams(stream.org)));
                topics
            }
            Self::Stats { stream, .. } => vec![Topic::Stream(stream.id), Topic::Studio(stream.id)],
            Self::Connected { stream, .. }
            | Self::Disconnected { stream, .. }
            | Self::ChatActivity { stream, .. } => {
                vec![Topic::Studio(stream.id)]
            }
            Self::Revoked(fallen) => match fallen {
                Fallen::SignIn(sign_in) => vec![Topic::SignIn(*sign_in)],
                Fallen::Account(account) => vec![Topic::Account(*account)],
                Fallen::Stream(stream) => vec![Topic::Stream(*stream), Topic::Studio(*stream)],
                Fallen::ApiKey(key) => vec![Topic::ApiKey(*key)],
                Fallen::Viewers(_) | Fallen::Key(_) => Vec::new(),
            },
            Self::Review(stream) => vec![Topic::Stream(*stream), Topic::Studio(*stream)],
        }
    }
}

/// Where news are given out.
#[derive(Debug, Clone, Default)]
pub(crate) struct News(Arc<Mutex<Desk>>);

#[derive(Debug, Default)]
struct Desk {
    last: u64,
    closed: bool,
    listeners: HashMap<u64, mpsc::Sender<Told>>,
    topics: HashMap<Topic, HashSet<u64>>,
}

/// A notice with the topic by which a listener hears of it.
type Told = (Topic, Arc<Notice>);

impl News {
    /// A listener that has no topic yet.
    pub(crate) fn listen(&self) -> Listener {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let mut desk = self.desk();
        desk.last += 1;
        let id = desk.last;
        if !desk.closed {
            desk.listeners.insert(id, sender);
        }
        Listener { id, desk: Arc::downgrade(&self.0), receiver, topics: HashSet::new() }
    }

    /// Tells everybody who listens. Never waits.
    pub(crate) fn tell(&self, at: MediaTime, event: NoticeEvent) {
        let topics = event.topics();
        let mut desk = self.desk();
        let notice = Arc::new(Notice { at, event });
        for topic in topics {
            let heard: Vec<u64> = desk.topics.get(&topic).into_iter().flatten().copied().collect();
            for id in heard {
                let sent = desk.listeners.get(&id).map(|queue| queue.try_send((topic, Arc::clone(&notice))));
                if matches!(sent, Some(Err(_))) {
                    metrics::slow_listener();
                    desk.listeners.remove(&id);
                }
            }
        }
    }

    /// Ends every listener, because the node shuts down.
    pub(crate) fn close(&self) {
        let mut desk = self.desk();
        desk.closed = true;
        desk.listeners.clear();
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        lock(&self.0)
    }
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why a listener hears nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// It did not read, and more happened than could wait for it.
    TooSlow,
    /// The node shuts down.
    Closed,
}

/// Somebody who hears news, in the order in which they happened.
#[derive(Debug)]
pub struct Listener {
    id: u64,
    desk: Weak<Mutex<Desk>>,
    receiver: mpsc::Receiver<Told>,
    topics: HashSet<Topic>,
}

impl Listener {
    /// Listens to a topic from now on. Who may is decided before (see `Live::may_listen`).
    pub fn add(&mut self, topic: Topic) {
        if self.topics.insert(topic)
            && let Some(desk) = self.desk.upgrade()
        {
            lock(&desk).topics.entry(topic).or_default().insert(self.id);
        }
    }

    /// Listens to a topic no more.
    pub fn remove(&mut self, topic: Topic) {
        if self.topics.remove(&topic) {
            self.forget([topic]);
        }
    }

    /// The next notice.
    ///
    /// # Errors
    /// When this listener has lost its place.
    pub async fn next(&mut self) -> Result<(Topic, Arc<Notice>), Lost> {
        let closed = || self.desk.upgrade().is_none_or(|desk| lock(&desk).closed);
        self.receiver.recv().await.ok_or_else(|| if closed() { Lost::Closed } else { Lost::TooSlow })
    }

    /// Whether it listens to this topic.
    pub fn has(&self, topic: Topic) -> bool {
        self.topics.contains(&topic)
    }

    fn forget(&self, topics: impl IntoIterator<Item = Topic>) {
        let Some(desk) = self.desk.upgrade() else { return };
        let mut desk = lock(&desk);
        for topic in topics {
            if let Some(listeners) = desk.topics.get_mut(&topic) {
                listeners.remove(&self.id);
                if listeners.is_empty() {
                    desk.topics.remove(&topic);
                }
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.forget(self.topics.iter().copied());
        if let Some(desk) = self.desk.upgrade() {
            lock(&desk).listeners.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn stream(listed: bool) -> StreamOf {
        StreamOf {
            org: OrgId(Uuid::from_u128(1)),
            id: StreamId(Uuid::from_u128(2)),
            name: "show".parse().unwrap(),
            listed,
        }
    }

    fn online(listed: bool) -> NoticeEvent {
        NoticeEvent::Online { stream: stream(listed), broadcast: BroadcastId(Uuid::from_u128(3)) }
    }

    #[tokio::test]
    async fn a_listener_hears_its_topics_and_no_others() {
        let news = News::default();
        let mut listener = news.listen();
        listener.add(Topic::Stream(stream(true).id));
        news.tell(MediaTime(1), NoticeEvent::Connected { stream: stream(true), key: None });
        news.tell(MediaTime(2), online(true));
        let (topic, notice) = listener.next().await.unwrap();
        assert_eq!((topic, notice.at), (Topic::Stream(stream(true).id), MediaTime(2)));
        listener.remove(Topic::Stream(stream(true).id));
        news.tell(MediaTime(3), online(true));
        assert!(listener.receiver.try_recv().is_err());
    }

    #[test]
    fn a_stream_that_is_not_listed_is_not_told_to_those_who_hear_of_all() {
        let news = News::default();
        let mut listener = news.listen();
        listener.add(Topic::Streams(stream(true).org));
        news.tell(MediaTime(1), online(false));
        assert!(listener.receiver.try_recv().is_err());
        news.tell(MediaTime(2), online(true));
        assert!(listener.receiver.try_recv().is_ok());
    }

    #[tokio::test]
    async fn a_slow_listener_loses_its_place_and_the_others_notice_nothing() {
        let news = News::default();
        let (mut slow, mut quick) = (news.listen(), news.listen());
        for listener in [&mut slow, &mut quick] {
            listener.add(Topic::Streams(stream(true).org));
        }
        for at in 0..=i64::try_from(QUEUE).unwrap() {
            news.tell(MediaTime(at), online(true));
            assert_eq!(quick.next().await.unwrap().1.at, MediaTime(at));
        }
        for at in 0..i64::try_from(QUEUE).unwrap() {
            assert_eq!(slow.next().await.unwrap().1.at, MediaTime(at));
        }
        assert_eq!(slow.next().await, Err(Lost::TooSlow));
    }

    #[tokio::test]
    async fn a_node_that_shuts_down_ends_its_listeners_and_takes_no_new_ones() {
        let news = News::default();
        let mut before = news.listen();
        news.close();
        assert_eq!(before.next().await, Err(Lost::Closed));
        assert_eq!(news.listen().next().await, Err(Lost::Closed));
    }

    #[test]
    fn nothing_is_left_of_a_listener_that_is_gone() {
        let news = News::default();
        let mut listener = news.listen();
        listener.add(Topic::Streams(stream(true).org));
        drop(listener);
        assert!(news.desk().listeners.is_empty() && news.desk().topics.is_empty());
    }
}
