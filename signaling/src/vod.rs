//! Recordings over HLS and DASH, with their pictures and as a file to take along (docs/spec/hls.md).

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::CONTENT_DISPOSITION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use sluice_domain::{Codec, RecordingId};
use sluice_live::{CONVERTED, Download, HlsRefusal, LiveError, Replay, Vod};

use crate::Shared;
use crate::endpoint;
use crate::error::SignalingError;
use crate::hls::{Asker, MANIFEST, PLAYLIST, SEGMENT, keeper, refused, unknown};
use crate::serving::{Keeper, Kept, Serving};

/// Playlists of a recording change when it is cut, its pictures when they are made.
const PLAYLISTS: Kept = Kept::Seconds(60);

/// Pictures are made once, and stay until their recording is deleted or hidden.
const PICTURES: Kept = Kept::Seconds(3600);

/// How long a file to take along may be kept: a cut makes another one of it.
const FILE: Kept = Kept::Seconds(60);

/// Seconds until whoever waits for a download may ask again.
const DOWNLOAD_RETRY: u16 = 5;

/// The text that names the pictures of a seek bar.
const STORYBOARD: &str = "text/vtt; charset=utf-8";

/// `GET /vod/{recording}/{file}`: playlists, pictures and the download.
pub(crate) async fn file(
    State(signaling): State<Shared>,
    Path((recording, file)): Path<(String, String)>,
    request: Request,
) -> Result<Response, SignalingError> {
    let asker = Asker::of(&request);
    let replay = watched(&signaling, &recording, &asker).await?;
    endpoint::note_user(&replay.grant);
    let serving = Serving { headers: request.headers(), keeper: keeper_of(&replay) };
    match file.as_str() {
        "master.m3u8" => {
            let vod = signaling.live.vod(&replay).await?;
            if let Some(converted) = signaling.live.converted(&replay, &vod).await? {
                let text = converted.master(has_sound(&vod), &asker.query).into();
                return Ok(serving.plain(&text, PLAYLIST, PLAYLISTS));
            }
            let text = vod.master("", &asker.query).map_err(refused)?;
            Ok(serving.text(&text.plain, || text.gzip(), PLAYLIST, PLAYLISTS))
        }
        "manifest.mpd" => {
            let vod = signaling.live.vod(&replay).await?;
            // What was made for players of HLS alone is not in a manifest, and its sound alone is no answer.
            if signaling.live.converted(&replay, &vod).await?.is_some() {
                return Err(refused(HlsRefusal::CodecUnsupported));
            }
            let text = vod.dash("", &asker.query).map_err(refused)?;
            Ok(serving.text(&text.plain, || text.gzip(), MANIFEST, PLAYLISTS))
        }
        "download.mp4" => {
            // It is not for everybody who may watch, so that nobody in between may keep it.
            let serving = Serving { keeper: Keeper::Player, ..serving };
            download(&signaling, &serving, &replay, &asker).await
        }
        "poster.jpg" => {
            let picture = signaling.live.made(&replay, &file).await?;
            Ok(serving.picture(picture, PICTURES))
        }
        "storyboard.vtt" => {
            let text = signaling.live.storyboard(&replay, &asker.query).await?;
            Ok(serving.bytes(
                text.into(),
                STORYBOARD,
                PLAYLISTS,
                &format!("vtt-{}", replay.recording.version),
            ))
        }
        _ if is_sheet(&file) => {
            let picture = signaling.live.made(&replay, &file).await?;
            Ok(serving.picture(picture, PICTURES))
        }
        _ => Err(unknown()),
    }
}

/// `GET /vod/{recording}/{rendition}/{file}`: the files of a rendition.
pub(crate) async fn rendition(
    State(signaling): State<Shared>,
    Path((recording, rendition, file)): Path<(String, String, String)>,
    request: Request,
) -> Result<Response, SignalingError> {
    let asker = Asker::of(&request);
    let replay = watched(&signaling, &recording, &asker).await?;
    let serving = Serving { headers: request.headers(), keeper: keeper_of(&replay) };
    let vod = signaling.live.vod(&replay).await?;
    if rendition == CONVERTED {
        return converted(&signaling, &serving, (&replay, &vod), &file, &asker).await;
    }
    if file == "media.m3u8" {
        let text = vod.playlist(&rendition, &asker.query).map_err(refused)?;
        return Ok(serving.text(&text.plain, || text.gzip(), PLAYLIST, PLAYLISTS));
    }
    let bytes = vod.file(&rendition, &file).await.map_err(refused)?;
    let tag = format!("{recording}-{rendition}-{file}");
    Ok(serving.bytes(bytes, SEGMENT, Kept::Forever, &tag))
}

/// The pictures that were made in the place of those that no player takes.
async fn converted(
    signaling: &Shared,
    serving: &Serving<'_>,
    (replay, vod): (&Replay, &Vod),
    file: &str,
    asker: &Asker,
) -> Result<Response, SignalingError> {
    let converted = signaling.live.converted(replay, vod).await?.ok_or_else(unknown)?;
    if file == "media.m3u8" {
        let (start, end) = (replay.recording.trim_start_ms, replay.recording.trim_end_ms);
        let text = converted.playlist(start, end, &asker.query).into();
        return Ok(serving.plain(&text, PLAYLIST, PLAYLISTS));
    }
    if !converted.has(file) {
        return Err(unknown());
    }
    let bytes = signaling.live.made(replay, &format!("{CONVERTED}/{file}")).await?;
    let tag = format!("{}-{CONVERTED}-{file}", replay.recording.id);
    Ok(serving.bytes(bytes, SEGMENT, Kept::Forever, &tag))
}

fn has_sound(vod: &Vod) -> bool {
    vod.summary().renditions.iter().any(|found| found.codec == Codec::Opus)
}

async fn watched(
    signaling: &Shared,
    recording: &str,
    asker: &Asker,
) -> Result<std::sync::Arc<Replay>, SignalingError> {
    let id: RecordingId = recording.parse().map_err(|_| LiveError::UnknownRecording)?;
    Ok(signaling.live.may_replay(id, asker.credential.as_ref(), asker.caller).await?)
}

/// A file to take along. Where there is none yet it is made, and whoever asked comes again.
async fn download(
    signaling: &Shared,
    serving: &Serving<'_>,
    replay: &Replay,
    asker: &Asker,
) -> Result<Response, SignalingError> {
    if !signaling.live.may_take_along(replay, asker.credential.as_ref(), asker.caller).await? {
        return Err(match asker.credential {
            Some(_) => LiveError::Forbidden,
            None => LiveError::Unauthorized,
        }
        .into());
    }
    let length = match signaling.live.download(replay).await? {
        Download::Ready { length } => length,
        Download::Making => {
            let retry = [(axum::http::header::RETRY_AFTER, HeaderValue::from(DOWNLOAD_RETRY))];
            return Ok((StatusCode::ACCEPTED, retry).into_response());
        }
    };
    let tag = format!("{}-{}-{length}", replay.recording.id, replay.recording.version);
    let headed = serving.head(length, &tag);
    let body = match headed.part {
        Some(part) => {
            let object = signaling.live.read_download(replay, part.from, part.to).await?;
            Some(Body::from_stream(object.body))
        }
        None => None,
    };
    let mut response = serving.whole(headed, body, SEGMENT, FILE, length);
    let name = HeaderValue::from_str(&disposition(&replay.recording.title));
    response.headers_mut().insert(CONTENT_DISPOSITION, name.expect("the name was written in ASCII"));
    Ok(response)
}

fn keeper_of(replay: &Replay) -> Keeper {
    match replay.recording.visibility {
        sluice_domain::RecordingVisibility::Private => Keeper::Player,
        sluice_domain::RecordingVisibility::Public | sluice_domain::RecordingVisibility::Unlisted => {
            keeper(replay.grant.access)
        }
    }
}

/// `storyboard-N.jpg`.
fn is_sheet(file: &str) -> bool {
    let number = file.strip_prefix("storyboard-").and_then(|rest| rest.strip_suffix(".jpg"));
    number.is_some_and(|number| (1..=4).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()))
}

/// What a browser calls the file that it saves (RFC 6266, RFC 8187).
fn disposition(title: &str) -> String {
    let plain: String = title
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || " -_.".contains(letter) { letter } else { '_' })
        .collect();
    let encoded: String = title
        .bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    format!("attachment; filename=\"{}.mp4\"; filename*=UTF-8''{encoded}.mp4", plain.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_download_is_safe_whatever_the_title() {
        assert_eq!(
            disposition("Owls \"at\" night: 夜"),
            "attachment; filename=\"Owls _at_ night_ _.mp4\"; \
             filename*=UTF-8''Owls%20%22at%22%20night%3A%20%E5%A4%9C.mp4"
        );
        assert!(!disposition("a\r\nSet-Cookie: x").contains(['\r', '\n']));
        assert!(HeaderValue::from_str(&disposition("\u{7f}\u{202e}\0")).is_ok());
    }

    #[test]
    fn only_sheets_are_sheets() {
        assert!(is_sheet("storyboard-0.jpg") && is_sheet("storyboard-12.jpg"));
        for other in
            ["storyboard-.jpg", "storyboard-12345.jpg", "storyboard-../x.jpg", "storyboard-1.png", ""]
        {
            assert!(!is_sheet(other), "{other}");
        }
    }
}
