//! WHIP and WHEP over HTTP: axum routers and nothing else.
