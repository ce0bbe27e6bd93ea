//! stub
pub(crate) async fn run(_live: crate::live::Live, _stop: tokio_util::sync::CancellationToken) {}
