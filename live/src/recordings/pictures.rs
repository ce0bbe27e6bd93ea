//! What live streams show now: a small picture of each, made anew every few seconds.

use std::time::Duration;

use sluice_domain::{BroadcastId, StreamId};
use tokio_util::sync::CancellationToken;

use super::Makers;
use crate::live::Live;

/// Width of a picture on a card. Twice what it is on most screens, for those that show two pixels for one.
const WIDTH: u32 = 640;

pub(super) async fn run(live: Live, stop: CancellationToken) {
    let Some(makers) = live.recording_table().makers() else { return };
    let every = makers.config.thumbnails;
    if every == Duration::ZERO || !makers.transcode.available() {
        return;
    }
    let mut rounds = tokio::time::interval(every);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = rounds.tick() => {}
        }
        let round = async {
            for (stream, broadcast) in live.recorded_now() {
                live.picture_of(makers, stream, broadcast).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = round => {}
        }
    }
}

impl Live {
    fn recorded_now(&self) -> Vec<(StreamId, BroadcastId)> {
        let running = self.recording_table().running();
        let all: Vec<_> = running.iter().map(|(stream, running)| (*stream, running.broadcast)).collect();
        drop(running);
        all.into_iter().filter(|(stream, broadcast)| self.broadcast_of(*stream) == Some(*broadcast)).collect()
    }

    async fn picture_of(&self, makers: &Makers, stream: StreamId, broadcast: BroadcastId) {
        let Some(still) = makers.recorder.live(broadcast).and_then(|window| window.key_frame()) else {
            return;
        };
        match makers.transcode.still(still.mp4, WIDTH).await {
            Ok(picture) => {
                // It may have ended meanwhile.
                if self.broadcast_of(stream) == Some(broadcast) {
                    self.recording_table().pictures().insert(stream, (broadcast, picture));
                }
            }
            Err(error) => tracing::debug!(%error, %broadcast, "no picture of a live stream was made"),
        }
    }
}
