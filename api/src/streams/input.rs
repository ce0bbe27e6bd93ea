//! What people write about a stream, checked.

use sluice_domain::{AccessLevel, CategoryId, OrgId};

use crate::Api;
use crate::error::ApiError;
use crate::input::Fields;

/// Most tags of a stream.
const MAX_TAGS: usize = 10;

/// Tags in lower case, each once.
pub(super) fn tags(fields: &mut Fields, given: &[String]) -> Vec<String> {
    if given.len() > MAX_TAGS {
        fields.wrong("tags", "too_many", format!("there are more than {MAX_TAGS}"));
        return Vec::new();
    }
    let mut tags: Vec<String> = Vec::new();
    for (index, tag) in given.iter().enumerate() {
        let tag = fields.line(&format!("tags[{index}]"), &tag.to_lowercase(), 32);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// The category of this slug.
pub(super) async fn category(
    api: &Api,
    org: OrgId,
    fields: &mut Fields,
    slug: Option<&str>,
) -> Result<Option<CategoryId>, ApiError> {
    let Some(slug) = slug else { return Ok(None) };
    let found = api.store.categories().by_slug(org, slug).await?.map(|category| category.id);
    if found.is_none() {
        fields.wrong("category", "unknown", "there is no category of this name");
    }
    Ok(found)
}

/// The hash by which the password of a stream is checked, while its access asks for one.
pub(super) async fn password(
    api: &Api,
    access: AccessLevel,
    given: Option<&str>,
    before: Option<String>,
) -> Result<Option<String>, ApiError> {
    match given {
        _ if access != AccessLevel::Password => Ok(None),
        Some(given) => Ok(Some(api.accounts.hash_password(given).await?)),
        None => Ok(before),
    }
}
