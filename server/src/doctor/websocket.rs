//! Whether the WebSocket of events opens.

use sluice_doctor::{Failure, Outcome, WebSocketFacts};
use tokio::time::timeout;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Error;

use super::probe::{PATIENCE, failure};
use super::stream::{Bytes, connect, resolve, secure};
use super::web::Web;

/// Opens `/ws` and closes it again.
pub(super) async fn websocket(web: &Web) -> WebSocketFacts {
    match timeout(PATIENCE * 2, attempt(web)).await {
        Ok(facts) => facts,
        Err(_elapsed) => lost(Failure::NoAnswer),
    }
}

async fn attempt(web: &Web) -> WebSocketFacts {
    let stream = match open(web).await {
        Ok(stream) => stream,
        Err(failure) => return lost(failure),
    };
    let mut url = web.url("/ws");
    let scheme = if web.is_secure() { "wss" } else { "ws" };
    // From http and https every scheme of the web may be set.
    if url.set_scheme(scheme).is_err() {
        return lost(Failure::Other);
    }
    match client_async(url.as_str(), stream).await {
        Ok((mut socket, _)) => {
            let closed = socket.close(None).await;
            tracing::debug!(?closed, "the WebSocket opened");
            WebSocketFacts { outcome: Outcome::Works, failure: None, status: None }
        }
        Err(Error::Http(answer)) => {
            WebSocketFacts { status: Some(answer.status().as_u16()), ..lost(Failure::Strange) }
        }
        Err(Error::Io(error)) => lost(failure(&error)),
        Err(Error::ConnectionClosed | Error::AlreadyClosed) => lost(Failure::Closed),
        Err(_) => lost(Failure::Strange),
    }
}

async fn open(web: &Web) -> Result<Box<dyn Bytes>, Failure> {
    let mut failure = Failure::UnknownName;
    for address in resolve(web.host(), web.port()).await? {
        match connect(address).await {
            Ok(stream) if web.is_secure() => {
                return Ok(Box::new(secure(stream, web.host(), web.tls_config()).await?));
            }
            Ok(stream) => return Ok(Box::new(stream)),
            Err(found) => failure = found,
        }
    }
    Err(failure)
}

const fn lost(failure: Failure) -> WebSocketFacts {
    WebSocketFacts { outcome: Outcome::Fails, failure: Some(failure), status: None }
}
