//! Lists of streams: the home page, search, and what moderators see.

use sluice_domain::{AccountId, CategoryId, Maturity, OrgId};

use super::{Stream, Streams};
use crate::error::StoreError;
use crate::page::{Cursor, Listed, Page};
use crate::search::{Found, Searched};
use crate::statement::{Record, Statement, composed};

/// Which streams are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamFilter {
    /// Who asks.
    pub audience: Audience,
    /// Only those that are live, or only those that are not.
    pub live: Option<bool>,
    /// Only those of a category.
    pub category: Option<CategoryId>,
    /// Only those with a tag.
    pub tag: Option<String>,
    /// Only those of an account.
    pub owner: Option<AccountId>,
    /// Words that title, description, tags or the owner's name begin with; all must be there.
    pub text: Option<String>,
    /// Only those that are meant for this age, or a lower one.
    pub maturity_limit: Option<Maturity>,
    /// In which order.
    pub sort: StreamSort,
}

/// For whom streams are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Audience {
    /// For anybody: what is unlisted or private is left out. (What needs a password, a follow or a tier is
    /// listed; whether one may watch is asked later.)
    #[default]
    Anybody,
    /// For an account: also what is its own.
    Account(AccountId),
    /// For those who may see all.
    Moderators,
}

/// In which order streams are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StreamSort {
    /// What most people watch comes first, what is offline last.
    #[default]
    Viewers,
    /// Newest first.
    Recent,
    /// By title.
    Title,
}

impl Streams<'_> {
    /// Streams of an organisation, in pages.
    pub async fn list(
        &self,
        org: OrgId,
        filter: &StreamFilter,
        page: &Page,
    ) -> Result<Listed<Stream>, StoreError> {
        let mut place = 2;
        let mut next = || {
            place += 1;
            place
        };
        // Values are numbered in the order in which they are bound below.
        let mut text = String::from("WHERE s.org_id = $1 AND s.deleted_at IS NULL");
        match filter.audience {
            Audience::Anybody => text.push_str(" AND s.access NOT IN ('unlisted', 'private')"),
            Audience::Account(_) => text.push_str(&format!(
                " AND (s.access NOT IN ('unlisted', 'private') OR s.owner_id = ${})",
                next()
            )),
            Audience::Moderators => {}
        }
        text.push_str(match filter.live {
            Some(true) => " AND s.live_since IS NOT NULL",
            Some(false) => " AND s.live_since IS NULL",
            None => "",
        });
        text.push_str(match filter.maturity_limit {
            Some(Maturity::Everyone) => " AND s.maturity = 'everyone'",
            Some(Maturity::Teen) => " AND s.maturity IN ('everyone', 'teen')",
            Some(Maturity::Mature) | None => "",
        });
        if filter.category.is_some() {
            text.push_str(&format!(" AND s.category_id = ${}", next()));
        }
        if filter.owner.is_some() {
            text.push_str(&format!(" AND s.owner_id = ${}", next()));
        }
        if filter.tag.is_some() {
            text.push_str(&format!(
                " AND s.id IN (SELECT stream_id FROM stream_tags WHERE org_id = $1 AND tag = ${})",
                next()
            ));
        }
        let found = match &filter.text {
            Some(text) => match Searched::Streams.find(self.db, org, text).await? {
                Some(found) => Some(found),
                None => return Ok(Listed { items: Vec::new(), next: None }),
            },
            None => None,
        };
        let searched = next();
        let before = Searched::Streams.before(found.as_ref(), self.db.kind(), searched);
        text.push_str(&Searched::Streams.condition(found.as_ref(), self.db.kind(), "s.id", searched));
        // The first of its places was taken above.
        let values = found.as_ref().map_or(&[][..], Found::values);
        let mut place = searched + values.len() - 1;
        let mut next = || {
            place += 1;
            place
        };
        if page.after.is_some() {
            match filter.sort {
                StreamSort::Viewers => {
                    text.push_str(&format!(" AND (s.viewers, s.id) < (${}, ${})", next(), next()));
                }
                StreamSort::Recent => text.push_str(&format!(" AND s.id < ${}", next())),
                StreamSort::Title => {
                    text.push_str(&format!(" AND (lower(s.title), s.id) > (${}, ${})", next(), next()));
                }
            }
        }
        text.push_str(match filter.sort {
            StreamSort::Viewers => " ORDER BY s.viewers DESC, s.id DESC LIMIT $2",
            StreamSort::Recent => " ORDER BY s.id DESC LIMIT $2",
            StreamSort::Title => " ORDER BY lower(s.title), s.id LIMIT $2",
        });

        let columns = Stream::columns(Some("s"));
        let mut query =
            composed(format!("SELECT {columns}, lower(s.title) AS title_key FROM {before}streams s {text}"));
        query = query.bind(org).bind(page.fetched());
        if let Audience::Account(account) = filter.audience {
            query = query.bind(account);
        }
        if let Some(category) = filter.category {
            query = query.bind(category);
        }
        if let Some(owner) = filter.owner {
            query = query.bind(owner);
        }
        if let Some(tag) = &filter.tag {
            query = query.bind(tag);
        }
        query = values.iter().fold(query, Statement::bind);
        if let Some(after) = &page.after {
            query = match filter.sort {
                StreamSort::Viewers => query.bind(after.number()?),
                StreamSort::Recent => query,
                StreamSort::Title => query.bind(&after.key),
            };
            query = query.bind(after.id);
        }
        let listed = Listed::of(self.db.all::<Keyed>(query).await?, page, |keyed| match filter.sort {
            StreamSort::Viewers => Cursor::new(keyed.stream.viewers, keyed.stream.id.0),
            StreamSort::Recent => Cursor::new("", keyed.stream.id.0),
            StreamSort::Title => Cursor::new(&keyed.title_key, keyed.stream.id.0),
        });
        let items = listed.items.into_iter().map(|keyed| keyed.stream).collect();
        Ok(Listed { items, next: listed.next })
    }
}

/// A stream and its title as the database sorts it: each writes lower case in its own way.
struct Keyed {
    stream: Stream,
    title_key: String,
}

impl crate::statement::FromRow for Keyed {
    fn from_row(row: &sqlx::any::AnyRow) -> Result<Self, StoreError> {
        Ok(Self { stream: Stream::from_row(row)?, title_key: crate::column::column(row, "title_key")? })
    }
}
