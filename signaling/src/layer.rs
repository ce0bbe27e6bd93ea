//! Layer selection of a WHEP session (X9, X10).

use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};
use sluice_domain::LayerSelection;
use sluice_live::LiveError;

use crate::endpoint::SessionPath;
use crate::error::SignalingError;
use crate::{Shared, body, links};

/// The JSON of the extension. What is absent is left to the server.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Wish {
    media_id: Option<String>,
    rid: Option<String>,
    spatial_layer_id: Option<u32>,
    temporal_layer_id: Option<u32>,
    max_spatial_layer_id: Option<u32>,
    max_temporal_layer_id: Option<u32>,
    max_width: Option<u16>,
    max_height: Option<u16>,
}

/// `POST /session/{session}/layer`
pub(crate) async fn post(
    State(signaling): State<Shared>,
    SessionPath(id): SessionPath,
    request: Request,
) -> Result<StatusCode, SignalingError> {
    let (parts, body) = request.into_parts();
    let session = signaling.live.session(id).ok_or(LiveError::UnknownSession)?;
    body::require_type(&parts.headers, links::JSON)?;
    let text = body::text(body, signaling.config.body_timeout).await?;
    signaling.live.select_layer(id, selection(wish(&text)?, session.video_index)?).await?;
    Ok(StatusCode::OK)
}

/// `DELETE /session/{session}/layer`: back to automatic choice, as an older text of the extension
/// has it and one library does it (B-BR13).
pub(crate) async fn delete(
    State(signaling): State<Shared>,
    SessionPath(id): SessionPath,
) -> Result<StatusCode, SignalingError> {
    signaling.live.select_layer(id, LayerSelection::default()).await?;
    Ok(StatusCode::OK)
}

/// Reads a JSON object; serde would take an array for a struct too.
fn wish(text: &str) -> Result<Wish, SignalingError> {
    let object: Map<String, Value> = serde_json::from_str(text).map_err(|_| SignalingError::Json)?;
    serde_json::from_value(Value::Object(object)).map_err(|_| SignalingError::Json)
}

/// Layers are told and chosen by RID. SVC layers inside one RID are not told to players, so a
/// wish for one names nothing that exists; id 0 is how a single layer without RID is told.
fn selection(wish: Wish, video_index: Option<usize>) -> Result<LayerSelection, SignalingError> {
    if wish.media_id.is_some_and(|id| Some(id) != video_index.map(|index| index.to_string())) {
        return Err(SignalingError::Selection("mediaId is not the m-line index of the video"));
    }
    let single = wish.rid.is_none() && wish.spatial_layer_id == Some(0);
    let svc = [
        wish.spatial_layer_id.filter(|_| !single),
        wish.temporal_layer_id,
        wish.max_spatial_layer_id,
        wish.max_temporal_layer_id,
    ];
    if svc.iter().any(Option::is_some) {
        return Err(SignalingError::Selection("layers are selected by rid, maxWidth and maxHeight here"));
    }
    Ok(LayerSelection { rid: wish.rid, max_width: wish.max_width, max_height: wish.max_height })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(json: &str) -> Result<LayerSelection, SignalingError> {
        selection(serde_json::from_str(json).unwrap(), Some(1))
    }

    #[test]
    fn x10_a_wish_names_the_video_line_and_a_rid_or_a_size() {
        let low = LayerSelection { rid: Some("q".to_owned()), ..LayerSelection::default() };
        assert_eq!(select(r#"{"mediaId":"1","rid":"q"}"#), Ok(low));
        let small = LayerSelection { max_width: Some(640), max_height: Some(360), rid: None };
        assert_eq!(select(r#"{"maxWidth":640,"maxHeight":360,"extra":true}"#), Ok(small));
        assert_eq!(select("{}"), Ok(LayerSelection::default()));
        assert_eq!(select(r#"{"spatialLayerId":0}"#), Ok(LayerSelection::default()));
    }

    #[test]
    fn x10_what_names_nothing_that_exists_is_refused() {
        for json in [r#"{"mediaId":"0"}"#, r#"{"mediaId":"7","rid":"q"}"#, r#"{"temporalLayerId":1}"#] {
            assert!(matches!(select(json), Err(SignalingError::Selection(_))), "{json}");
        }
    }
}
