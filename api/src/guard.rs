//! Stands before every route: counts the caller, finds out who it is, and asks the table of
//! [`crate::access`] whether it may try.
//!
//! ```text
//!  request ─▶ rate of its address ─▶ from another site? ─▶ who? ─▶ rate of its account ─▶ may it? ─▶ handler
//! ```

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sluice_accounts::{Client, Identity};

use crate::Shared;
use crate::access::{self, Need};
use crate::error::ApiError;
use crate::extract::Caller;
use crate::limit::Standing;

pub(crate) async fn guard(State(api): State<Shared>, mut request: Request, next: Next) -> Response {
    let address = sluice_http::caller(request.extensions());
    let user_agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    let client = Client::new(address, user_agent.unwrap_or_default());
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let local = path.as_deref().and_then(access::local).unwrap_or_default();
    let need = access::needed(request.method(), local);
    let signs_in = local.starts_with("/auth/") || local == "/setup";

    let mut standing = match api.limits.of_address(address, signs_in && !request.method().is_safe()) {
        Ok(standing) => standing,
        Err(refused) => return refused.into_response(),
    };
    let need = need.ok_or_else(|| ApiError::MethodNotAllowed(access::allowed(local)));
    let route = Route { need, signs_in, sets_up_mfa: access::sets_up_mfa(request.method(), local) };
    let passed = pass(&api, route, request.headers(), &mut standing).await;
    let mut response = match passed {
        Ok(identity) => {
            request.extensions_mut().insert(Caller { identity, client });
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    };
    standing.tell(response.headers_mut());
    response
}

/// What is known of a route before anybody is asked who they are.
struct Route {
    need: Result<Need, ApiError>,
    signs_in: bool,
    sets_up_mfa: bool,
}

async fn pass(
    api: &Shared,
    Route { need, signs_in, sets_up_mfa }: Route,
    headers: &HeaderMap,
    standing: &mut Standing,
) -> Result<Option<Identity>, ApiError> {
    if signs_in && !is_ours(headers, &api.config.cors_origins) {
        return Err(ApiError::CrossSite);
    }
    let permission = match need? {
        Need::Nothing | Need::Cookie => return Ok(None),
        Need::May(permission) => permission,
    };
    let identity = match bearer(headers) {
        Some(token) if sets_up_mfa => Some(api.accounts.authenticate_to_set_up_mfa(token).await?),
        Some(token) => Some(api.accounts.authenticate(token).await?),
        None => None,
    };
    if let Some(identity) = &identity {
        *standing = api.limits.of_identity(identity)?;
    }
    let role = identity.as_ref().map(|identity| identity.role);
    match &identity {
        Some(identity) if !identity.may(permission) => Err(ApiError::PermissionDenied),
        None if !permission.is_given_to(role) => Err(ApiError::SignInRequired),
        _ => Ok(identity),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().unwrap_or_default();
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    // Another scheme is a credential too, and none that we know: the empty token is refused.
    Some(if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" })
}

/// Whether a request that is answered with a cookie, or by one, comes from a page of ours or from no page
/// at all. Browsers say it themselves; SameSite=Lax holds the cookie back besides.
fn is_ours(headers: &HeaderMap, allowed: &[HeaderValue]) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return !matches!(site(headers), Some("cross-site" | "same-site"));
    };
    let host = headers.get("x-forwarded-host").or_else(|| headers.get(HOST));
    let own = |origin: &str| {
        let authority = origin.split_once("://").map_or("", |(_, authority)| authority);
        !authority.is_empty()
            && host.is_some_and(|host| host.as_bytes().eq_ignore_ascii_case(authority.as_bytes()))
    };
    allowed.contains(origin) || origin.to_str().is_ok_and(own)
}

fn site(headers: &HeaderMap) -> Option<&str> {
    headers.get("sec-fetch-site")?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    // Requirements: R4
    #[test]
    fn pages_of_other_sites_cannot_use_the_cookie() {
        let ours = |pairs: &[_]| is_ours(&headers(pairs), &[HeaderValue::from_static("https://app.example")]);
        assert!(ours(&[("host", "tv.example")]));
        assert!(ours(&[("host", "tv.example:8080"), ("origin", "http://tv.example:8080")]));
        assert!(ours(&[("host", "tv.example"), ("origin", "https://app.example")]));
        assert!(ours(&[
            ("host", "inner"),
            ("x-forwarded-host", "tv.example"),
            ("origin", "https://tv.example")
        ]));
        assert!(!ours(&[("host", "tv.example"), ("origin", "https://evil.example")]));
        assert!(!ours(&[("host", "tv.example"), ("origin", "null")]));
        assert!(!ours(&[("host", "tv.example"), ("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn only_the_scheme_bearer_carries_a_token() {
        assert_eq!(bearer(&headers(&[("authorization", "bearer abc")])), Some("abc"));
        assert_eq!(bearer(&headers(&[("authorization", "Basic abc")])), Some(""));
        assert_eq!(bearer(&headers(&[])), None);
    }
}
