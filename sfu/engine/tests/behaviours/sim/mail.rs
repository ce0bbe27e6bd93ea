//! Mailboxes between shards: in order, a little late, and sometimes full.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use sluice_sfu_engine::relay::News;
use sluice_sfu_engine::{Relay, WorkerId};

/// Whether a mailbox takes a message.
pub(crate) type Accepts = Box<dyn FnMut(Instant, &Relay) -> bool>;

/// The mailboxes of all workers.
pub(crate) struct Mail {
    /// How long a message takes.
    pub(crate) delay: Duration,
    /// Whether a message is taken; all are where absent.
    pub(crate) accepts: Option<Accepts>,
    /// What was taken, by kind.
    pub(crate) log: Vec<(Instant, WorkerId, &'static str)>,
    under_way: VecDeque<(Instant, WorkerId, WorkerId, Relay)>,
}

impl Default for Mail {
    fn default() -> Self {
        Self { delay: Duration::from_micros(200), accepts: None, log: Vec::new(), under_way: VecDeque::new() }
    }
}

impl Mail {
    pub(crate) fn put(
        &mut self,
        now: Instant,
        to: WorkerId,
        from: WorkerId,
        relay: Relay,
    ) -> Result<(), Relay> {
        if self.accepts.as_mut().is_some_and(|accepts| !accepts(now, &relay)) {
            return Err(relay);
        }
        self.log.push((now, to, kind(&relay)));
        self.under_way.push_back((now + self.delay, to, from, relay));
        Ok(())
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.under_way.front().map(|(at, ..)| *at)
    }

    pub(crate) fn take(&mut self, now: Instant) -> Option<(WorkerId, WorkerId, Relay)> {
        self.next().filter(|at| *at <= now)?;
        self.under_way.pop_front().map(|(_, to, from, relay)| (to, from, relay))
    }

    /// How many messages of a kind were taken since an instant.
    pub(crate) fn count(&self, kind: &str, since: Instant) -> usize {
        self.log.iter().filter(|(at, _, logged)| *at >= since && *logged == kind).count()
    }
}

/// The kind of a message, in a word.
pub(crate) const fn kind(relay: &Relay) -> &'static str {
    match &relay.news {
        News::Subscribe { .. } => "subscribe",
        News::Unsubscribe => "unsubscribe",
        News::KeyFrameWanted { .. } => "key frame",
        News::Snapshot { .. } => "snapshot",
        News::Stream { .. } => "stream",
        News::Packets(_) => "packets",
        News::Changed { .. } => "changed",
    }
}
