//! Begins to record what is live, and pumps its packets from the media plane to the recorder.

use std::time::Duration;

use sluice_domain::control::BroadcastState;
use sluice_domain::{BroadcastId, MediaTime, OrgId, RecordingId, StreamId};
use sluice_media::tapped::Tapped;
use sluice_recorder::{Begin, Taps};
use sluice_sfu::{KeyFrames, TapStream};
use sluice_store::Recording;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Running, RunningRecording};
use crate::access::within;
use crate::error::LiveError;
use crate::live::{Live, clock};
use crate::state::State;

/// How often what is live is looked at where nothing happens: a broadcast that could not be begun is tried
/// again after that.
const TICK: Duration = Duration::from_secs(1);

/// Messages between the pump and the recorder. The media plane has the queue that counts; this one only lets
/// both run at once.
const MESSAGES: usize = 64;

/// Wishes for key frames that wait. More would be asked for again anyway.
const WISHES: usize = 16;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A broadcast that is live.
#[derive(Debug, Clone, Copy)]
struct LiveNow {
    org: OrgId,
    stream: StreamId,
    broadcast: BroadcastId,
    since: MediaTime,
}

pub(super) async fn run(live: Live, stop: CancellationToken) {
    loop {
        for now in live.unrecorded() {
            match live.begin(now).await {
                Ok(()) => {}
                Err(error) => {
                    tracing::warn!(%error, broadcast = %now.broadcast, "recording does not begin yet");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
            () = live.recording_table().begun.notified() => {}
        }
    }
}

impl Live {
    /// Broadcasts that are live and not recorded. What is not live any more is forgotten.
    fn unrecorded(&self) -> Vec<LiveNow> {
        let live = self.state().live_now();
        let mut running = self.recording_table().running();
        let recorder = self.recording_table().makers().map(|makers| &makers.recorder);
        running.retain(|_, running| {
            // Viewers who are behind see the end of what is over.
            let window = || recorder.is_some_and(|recorder| recorder.live(running.broadcast).is_some());
            live.iter().any(|now| now.broadcast == running.broadcast) || window()
        });
        self.recording_table()
            .pictures()
            .retain(|_, (broadcast, _)| live.iter().any(|now| now.broadcast == *broadcast));
        let recorded = |now: &LiveNow| {
            running.get(&now.stream).is_some_and(|running| running.broadcast == now.broadcast)
        };
        live.into_iter().filter(|now| !recorded(now)).collect()
    }

    async fn begin(&self, now: LiveNow) -> Result<(), LiveError> {
        let Some(makers) = self.recording_table().makers() else { return Ok(()) };
        let store = self.access().store();
        let settings =
            within(async { Ok(store.recording_settings().of(now.org, now.stream).await?) }).await?;
        let tap = match self.sfu().tap(now.broadcast).await {
            Ok(tap) => tap,
            // It ended a moment ago.
            Err(sluice_sfu::SfuError::UnknownBroadcast) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let id = RecordingId(Uuid::now_v7());
        if settings.record {
            let keep_until = settings.keep_days.map(|days| now.since.0 / 1000 + days * DAY_MS);
            let row = self.row(now, id, settings.visibility, keep_until).await?;
            within(async { Ok(store.recordings().create(&row).await?) }).await?;
        }
        let (packets, tapped) = mpsc::channel(MESSAGES);
        let (wishes, wished) = mpsc::channel(WISHES);
        let begin =
            Begin { recording: id, broadcast: now.broadcast, keep: settings.record, started: now.since };
        makers.recorder.begin(begin, Taps { packets: tapped, key_frames: wishes });
        let recording = RunningRecording { id, bytes: 0, duration_ms: 0 };
        let running = Running { org: now.org, broadcast: now.broadcast, kept: settings.record, recording };
        self.recording_table().running().insert(now.stream, running);
        let (stream, key_frames) = tap.split();
        self.spawn(pump(stream, key_frames, packets, wished));
        tracing::info!(broadcast = %now.broadcast, recording = %id, kept = settings.record, "recording");
        Ok(())
    }

    /// The row of a recording that begins, with what its stream is called now.
    async fn row(
        &self,
        now: LiveNow,
        id: RecordingId,
        visibility: sluice_domain::RecordingVisibility,
        delete_after: Option<i64>,
    ) -> Result<Recording, LiveError> {
        let stream = self.access().stream_by_id(now.org, now.stream).await;
        let title = match stream {
            Ok(stream) => stream.title,
            Err(LiveError::UnknownStream) => String::new(),
            Err(error) => return Err(error),
        };
        let at = clock().0 / 1000;
        let times = (now.since.0 / 1000, at);
        let begun = Recording::begun(id, (now.org, now.stream), now.broadcast, title, times);
        Ok(Recording { visibility, delete_after, ..begun })
    }
}

impl State {
    /// Every broadcast that has media, in a gap too.
    fn live_now(&self) -> Vec<LiveNow> {
        let accepted = self.broadcasts.values().filter(|broadcast| broadcast.accepted);
        let live = accepted.filter_map(|broadcast| {
            let status = broadcast.status.borrow();
            let since = status.live_since.filter(|_| status.state != BroadcastState::Ended)?;
            let (org, stream) = (broadcast.holder.org, broadcast.holder.stream);
            Some(LiveNow { org, stream, broadcast: broadcast.id, since })
        });
        live.collect()
    }
}

/// From the media plane to the recorder, until either ends.
async fn pump(
    mut stream: TapStream,
    key_frames: KeyFrames,
    packets: mpsc::Sender<Tapped>,
    mut wishes: mpsc::Receiver<usize>,
) {
    let mut wishing = true;
    loop {
        tokio::select! {
            tapped = stream.recv() => {
                let Some(tapped) = tapped else { return };
                if packets.send(tapped).await.is_err() {
                    return;
                }
            }
            layer = wishes.recv(), if wishing => match layer {
                Some(layer) => key_frames.want(layer),
                None => wishing = false,
            }
        }
    }
}
