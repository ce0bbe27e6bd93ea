//! One rendition as a player follows it: the playlist again and again, and what is new in it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use reqwest::Url;
use tokio::time::sleep;

use super::buffer::Buffer;
use super::http::Keep;
use super::playlist::Media;
use super::tally::{Kind, record};
use super::viewer::{Asks, fetches};

/// Waiting time after something failed.
const AFTER_ERROR: Duration = Duration::from_millis(500);

/// Segments of a recording that are fetched ahead.
const AHEAD: u32 = 2;

/// Segments behind the newest at which a player of whole segments starts (RFC 8216 §6.3.3).
const BEHIND: usize = 3;

/// A track of a viewer.
#[derive(Debug)]
pub(crate) struct Track {
    asks: Asks,
    url: Url,
    index: u32,
    began: Instant,
    /// Its start is that of the viewer.
    leads: bool,
    buffer: Option<Buffer>,
    /// What comes next: number of a segment, and of a part in it.
    next: Option<(u64, usize)>,
    map: Option<String>,
}

impl Track {
    pub(crate) const fn new(asks: Asks, url: Url, index: u32, began: Instant, leads: bool) -> Self {
        Self { asks, url, index, began, leads, buffer: None, next: None, map: None }
    }

    /// Plays until it is dropped; a recording begins anew when it is over.
    pub(crate) async fn follow(mut self) {
        let mut blocks = false;
        loop {
            let next = self.next.filter(|_| blocks);
            let asked = Instant::now();
            let Ok(media) = self.asks.playlist(&self.url, next).await else {
                sleep(AFTER_ERROR).await;
                continue;
            };
            blocks = media.blocks && !media.ended && !self.asks.setup.args.plain;
            let before = self.next;
            let Ok(fetched) = self.read(&media).await else {
                sleep(AFTER_ERROR).await;
                continue;
            };
            if media.ended {
                // Once more, from its beginning.
                self.next = media.segments.first().map(|first| (first.number, 0));
                if fetched == 0 {
                    sleep(AFTER_ERROR).await;
                }
            } else if !blocks {
                // A playlist that has not changed is asked for again sooner (RFC 8216 §6.3.4).
                let pause = if self.next == before { media.target / 2 } else { media.target };
                sleep(pause.max(AFTER_ERROR).saturating_sub(asked.elapsed())).await;
            } else if self.next == before {
                // It answered without news; a player would not ask without end either.
                sleep(AFTER_ERROR / 5).await;
            }
        }
    }

    /// Fetches what is new: how many files of media.
    async fn read(&mut self, media: &Media) -> Result<usize> {
        let plain = self.asks.setup.args.plain;
        let hold = match media.part_hold_back.filter(|_| !plain && !media.ended) {
            Some(hold) => hold,
            None => media.target,
        };
        self.buffer.get_or_insert_with(|| Buffer::new(Instant::now(), hold));
        let mut next = self.next.unwrap_or_else(|| self.start(media));
        if let Some(first) = media.segments.first()
            && next.0 < first.number
        {
            self.asks.setup.tally.lock().skips += 1;
            next = self.start(media);
        }
        self.next = Some(next);
        let mut fetched = 0;
        for segment in media.segments.iter().filter(|segment| segment.number >= next.0) {
            let from = if segment.number == next.0 { next.1 } else { 0 };
            for fetch in fetches(segment, from, plain || media.ended) {
                if fetch.gap {
                    self.asks.setup.tally.lock().gaps += 1;
                    self.next = Some(fetch.next);
                    continue;
                }
                if media.ended {
                    self.pause(media.target * AHEAD).await;
                }
                if segment.map != self.map {
                    if let Some(map) = &segment.map {
                        self.asks.get(Kind::Init, &self.url.join(map)?, Keep::Nothing).await?;
                    }
                    self.map.clone_from(&segment.map);
                }
                let url = self.url.join(&fetch.uri)?;
                self.asks.get(fetch.kind, &url, Keep::Nothing).await?;
                self.got(fetch.duration, fetch.captured.filter(|_| !media.ended));
                self.next = Some(fetch.next);
                fetched += 1;
            }
        }
        Ok(fetched)
    }

    /// Where a player starts: in the middle of a recording, each viewer elsewhere; at the newest key frame
    /// that is sure to be one; or some segments behind the newest.
    fn start(&self, media: &Media) -> (u64, usize) {
        let all = media.segments.len();
        let at = if media.ended {
            (self.index as usize).wrapping_mul(7919) % all.max(1)
        } else if media.blocks && !self.asks.setup.args.plain {
            all.saturating_sub(1)
        } else {
            let complete = media.segments.iter().filter(|segment| segment.uri.is_some()).count();
            complete.saturating_sub(BEHIND)
        };
        media.segments.get(at).map_or((0, 0), |segment| (segment.number, 0))
    }

    /// Waits until no more than this is there.
    async fn pause(&mut self, most: Duration) {
        let now = Instant::now();
        if let Some(buffer) = &mut self.buffer {
            sleep(buffer.filled(now).saturating_sub(most)).await;
        }
    }

    /// Media arrived.
    fn got(&mut self, duration: Duration, captured: Option<i64>) {
        let now = Instant::now();
        let Some(buffer) = &mut self.buffer else { return };
        let starts = buffer.add(now, duration);
        let mut tally = self.asks.setup.tally.lock();
        if let Some(captured) = captured {
            let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let behind = u64::try_from(clock.as_millis() as i64 - captured).unwrap_or(0);
            record(&mut tally.behind, Duration::from_millis(behind));
        }
        if starts && self.leads {
            tally.playing += 1;
            record(&mut tally.startup, now.saturating_duration_since(self.began));
        }
    }
}

impl Drop for Track {
    fn drop(&mut self) {
        let Some(buffer) = &mut self.buffer else { return };
        buffer.end(Instant::now());
        let mut tally = self.asks.setup.tally.lock();
        tally.stalls += buffer.stalls;
        tally.stalled += buffer.stalled;
        tally.stalled_viewers += u64::from(self.leads && buffer.stalls > 0);
    }
}
