//! The answer of a sign-in: an access token in the body, a refresh token in a cookie.

use axum::Json;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use sluice_domain::Redacted;

use super::Tokens;
use crate::Api;
use crate::error::ApiError;
use crate::me::view::view;

/// Scripts cannot read it, other sites cannot send it, and only the routes of signing in get it.
const REFRESH: &str = "sluice_refresh";

/// Tells a device that has signed in before from a stranger who guesses passwords.
const DEVICE: &str = "sluice_device";

/// How long a device is known: a year.
const DEVICE_SECONDS: i64 = 365 * 24 * 3600;

pub(crate) async fn signed_in(
    api: &Api,
    status: StatusCode,
    headers: &HeaderMap,
    uri: &Uri,
    tokens: sluice_accounts::Tokens,
) -> Result<Response, ApiError> {
    let account = view(api, tokens.member).await?.1;
    let body = Tokens {
        access_token: tokens.access_token.expose().clone(),
        expires_in: u32::try_from(tokens.expires_in).unwrap_or_default(),
        account,
    };
    let mut response = (status, Json(body)).into_response();
    let secure = is_secure(api, headers, uri);
    if let Some(token) = tokens.refresh_token {
        let seconds = (tokens.refresh_expires_at - api.now()).max(0) / 1000;
        set(response.headers_mut(), REFRESH, &token, seconds, secure);
    }
    if let Some(token) = tokens.device_token {
        set(response.headers_mut(), DEVICE, &token, DEVICE_SECONDS, secure);
    }
    Ok(response)
}

/// Takes the refresh token away.
pub(crate) fn forget(headers: &mut HeaderMap) {
    set(headers, REFRESH, &Redacted::new(String::new()), 0, false);
}

/// The refresh token that a request carries.
pub(crate) fn refresh_token(headers: &HeaderMap) -> Option<Redacted<String>> {
    cookie(headers, REFRESH)
}

/// The device token that a request carries.
pub(crate) fn device_token(headers: &HeaderMap) -> Option<Redacted<String>> {
    cookie(headers, DEVICE)
}

fn set(headers: &mut HeaderMap, name: &str, value: &Redacted<String>, seconds: i64, secure: bool) {
    let value = value.expose();
    let secure = if secure { "; Secure" } else { "" };
    let cookie =
        format!("{name}={value}; Path=/api/v1/auth; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    let mut cookie = HeaderValue::from_str(&cookie).expect("a token is visible ASCII");
    cookie.set_sensitive(true);
    headers.append(SET_COOKIE, cookie);
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<Redacted<String>> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| Redacted::new(value.to_owned()))
}

/// A cookie that is only for HTTPS would be lost where there is none: on this machine, or on a network
/// where somebody decided so.
fn is_secure(api: &Api, headers: &HeaderMap, uri: &Uri) -> bool {
    sluice_http::origin(api.config.public_url.as_ref(), headers, uri)
        .is_some_and(|origin| origin.starts_with("https://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_and_one_without_value_is_none() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=b; sluice_refresh=xyz; c=d"));
        assert_eq!(refresh_token(&headers).unwrap().expose(), "xyz");
        assert!(device_token(&headers).is_none());
        headers.insert(COOKIE, HeaderValue::from_static("sluice_refresh="));
        assert!(refresh_token(&headers).is_none());
    }

    // Requirements: R4, R5
    #[test]
    fn the_refresh_token_is_kept_from_scripts_and_from_other_sites() {
        let mut headers = HeaderMap::new();
        set(&mut headers, REFRESH, &Redacted::new("t".to_owned()), 60, true);
        let cookie = headers[SET_COOKIE].to_str().unwrap();
        assert_eq!(cookie, "sluice_refresh=t; Path=/api/v1/auth; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
    }
}
