//! Requests as a WHIP or WHEP client sends them, and problems as a test reads them.

use anyhow::Context;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use reqwest::{Response, StatusCode};
use serde::Deserialize;

/// A WHIP offer of Chromium with three layers and a data channel.
pub const WHIP_OFFER: &str = include_str!("../fixtures/whip-chromium.sdp");
/// A WHEP offer of Chromium.
pub const WHEP_OFFER: &str = include_str!("../fixtures/whep-chromium.sdp");

/// What RFC 9457 problems carry here.
#[derive(Debug, Clone, Deserialize)]
pub struct Problem {
    /// HTTP status, repeated in the body.
    pub status: u16,
    /// The stable code.
    pub code: String,
    /// A sentence for people.
    #[serde(default)]
    pub detail: String,
    /// Finds the request in the log.
    #[serde(default)]
    pub request_id: String,
}

/// An answered offer.
#[derive(Debug, Clone)]
pub struct Session {
    /// Absolute URL of the session.
    pub location: String,
    /// The SDP answer.
    pub answer: String,
}

impl Session {
    /// The server's ICE user name.
    pub fn ufrag(&self) -> &str {
        let line = self.answer.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:"));
        line.unwrap_or_default().trim_end()
    }
}

/// POSTs an SDP offer, with a bearer token where given.
pub async fn post_offer(url: &str, token: Option<&str>, offer: &str) -> anyhow::Result<Response> {
    post(url, token, "application/sdp", offer.to_owned()).await
}

/// POSTs any body.
pub async fn post(
    url: &str,
    token: Option<&str>,
    content_type: &str,
    body: String,
) -> anyhow::Result<Response> {
    let mut request = reqwest::Client::new().post(url).header(CONTENT_TYPE, content_type).body(body);
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    request.send().await.with_context(|| format!("POST {url}"))
}

/// Reads a 201 as a session.
pub async fn session(response: Response) -> anyhow::Result<Session> {
    let status = response.status();
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let answer = response.text().await.context("cannot read the answer")?;
    anyhow::ensure!(status == StatusCode::CREATED, "{status}: {answer}");
    Ok(Session { location: location.context("the 201 has no Location")?, answer })
}

/// Reads an error as a problem: the content type is `application/problem+json`, the statuses agree,
/// and there are words for people and for the log.
pub async fn problem(response: Response) -> anyhow::Result<Problem> {
    let status = response.status();
    let content_type = response.headers().get(CONTENT_TYPE).cloned();
    let text = response.text().await.context("cannot read the problem")?;
    let is_problem = content_type
        .as_ref()
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/problem+json"));
    anyhow::ensure!(is_problem, "{status} is no problem document ({content_type:?}): {text}");
    let problem: Problem = serde_json::from_str(&text).with_context(|| format!("not a problem: {text}"))?;
    anyhow::ensure!(problem.status == status.as_u16(), "{status} says {}", problem.status);
    anyhow::ensure!(!problem.detail.is_empty() && !problem.request_id.is_empty(), "a bare problem: {text}");
    Ok(problem)
}
