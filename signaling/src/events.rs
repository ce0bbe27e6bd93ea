//! Server-sent events of a WHEP session (X1 to X8).
//!
//! A POST creates an event stream and answers its URL. The URL alone is the right to read it,
//! because an `EventSource` cannot send an Authorization header (B-BR13).

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{HeaderName, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::Stream;
use futures_util::stream;
use serde_json::{Map, Value, json};
use sluice_live::{EventKind, ViewerEvent, ViewerEvents};

use crate::endpoint::{EventsPath, SessionPath};
use crate::error::SignalingError;
use crate::{Shared, body, links};

/// How often a comment keeps proxies from closing a silent stream; most of them wait a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// `POST /session/{session}/events`, with a JSON array of wanted events or with nothing.
pub(crate) async fn post(
    State(signaling): State<Shared>,
    SessionPath(session): SessionPath,
    request: Request,
) -> Result<Response, SignalingError> {
    let (parts, body) = request.into_parts();
    let origin = signaling.origin(&parts)?;
    let text = body::text(body, signaling.config.body_timeout).await?;
    let wanted = if text.trim().is_empty() {
        EventKind::ALL.to_vec()
    } else {
        body::require_type(&parts.headers, links::JSON)?;
        wanted(&text)?
    };
    let events = signaling.live.open_events(session, wanted)?;
    let url = format!("{}/events/{events}", links::session_url(&origin, session));
    let location = HeaderValue::try_from(url).map_err(|_| SignalingError::NoHost)?;
    Ok((StatusCode::CREATED, [(LOCATION, location)]).into_response())
}

/// X3: one unknown event and nothing is created.
fn wanted(text: &str) -> Result<Vec<EventKind>, SignalingError> {
    let names: Vec<String> = serde_json::from_str(text).map_err(|_| SignalingError::Json)?;
    names
        .into_iter()
        .map(|name| EventKind::from_name(&name).ok_or(SignalingError::UnknownEvent(name)))
        .collect()
}

/// `GET /session/{session}/events/{events}`
pub(crate) async fn get(
    State(signaling): State<Shared>,
    EventsPath(session, events): EventsPath,
) -> Result<Response, SignalingError> {
    let events = signaling.live.read_events(session, events)?;
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    // A proxy that buffers would hold events back until the stream ends.
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((unbuffered, Sse::new(told(events)).keep_alive(keep_alive)).into_response())
}

/// `DELETE /session/{session}/events/{events}` (X5)
pub(crate) async fn delete(
    State(signaling): State<Shared>,
    EventsPath(session, events): EventsPath,
) -> Result<StatusCode, SignalingError> {
    signaling.live.close_events(session, events)?;
    Ok(StatusCode::OK)
}

fn told(events: ViewerEvents) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(events, async |mut events| {
        let event = events.next().await?;
        Some((Ok(written(&event)), events))
    })
}

/// X4: the kind in `event:`, one line of JSON in `data:`.
fn written(event: &ViewerEvent) -> Event {
    let (kind, data) = match event {
        ViewerEvent::Active => (EventKind::Active, json!({})),
        ViewerEvent::Inactive => (EventKind::Inactive, json!({})),
        ViewerEvent::Layers { video_index, layers } => {
            let layers: Vec<Value> = layers.iter().map(layer).collect();
            let mut by_line = Map::new();
            by_line.insert(video_index.to_string(), Value::from(layers));
            (EventKind::Layers, Value::Object(by_line))
        }
        ViewerEvent::Reconnect(reconnect) => {
            let mut data = json!({ "reason": reconnect.reason });
            if let Some(url) = &reconnect.url {
                data["url"] = json!(url);
            }
            (EventKind::Reconnect, data)
        }
        ViewerEvent::ViewerCount(viewers) => (EventKind::ViewerCount, json!({ "viewercount": viewers })),
    };
    Event::default().event(kind.name()).data(data.to_string())
}

/// X7: at least one id; no bit rate means inactive.
fn layer(layer: &sluice_domain::LayerInfo) -> Value {
    let mut shown = Map::new();
    match &layer.rid {
        Some(rid) => shown.insert("rid".to_owned(), json!(rid)),
        None => shown.insert("spatialLayerId".to_owned(), json!(0)),
    };
    shown.insert("bitrate".to_owned(), json!(if layer.active { layer.bitrate } else { 0 }));
    if let (Some(width), Some(height)) = (layer.width, layer.height) {
        shown.insert("width".to_owned(), json!(width));
        shown.insert("height".to_owned(), json!(height));
    }
    Value::Object(shown)
}

#[cfg(test)]
mod tests {
    use sluice_domain::LayerInfo;

    use super::*;

    fn info(rid: Option<&str>, active: bool) -> LayerInfo {
        LayerInfo {
            rid: rid.map(str::to_owned),
            width: Some(640),
            height: Some(360),
            bitrate: 500_000,
            fps: 30.0,
            active,
        }
    }

    #[test]
    fn x7_layers_have_an_id_and_a_height_and_stop_with_bitrate_zero() {
        let expected = json!({"rid": "h", "bitrate": 500_000, "width": 640, "height": 360});
        assert_eq!(layer(&info(Some("h"), true)), expected);
        let expected = json!({"spatialLayerId": 0, "bitrate": 0, "width": 640, "height": 360});
        assert_eq!(layer(&info(None, false)), expected);
    }

    #[test]
    fn x3_one_unknown_event_spoils_the_list() {
        assert_eq!(wanted("[\"active\",\"layers\"]"), Ok(vec![EventKind::Active, EventKind::Layers]));
        assert_eq!(wanted("[\"active\",\"scte35\"]"), Err(SignalingError::UnknownEvent("scte35".to_owned())));
        assert_eq!(wanted("{}"), Err(SignalingError::Json));
    }
}
