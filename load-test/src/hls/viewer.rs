//! One viewer: it reads the master playlist, and then follows a rendition of video and one of audio.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use reqwest::Url;
use tokio::time::sleep;

use super::http::{Answer, Connection, Keep};
use super::playlist::{Master, Media, Segment};
use super::tally::{Kind, Shared};
use super::track::Track;
use crate::cli::hls::Hls;

/// Waiting time after something failed.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// What all viewers share.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) args: Hls,
    pub(crate) address: SocketAddr,
    pub(crate) tally: Shared,
}

/// Watches until it is dropped or the recording is over.
pub(crate) async fn watch(setup: Arc<Setup>, index: u32) {
    let began = Instant::now();
    let mut asks = Asks::new(&setup);
    let (video, audio) = loop {
        match choose(&mut asks, index).await {
            Ok(chosen) => break chosen,
            Err(_counted) => sleep(AFTER_ERROR).await,
        }
    };
    let other = audio.map(|audio| Track::new(Asks::new(&setup), audio, index, began, false));
    let video = Track::new(asks, video, index, began, true);
    match other {
        Some(audio) => {
            tokio::join!(video.follow(), audio.follow());
        }
        None => video.follow().await,
    }
}

/// The renditions of a viewer: video, and audio where that is one of its own.
async fn choose(asks: &mut Asks, index: u32) -> Result<(Url, Option<Url>)> {
    let url = asks.setup.args.url.clone();
    let text = asks.get(Kind::Playlist, &url, Keep::Text).await?.text;
    let Some(master) = Master::parse(&text) else {
        // A media playlist is all there is.
        return Ok((url, None));
    };
    let args = &asks.setup.args;
    let wanted = args.rendition.unwrap_or(index as usize % master.variants.len());
    let variant = &master.variants[wanted.min(master.variants.len() - 1)];
    let audio = variant.audio.as_ref().filter(|_| !args.no_audio);
    let join = |uri: &String| url.join(uri).with_context(|| format!("{uri} is no address"));
    Ok((join(&variant.uri)?, audio.map(join).transpose()?))
}

/// Requests that are counted, on a connection of their own.
#[derive(Debug)]
pub(crate) struct Asks {
    pub(crate) setup: Arc<Setup>,
    connection: Connection,
}

impl Asks {
    pub(crate) fn new(setup: &Arc<Setup>) -> Self {
        let (args, setup) = (&setup.args, Arc::clone(setup));
        let connection = Connection::new(setup.address, &args.url, args.token.as_ref());
        Self { connection, setup: Arc::clone(&setup) }
    }

    /// Asks for a file; what is no success is counted as an error.
    pub(crate) async fn get(&mut self, kind: Kind, url: &Url, keep: Keep) -> Result<Answer> {
        let began = Instant::now();
        let opened = self.connection.opened;
        let got = self.connection.get(url, keep).await;
        let mut tally = self.setup.tally.lock();
        tally.connections += self.connection.opened - opened;
        match got {
            Ok(answer) if answer.status == 200 => {
                tally.answered(kind, answer.bytes, began.elapsed());
                Ok(answer)
            }
            Ok(answer) => {
                let what = format!("{} for a {}", answer.status, name(kind));
                tally.error(what.clone());
                Err(anyhow!(what))
            }
            Err(error) => {
                tally.error(format!("{error:#}"));
                Err(error)
            }
        }
    }

    /// Asks for a media playlist.
    pub(crate) async fn playlist(&mut self, url: &Url, next: Option<(u64, usize)>) -> Result<Media> {
        let mut url = url.clone();
        if let Some((number, part)) = next {
            url.query_pairs_mut()
                .append_pair("_HLS_msn", &number.to_string())
                .append_pair("_HLS_part", &part.to_string());
        }
        let kind = if next.is_some() { Kind::Blocking } else { Kind::Playlist };
        let answer = self.get(kind, &url, Keep::Text).await?;
        Media::parse(&answer.text).ok_or_else(|| {
            self.setup.tally.lock().error("not a playlist".to_owned());
            anyhow!("not a playlist")
        })
    }
}

const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Playlist | Kind::Blocking => "playlist",
        Kind::Init => "beginning of a track",
        Kind::Part => "part",
        Kind::Segment => "segment",
    }
}

/// Something to be fetched.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fetch {
    pub(crate) kind: Kind,
    pub(crate) uri: String,
    pub(crate) duration: Duration,
    /// When its end was captured.
    pub(crate) captured: Option<i64>,
    pub(crate) gap: bool,
    /// What follows it.
    pub(crate) next: (u64, usize),
}

/// What of a segment is still to be fetched, from a part on: parts while there are some, or all of it.
pub(crate) fn fetches(segment: &Segment, from: usize, plain: bool) -> Vec<Fetch> {
    let whole = segment.uri.as_ref().map(|uri| Fetch {
        kind: Kind::Segment,
        uri: uri.clone(),
        duration: segment.duration,
        captured: segment.captured.map(|at| at + segment.duration.as_millis() as i64),
        gap: segment.gap,
        next: (segment.number + 1, 0),
    });
    if plain || segment.parts.is_empty() {
        return whole.filter(|_| from == 0).into_iter().collect();
    }
    let mut end = Duration::ZERO;
    let mut list = Vec::new();
    for (number, part) in segment.parts.iter().enumerate() {
        end += part.duration;
        let last = segment.uri.is_some() && number + 1 == segment.parts.len();
        if number >= from {
            list.push(Fetch {
                kind: Kind::Part,
                uri: part.uri.clone(),
                duration: part.duration,
                captured: segment.captured.map(|at| at + end.as_millis() as i64),
                gap: part.gap,
                next: if last { (segment.number + 1, 0) } else { (segment.number, number + 1) },
            });
        }
    }
    list
}
