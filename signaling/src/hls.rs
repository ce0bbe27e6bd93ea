//! Live streams over HLS and DASH (docs/spec/hls.md): what a stream is now, by its name, and the files of its
//! broadcast, which never change.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use sluice_domain::{AccessLevel, BroadcastId, Grant, StreamName};
use sluice_live::{Credential, HlsRefusal, LiveError, Reload};

use crate::endpoint::{self, StreamPath};
use crate::error::SignalingError;
use crate::serving::{Keeper, Kept, Serving};
use crate::{Shared, bearer};

/// Playlists of HLS.
pub(crate) const PLAYLIST: &str = "application/vnd.apple.mpegurl";

/// Manifests of DASH.
pub(crate) const MANIFEST: &str = "application/dash+xml";

/// Segments of fragmented MP4.
pub(crate) const SEGMENT: &str = "video/mp4";

/// A master playlist is read once, and says what layers there are: a layer that comes later is found by those
/// who come later.
const MASTER: Kept = Kept::Seconds(4);

/// A media playlist that was asked for as it is: it changes with the next part.
const PLAIN_PLAYLIST: Kept = Kept::Seconds(1);

/// A media playlist that was waited for: what it has been asked for is in it for good (RFC 8216bis §B.1 allows
/// six target durations; this is the least of what it can be).
const AWAITED_PLAYLIST: Kept = Kept::Seconds(6);

/// A picture of a live stream. It is made anew every ten seconds or so.
const LIVE_PICTURE: Kept = Kept::Seconds(5);

/// What somebody asks with.
pub(crate) struct Asker {
    pub(crate) credential: Option<Credential>,
    pub(crate) caller: IpAddr,
    /// The query of each address in a playlist, so that a player which cannot send headers shows its token again:
    /// `token=…`, or nothing.
    pub(crate) query: String,
}

impl Asker {
    pub(crate) fn of(request: &Request) -> Self {
        Self {
            credential: bearer::credential(request.headers(), request.uri()),
            caller: sluice_http::caller(request.extensions()),
            query: carried(request.uri()),
        }
    }
}

/// Somebody who may play a stream.
struct Player<'a> {
    grant: Arc<Grant>,
    asker: Asker,
    serving: Serving<'a>,
}

impl<'a> Player<'a> {
    async fn of(
        signaling: &Shared,
        stream: &StreamName,
        asker: Asker,
        headers: &'a HeaderMap,
    ) -> Result<Self, LiveError> {
        let grant = signaling.live.may_play(stream, asker.credential.as_ref(), asker.caller).await?;
        let serving = Serving { headers, keeper: keeper(grant.access) };
        Ok(Self { grant, asker, serving })
    }
}

/// Who may keep what is told of a stream.
pub(crate) const fn keeper(access: AccessLevel) -> Keeper {
    match access {
        AccessLevel::Public | AccessLevel::Unlisted => Keeper::Anybody,
        AccessLevel::Private
        | AccessLevel::Password
        | AccessLevel::Followers
        | AccessLevel::Premium
        | AccessLevel::Vip => Keeper::Player,
    }
}

/// `GET /hls/{stream}/master.m3u8`
pub(crate) async fn master(
    State(signaling): State<Shared>,
    StreamPath(stream): StreamPath,
    request: Request,
) -> Result<Response, SignalingError> {
    let Player { grant, asker, serving } =
        Player::of(&signaling, &stream, Asker::of(&request), request.headers()).await?;
    endpoint::note_user(&grant);
    let (broadcast, window) = signaling.live.window(grant.stream)?;
    let text = window.master(&format!("{broadcast}/"), &asker.query).map_err(refused)?;
    Ok(serving.text(&text.plain, || text.gzip(), PLAYLIST, MASTER))
}

/// `GET /hls/{stream}/manifest.mpd`
pub(crate) async fn manifest(
    State(signaling): State<Shared>,
    StreamPath(stream): StreamPath,
    request: Request,
) -> Result<Response, SignalingError> {
    let Player { grant, asker, serving } =
        Player::of(&signaling, &stream, Asker::of(&request), request.headers()).await?;
    endpoint::note_user(&grant);
    let (broadcast, window) = signaling.live.window(grant.stream)?;
    let now = signaling.live.now();
    let text = window.dash(&format!("{broadcast}/"), &asker.query, now).map_err(refused)?;
    Ok(serving.text(&text.plain, || text.gzip(), MANIFEST, PLAIN_PLAYLIST))
}

/// `GET /hls/{stream}/thumbnail.jpg`
pub(crate) async fn thumbnail(
    State(signaling): State<Shared>,
    StreamPath(stream): StreamPath,
    request: Request,
) -> Result<Response, SignalingError> {
    let Player { grant, serving, .. } =
        Player::of(&signaling, &stream, Asker::of(&request), request.headers()).await?;
    let picture = signaling.live.picture(grant.stream).ok_or(LiveError::Hls(HlsRefusal::NotLive))?;
    Ok(serving.picture(picture, LIVE_PICTURE))
}

/// `GET /hls/{stream}/{broadcast}/{rendition}/{file}`
pub(crate) async fn file(
    State(signaling): State<Shared>,
    Path((stream, broadcast, rendition, file)): Path<(String, String, String, String)>,
    request: Request,
) -> Result<Response, SignalingError> {
    let stream: StreamName = stream.parse().map_err(|_| LiveError::UnknownStream)?;
    let Player { grant, asker, serving } =
        Player::of(&signaling, &stream, Asker::of(&request), request.headers()).await?;
    let (live, window) = signaling.live.window(grant.stream)?;
    let broadcast: BroadcastId = broadcast.parse().map_err(|_| unknown())?;
    if broadcast != live {
        return Err(unknown());
    }
    if file == "media.m3u8" {
        let reload = reload(request.uri()).ok_or(LiveError::Hls(HlsRefusal::Absurd))?;
        let kept = if reload.segment.is_some() { AWAITED_PLAYLIST } else { PLAIN_PLAYLIST };
        let text = window.playlist(&rendition, reload, &asker.query).await.map_err(refused)?;
        return Ok(serving.text(&text.plain, || text.gzip(), PLAYLIST, kept));
    }
    let bytes = window.file(&rendition, &file).await.map_err(refused)?;
    let tag = format!("{broadcast}-{rendition}-{file}");
    Ok(serving.bytes(bytes, SEGMENT, Kept::Forever, &tag))
}

/// `OPTIONS` of everything that is played: what it takes is in the headers of every answer.
pub(crate) async fn options() -> StatusCode {
    StatusCode::NO_CONTENT
}

pub(crate) fn unknown() -> SignalingError {
    LiveError::Hls(HlsRefusal::Unknown).into()
}

pub(crate) fn refused(refusal: HlsRefusal) -> SignalingError {
    LiveError::Hls(refusal).into()
}

/// What a blocking reload asks for (RFC 8216bis §6.2.5.2); `None` where it makes no sense.
fn reload(uri: &Uri) -> Option<Reload> {
    let mut reload = Reload::default();
    for (name, value) in uri.query().into_iter().flat_map(pairs) {
        match name {
            "_HLS_msn" => reload.segment = Some(value.parse().ok()?),
            "_HLS_part" => reload.part = Some(value.parse().ok()?),
            "_HLS_skip" => reload.skip = matches!(value, "YES" | "v2"),
            _ => {}
        }
    }
    // A part without its segment is none.
    (reload.part.is_none() || reload.segment.is_some()).then_some(reload)
}

fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter_map(|pair| pair.split_once('='))
}

/// The token of an address, as it stands in each address that a playlist has. Only what a token is made of is
/// taken over: a playlist is a text, and what stands in it means something to players.
fn carried(uri: &Uri) -> String {
    let plain = |value: &str| {
        !value.is_empty()
            && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte))
    };
    let token = uri
        .query()
        .into_iter()
        .flat_map(pairs)
        .find(|(name, value)| matches!(*name, "token" | "key") && plain(value));
    token.map_or_else(String::new, |(name, value)| format!("{name}={value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_along_into_playlists_and_nothing_else_does() {
        let of = |uri: &str| carried(&uri.parse().unwrap());
        assert_eq!(of("/hls/a/master.m3u8?token=eyJ.a-b_c.d"), "token=eyJ.a-b_c.d");
        assert_eq!(of("/hls/a/master.m3u8?x=1&key=sl_1&y=2"), "key=sl_1");
        assert_eq!(of("/hls/a/master.m3u8?_HLS_msn=3"), "");
        assert_eq!(of("/hls/a/master.m3u8?token="), "");
        for bad in ["a,b", "a;b", "a(b", "a'b", "a/b", "a=b"] {
            assert_eq!(of(&format!("/hls/a/master.m3u8?token={bad}")), "", "{bad}");
        }
    }

    #[test]
    fn a_reload_names_a_segment_and_perhaps_a_part_of_it() {
        let of = |query: &str| reload(&format!("/media.m3u8{query}").parse().unwrap());
        assert_eq!(of(""), Some(Reload::default()));
        let whole = of("?_HLS_msn=7&_HLS_part=2&_HLS_skip=YES&token=x").unwrap();
        assert_eq!((whole.segment, whole.part, whole.skip), (Some(7), Some(2), true));
        for bad in
            ["?_HLS_part=2", "?_HLS_msn=x", "?_HLS_msn=-1", "?_HLS_msn=1&_HLS_part=99999999999999999999"]
        {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
