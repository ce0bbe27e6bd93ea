//! Fields of changes: absent, null and a value are three different things.

use serde::{Deserialize, Deserializer};

/// For `#[serde(default, deserialize_with = "present")]` on `Option<Option<T>>`: absent is `None`, null is
/// `Some(None)`.
pub(crate) fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
