//! The one task that follows the media plane and the clock.

use std::time::{Duration, Instant};

use sluice_sfu::{ChatInput, SfuEvent};
use tokio::sync::mpsc;

use crate::live::{Live, clock};
use crate::metrics;

/// How long shutdown waits for requests that are being answered. They wait for the media plane
/// only, which has refused them by then; more would only delay the exit after a fault.
pub(crate) const SHUTDOWN_LIMIT: Duration = Duration::from_secs(2);

/// Most events that are taken in before gauges and timeouts get their turn.
const BATCH: usize = 256;

/// How often the gauges are set. They are read every few seconds at most.
const GAUGE_INTERVAL: Duration = Duration::from_secs(1);

/// Ends when the media plane is gone.
pub(crate) async fn run(live: Live, mut events: mpsc::Receiver<SfuEvent>) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut gauges = tokio::time::interval(GAUGE_INTERVAL);
    loop {
        let deadline = tokio::time::Instant::from_std(live.state().next_timeout());
        // 1. Wait for news, for the next timeout, or for a request that moved it; show the gauges.
        tokio::select! {
            count = events.recv_many(&mut batch, BATCH) => if count == 0 { return },
            () = tokio::time::sleep_until(deadline) => {}
            () = live.timeout_moved() => {}
            _ = gauges.tick() => {
                let mut state = live.state();
                metrics::observe(&state);
                state.tell_stats();
            }
        }
        // 2. Take in what members say and what happened, and 3. end what is over.
        batch.retain_mut(|event| live.take_in_chat(event));
        let effects = {
            let mut state = live.state();
            let (now, clock) = (Instant::now(), clock());
            for event in batch.drain(..) {
                tracing::trace!(?event, "media plane");
                state.handle_event(event, now, clock);
            }
            state.handle_timeout(now, clock)
        };
        // 4. Tell the media plane.
        if !effects.is_empty() {
            tracing::info!(?effects, "ending what is over");
            live.carry_out(effects).await;
        }
        // 5. Tell who listens.
        live.tell();
    }
}

impl Live {
    /// Takes in what members of chats do. Whether the tables of sessions have to do with an event, too.
    fn take_in_chat(&self, event: &mut SfuEvent) -> bool {
        match event {
            SfuEvent::Chat { member, chat, event } => {
                // Taken and not copied: what is left of the event goes away.
                let event = std::mem::replace(event, ChatInput::Opened);
                self.chat_table().channels.handle(self, *member, *chat, event);
                false
            }
            SfuEvent::PeerClosed { peer, .. } => {
                self.chat_table().peer_closed(*peer);
                self.probes().peer_closed(*peer);
                true
            }
            _ => true,
        }
    }
}
