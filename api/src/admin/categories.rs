//! What streams are sorted by.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod update;

use sluice_store::Category;

use crate::admin::AdminCategory;
use crate::input::Fields;

fn shown(category: Category) -> AdminCategory {
    AdminCategory { id: category.id.0, slug: category.slug, name: category.name, position: category.position }
}

/// A short name for URLs.
fn slug(fields: &mut Fields, given: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    let first = given.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if !first || given.len() > 64 || !given.bytes().all(plain) {
        fields.wrong(
            "slug",
            "malformed",
            "it has 1 to 64 of a-z, 0-9, - and _ and begins with a letter or digit",
        );
    }
    given.to_owned()
}

/// A place in lists.
fn position(fields: &mut Fields, given: i64) -> i64 {
    if !(0..=10_000).contains(&given) {
        fields.wrong("position", "out_of_range", "it is 0 to 10000");
    }
    given
}
