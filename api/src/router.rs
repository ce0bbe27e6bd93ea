//! The routes, under `/api/v1` and, as the same, under `/api`.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::any;
use sluice_accounts::Accounts;
use sluice_live::Live;
use sluice_store::Store;
use utoipa_axum::router::OpenApiRouter;

use crate::limit::Limits;
use crate::{Api, ApiConfig, Shared, error, guard, headers};
use crate::{
    admin, auth, channels, chat, docs, keys, library, me, recordings, reports, server, setup, streams,
    viewing,
};

/// Every route. Serve them with connect info (`into_make_service_with_connect_info::<SocketAddr>()`), by
/// which callers are told apart.
pub fn router(store: Store, accounts: Accounts, live: Live, config: ApiConfig) -> Router {
    let started_at = accounts.clock().now_ms();
    let limits = Limits::new(config.rate_limits);
    let cors = headers::cors(&config.cors_origins);
    let api: Shared = Arc::new(Api { store, accounts, live, config, limits, started_at });
    let (routes, _) = routes().split_for_parts();
    // Only routes that exist meet the guard: what does not is answered below without asking who it is.
    let routes = routes.route_layer(from_fn_with_state(Arc::clone(&api), guard::guard));
    let router = Router::new()
        .nest("/api/v1", routes.clone())
        .nest("/api", routes)
        .route("/api/{*rest}", any(error::not_found))
        .with_state(api)
        .layer(from_fn(headers::protect))
        .layer(cors)
        .merge(docs::routes());
    sluice_http::with_request_id(router)
}

/// The routes with their part of the OpenAPI document.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .merge(setup::routes())
        .merge(server::routes())
        .merge(auth::routes())
        .merge(me::routes())
        .merge(library::routes())
        .merge(viewing::routes())
        .merge(streams::routes())
        .merge(keys::routes())
        .merge(channels::routes())
        .merge(chat::routes())
        .merge(recordings::routes())
        .merge(reports::routes())
        .merge(admin::routes())
}
