//! What goes on within an HTTP/2 connection: whether it is idle, and whether it only makes work.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::Instant;

/// How often the counts are looked at.
const TICK: Duration = Duration::from_secs(1);

/// Requests given up before their answer began, within a tick. A page that is left gives up a handful; an
/// attacker thousands. More lets it make more work for nothing.
const MAX_ABANDONED: u32 = 100;

/// The requests of one connection.
#[derive(Debug, Default)]
pub(super) struct Activity {
    running: AtomicU32,
    /// Whether there was any since the last look.
    busy: AtomicBool,
    /// Given up since the last look.
    abandoned: AtomicU32,
}

impl Activity {
    /// Counts a request until what is returned is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Running {
        self.running.fetch_add(1, Ordering::Relaxed);
        self.busy.store(true, Ordering::Relaxed);
        Running { activity: Arc::clone(self), answered: false }
    }

    /// Ends when no request ran for this time.
    pub(super) async fn idle(&self, limit: Duration) {
        let mut since = Instant::now();
        loop {
            tokio::time::sleep_until(since + limit).await;
            let busy = self.busy.swap(false, Ordering::Relaxed);
            if self.running.load(Ordering::Relaxed) == 0 && !busy {
                return;
            }
            since = Instant::now();
        }
    }

    /// Ends when the connection only makes work.
    pub(super) async fn abused(&self) {
        loop {
            tokio::time::sleep(TICK).await;
            if self.abandoned.swap(0, Ordering::Relaxed) > MAX_ABANDONED {
                return;
            }
        }
    }
}

/// A request that runs.
#[derive(Debug)]
pub(super) struct Running {
    activity: Arc<Activity>,
    answered: bool,
}

impl Running {
    /// The answer has begun; the request runs until its body is sent or given up.
    pub(super) fn until_sent(mut self, body: Body) -> Sending {
        self.answered = true;
        Sending { body, _running: self }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.activity.running.fetch_sub(1, Ordering::Relaxed);
        self.activity.busy.store(true, Ordering::Relaxed);
        if !self.answered {
            self.activity.abandoned.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The body of an answer that is on its way.
#[derive(Debug)]
pub(super) struct Sending {
    body: Body,
    _running: Running,
}

impl HttpBody for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(ctx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn a_connection_is_idle_once_its_last_answer_is_sent_and_a_while_has_passed() {
        let activity = Arc::new(Activity::default());
        let sending = activity.begin().until_sent(Body::from("x"));
        let idle = activity.idle(LIMIT);
        let mut idle = std::pin::pin!(idle);
        let waited = tokio::time::timeout(LIMIT * 5, idle.as_mut()).await;
        assert!(waited.is_err(), "a body on its way is no idleness");
        drop(sending);
        let from = Instant::now();
        idle.await;
        assert!(from.elapsed() >= LIMIT, "{:?}", from.elapsed());
    }

    #[tokio::test]
    async fn many_requests_given_up_at_once_are_an_abuse_and_many_answered_ones_are_not() {
        let activity = Arc::new(Activity::default());
        let abused = activity.abused();
        let mut abused = std::pin::pin!(abused);
        for _ in 0..=MAX_ABANDONED {
            drop(activity.begin().until_sent(Body::empty()));
        }
        assert!(tokio::time::timeout(TICK * 2, abused.as_mut()).await.is_err());
        for _ in 0..=MAX_ABANDONED {
            drop(activity.begin());
        }
        assert!(tokio::time::timeout(TICK * 3, abused).await.is_ok());
    }
}
