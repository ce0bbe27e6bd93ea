//! The OpenAPI document and two pages that show it, all from this program: they work without a network.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use utoipa_swagger_ui::{Config, serve};

use crate::error::ApiError;
use crate::openapi;

/// The pages run scripts of their own and load nothing from elsewhere. They style what they draw as they
/// go, and draw pictures that are part of the style.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

static DOCUMENT: LazyLock<String> =
    LazyLock::new(|| openapi::document().to_pretty_json().expect("the document is plain data"));

/// `/openapi.json`, `/docs` (Swagger UI) and `/redoc`.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/docs", get(async || Redirect::permanent("/docs/")))
        .route("/docs/", get(swagger))
        .route("/docs/{*file}", get(swagger))
        .route("/redoc", get(async || Html(REDOC)))
        .layer(from_fn(guarded))
        .route("/openapi.json", get(document))
}

async fn document() -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, DOCUMENT.as_str()).into_response()
}

async fn swagger(uri: Uri) -> Response {
    let file = uri.path().trim_start_matches("/docs").trim_start_matches('/');
    let config = Config::from("/openapi.json").display_request_duration(true);
    match serve(file, config.into()) {
        Ok(Some(file)) => {
            let kind = HeaderValue::from_str(&file.content_type);
            let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
            ([(CONTENT_TYPE, kind)], file.bytes.into_owned()).into_response()
        }
        Ok(None) => ApiError::NotFound.into_response(),
        Err(error) => {
            tracing::error!(%error, "the page of the API cannot be made");
            ApiError::NotFound.into_response()
        }
    }
}

/// The script is a part of the web app's build, beside its own files.
const REDOC: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Sluice API</title>\n\
    </head>\n<body>\n<redoc spec-url=\"/openapi.json\" disable-search=\"true\"></redoc>\n\
    <script src=\"/redoc.standalone.js\"></script>\n</body>\n</html>\n";

async fn guarded(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY);
    response
}
