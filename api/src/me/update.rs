//! `PATCH /me`: changes of the own account.

use axum::extract::State;
use sluice_domain::{Handle, text};
use sluice_store::{Account, ProfileChange};

use super::view::{links, remembered, view};
use super::{Link, Me, UpdateMe};
use crate::error::ApiError;
use crate::extract::{Body, IfMatch, Member, Tagged};
use crate::input::Fields;
use crate::{Api, Shared};

/// Changes the own account, if nobody did since it was read.
#[utoipa::path(patch, path = "/me", tag = "me", params(("if-match" = String, Header)), request_body = UpdateMe,
    responses((status = 200, body = Me, headers(("etag" = String)))))]
pub(crate) async fn update(
    State(api): State<Shared>,
    member: Member,
    if_match: IfMatch,
    Body(change): Body<UpdateMe>,
) -> Result<Tagged<Me>, ApiError> {
    apply(&api, &member, if_match, change).await
}

pub(crate) async fn apply(
    api: &Api,
    member: &Member,
    if_match: IfMatch,
    change: UpdateMe,
) -> Result<Tagged<Me>, ApiError> {
    let (org, id) = (member.identity.org, member.identity.account);
    let mut there = api.store.accounts().member(org, id).await?;
    let version = if_match.version(there.account.version);
    let profile = checked(&there.account, change)?;
    let now = api.now();
    there.account = api.store.accounts().update_profile(org, id, version, &profile, now).await?;
    let (version, me) = view(api, there).await?;
    Ok(Tagged::new(version, me))
}

/// The whole profile after the change.
fn checked(there: &Account, change: UpdateMe) -> Result<ProfileChange, ApiError> {
    let mut fields = Fields::default();
    let handle: Option<Handle> = fields.parsed("handle", change.handle.as_ref().unwrap_or(&there.handle));
    let mut line = |field: &str, given: Option<Option<String>>, there: &Option<String>, max| match given {
        Some(given) => fields.optional_line(field, given.as_deref(), max),
        None => there.clone(),
    };
    let given_name = line("given_name", change.given_name, &there.given_name, 80);
    let family_name = line("family_name", change.family_name, &there.family_name, 80);
    let region = line("region", change.region, &there.region, 2);
    let locale = line("locale", change.locale, &there.locale, 35);
    let display_name = match &change.display_name {
        Some(given) => fields.line("display_name", given, 60),
        None => there.display_name.clone(),
    };
    let bio = match &change.bio {
        Some(given) => fields.paragraph("bio", given, 2000),
        None => there.bio.clone(),
    };
    if region.as_ref().is_some_and(|region| !is_region(region)) {
        fields.wrong("region", "malformed", "it is no code of two letters, such as AT");
    }
    tag(&mut fields, "locale", locale.as_deref());
    if let Some(preferences) = &change.preferences {
        tag(&mut fields, "preferences.language", preferences.language.as_deref());
    }
    let links = match change.links {
        Some(given) => cleaned(&mut fields, given),
        None => links(there.links_json.clone()),
    };
    let ((handle, _), _) = fields.all((handle, Some(())), Some(()))?;
    let json = |value: Result<serde_json::Value, serde_json::Error>| {
        value.map_err(sluice_accounts::AccountsError::from)
    };
    Ok(ProfileChange {
        handle,
        display_name,
        given_name,
        family_name,
        locale,
        region,
        bio,
        links_json: json(serde_json::to_value(&links))?,
        preferences_json: json(serde_json::to_value(
            change.preferences.unwrap_or_else(|| remembered(there.preferences_json.clone())),
        ))?,
        privacy_json: json(serde_json::to_value(
            change.privacy.unwrap_or_else(|| remembered(there.privacy_json.clone())),
        ))?,
        notifications_json: json(serde_json::to_value(
            change.notifications.unwrap_or_else(|| remembered(there.notifications_json.clone())),
        ))?,
    })
}

/// Most pages elsewhere. A profile is no directory.
const MAX_LINKS: usize = 10;

fn cleaned(fields: &mut Fields, given: Vec<Link>) -> Vec<Link> {
    if given.len() > MAX_LINKS {
        fields.wrong("links", "too_many", format!("there are more than {MAX_LINKS}"));
        return Vec::new();
    }
    let clean = |(index, link): (usize, Link)| Link {
        title: fields.line(&format!("links[{index}].title"), &link.title, 40),
        url: fields.url(&format!("links[{index}].url"), &link.url, 300),
    };
    given.into_iter().enumerate().map(clean).collect()
}

fn is_region(region: &str) -> bool {
    region.len() == 2 && region.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// A language tag, such as `de-AT`, as far as its form goes.
pub(crate) fn tag(fields: &mut Fields, field: &str, given: Option<&str>) {
    let part =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if let Some(given) = given
        && (given.len() > 35
            || given.len() < 2
            || !given.split('-').all(part)
            || given.chars().any(text::is_forbidden))
    {
        fields.wrong(field, "malformed", "it is no language, such as de-AT");
    }
}
