//! The whole recorder, on a real disk, in real time: what was captured in the last minute is pushed at once.

use std::path::Path;

use sluice_domain::BroadcastId;
use sluice_media::cmaf;
use sluice_media::tapped::Tapped;
use uuid::Uuid;

use super::*;
use crate::error::HlsRefusal;
use crate::live::Reload;
use crate::name::Rendition;
use crate::testing::{Publisher, recording};
use crate::vod::Trim;

mod crash;
mod serve;
mod space;
mod storage;

/// A recorder in a folder of its own.
struct Rig {
    recorder: Recorder,
    events: mpsc::Receiver<RecorderEvent>,
    folder: tempfile::TempDir,
}

/// A broadcast on its way into it.
struct Feed {
    publisher: Publisher,
    packets: mpsc::Sender<Tapped>,
    key_frames: mpsc::Receiver<usize>,
    live: LiveWindow,
}

impl Rig {
    fn start() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut RecorderConfig)) -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), change)
    }

    fn in_folder(folder: tempfile::TempDir, change: impl FnOnce(&mut RecorderConfig)) -> Self {
        let mut config = config(folder.path());
        change(&mut config);
        let (recorder, events) = Recorder::start(config).unwrap();
        Self { recorder, events, folder }
    }

    /// A broadcast that began so many seconds ago.
    fn begin(&self, number: u128, keep: bool, mut publisher: Publisher, seconds_ago: i64) -> Feed {
        let now = self.recorder.shared.now();
        publisher.begin_at(now.0 - seconds_ago * 1_000_000);
        // A minute passes in a moment here, which is no time to ask for key frames.
        for stream in &mut publisher.streams {
            stream.gop = Some(60);
        }
        let (packets, receiver) = mpsc::channel(8_192);
        let (wants, key_frames) = mpsc::channel(64);
        let begin = Begin {
            recording: recording(number),
            broadcast: BroadcastId(Uuid::from_u128(number)),
            keep,
            started: now,
        };
        let live = self.recorder.begin(begin, Taps { packets: receiver, key_frames: wants });
        packets.try_send(publisher.layers()).unwrap();
        Feed { publisher, packets, key_frames, live }
    }

    /// The next event that is not about progress.
    async fn event(&mut self) -> RecorderEvent {
        loop {
            let event = tokio::time::timeout(Duration::from_secs(30), self.events.recv());
            match event.await.expect("an event comes").expect("the recorder runs") {
                RecorderEvent::Progress { .. } => {}
                event => return event,
            }
        }
    }
}

impl Feed {
    /// Pushes what was captured in the next seconds, with the key frames that are asked for meanwhile.
    async fn seconds(&mut self, seconds: i64) {
        for _ in 0..seconds * 5 {
            for message in self.publisher.millis(200) {
                self.packets.send(message).await.unwrap();
            }
            self.taken_in().await;
            while let Ok(layer) = self.key_frames.try_recv() {
                self.publisher.want(layer);
            }
        }
    }

    /// Waits until the recorder has looked at all that was pushed, and asked for what it needs: it takes another
    /// message only when it is done with the one before.
    async fn taken_in(&self) {
        self.packets.send(self.publisher.layers()).await.unwrap();
        let all_taken = self.packets.reserve_many(self.packets.max_capacity());
        let taken = tokio::time::timeout(Duration::from_secs(30), all_taken).await;
        drop(taken.expect("the recorder takes what is pushed").unwrap());
    }
}

fn config(folder: &Path) -> RecorderConfig {
    let mut config = RecorderConfig::new(folder.join("spool"), StoreConfig::Local(folder.join("store")));
    config.free_space = 0;
    config.linger = Duration::from_millis(50);
    config.retry = Duration::from_millis(200);
    config
}

/// Reads a playlist as a player would: its lines that name files.
fn uris(text: &str) -> Vec<String> {
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect()
}

fn text(bytes: &bytes::Bytes) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
