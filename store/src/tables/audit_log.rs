//! The audit log: what was done, by whom, in an order that nobody can change unnoticed.
//!
//! Each entry holds the hash of the one before it, and the end of the chain is kept beside it. Both databases
//! refuse to change or remove an entry; who goes around that breaks the chain, and [`AuditLog::verify`] says
//! where. It does not keep whoever owns the database from writing a whole new chain.

use serde_json::Value;
use sha2::{Digest, Sha256};
use sluice_domain::OrgId;
use uuid::Uuid;

use crate::column::Bind;
use crate::error::StoreError;
use crate::page::{Cursor, Listed, Page};
use crate::statement::{Record, composed, record, select, sql};
use crate::tables::table;

record! {
    /// Something that was done.
    pub struct AuditEntry in "audit_log" {
        /// Its number in the organisation, from 1 without gaps.
        pub seq: i64,
        /// The organisation.
        pub org_id: OrgId,
        /// Its id.
        pub id: Uuid,
        /// When.
        pub at: i64,
        /// Who did it, if it was somebody.
        pub actor_id: Option<String>,
        /// What did it: `account`, `api_key`, `system` or `cli`.
        pub actor_kind: String,
        /// What was done.
        pub action: String,
        /// What kind of thing it was done to.
        pub target_kind: String,
        /// Which one.
        pub target_id: String,
        /// From where.
        pub address: Option<String>,
        /// What else there is to say.
        pub detail_json: String,
        /// The hash of the entry before.
        pub prev_hash: String,
        /// The hash of this one.
        pub hash: String,
    }
}

impl AuditEntry {
    /// What else there is to say, read.
    pub fn detail(&self) -> Value {
        serde_json::from_str(&self.detail_json).unwrap_or(Value::Null)
    }

    /// The hash that this entry must have: of the one before, and of every field behind its length, so that
    /// no text can be moved from one field to the next.
    fn expected_hash(&self) -> String {
        let mut hasher = Sha256::new();
        let mut add = |field: Option<&str>| {
            hasher.update([u8::from(field.is_some())]);
            let text = field.unwrap_or_default();
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text);
        };
        add(Some(&self.prev_hash));
        add(Some(&self.seq.to_string()));
        add(Some(&self.org_id.to_string()));
        add(Some(&self.id.to_string()));
        add(Some(&self.at.to_string()));
        add(self.actor_id.as_deref());
        add(Some(&self.actor_kind));
        add(Some(&self.action));
        add(Some(&self.target_kind));
        add(Some(&self.target_id));
        add(self.address.as_deref());
        add(Some(&self.detail_json));
        hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What is to be noted.
#[derive(Debug, Clone)]
pub struct NewAuditEntry {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: i64,
    /// Who did it, if it was somebody.
    pub actor_id: Option<String>,
    /// What did it: `account`, `api_key`, `system` or `cli`.
    pub actor_kind: String,
    /// What was done.
    pub action: String,
    /// What kind of thing it was done to.
    pub target_kind: String,
    /// Which one.
    pub target_id: String,
    /// From where.
    pub address: Option<String>,
    /// What else there is to say. No secrets.
    pub detail: Value,
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only this action, or all that begin with it if it ends with a dot.
    pub action: Option<String>,
    /// Only what this one did.
    pub actor: Option<String>,
    /// Only what was done to this one.
    pub target: Option<String>,
    /// Only from this time on.
    pub from: Option<i64>,
    /// Only before this time.
    pub to: Option<i64>,
}

/// What a walk along the chain found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many entries there are.
    pub entries: i64,
    /// The number of the first entry that is not as it was written, or that is missing.
    pub broken_at: Option<i64>,
}

/// What comes before the first entry.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// How many entries are read at a time. More would only cost memory.
const BATCH: i64 = 1000;

table! {
    /// The audit log.
    pub struct AuditLog;
}

impl AuditLog<'_> {
    /// Notes something. Whoever notes at the same time waits for the end of the chain.
    pub async fn append(&self, org: OrgId, new: &NewAuditEntry) -> Result<AuditEntry, StoreError> {
        let work = self.db.begin().await?;
        let db = work.db();
        // Takes the row of the chain's end, which on PostgreSQL is held until the end of the transaction.
        let take = sql("INSERT INTO audit_heads (org_id, seq, hash) VALUES ($1, 1, $2) \
             ON CONFLICT (org_id) DO UPDATE SET seq = audit_heads.seq + 1 RETURNING seq, hash");
        let head = db.write_all::<(i64, String)>(take.bind(org).bind(GENESIS)).await?;
        let (seq, prev_hash) = head.into_iter().next().ok_or(StoreError::NotFound)?;
        let mut entry = AuditEntry {
            seq,
            org_id: org,
            id: new.id,
            at: new.at,
            actor_id: new.actor_id.to_sql(),
            actor_kind: new.actor_kind.to_sql(),
            action: new.action.to_sql(),
            target_kind: new.target_kind.to_sql(),
            target_id: new.target_id.to_sql(),
            address: new.address.to_sql(),
            detail_json: new.detail.to_sql(),
            prev_hash,
            hash: String::new(),
        };
        entry.hash = entry.expected_hash();
        db.insert(&entry).await?;
        let end = sql("UPDATE audit_heads SET hash = $2 WHERE org_id = $1").bind(org).bind(&entry.hash);
        db.write_one(end).await?;
        work.commit().await?;
        Ok(entry)
    }

    /// Entries, newest first, in pages.
    pub async fn list(
        &self,
        org: OrgId,
        filter: &AuditFilter,
        page: &Page,
    ) -> Result<Listed<AuditEntry>, StoreError> {
        let mut text = format!("SELECT {} FROM audit_log WHERE org_id = $1", AuditEntry::columns(None));
        let mut place = 2;
        let mut next = || {
            place += 1;
            place
        };
        // Values are numbered in the order in which they are bound below.
        let family = filter.action.as_deref().filter(|action| action.ends_with('.'));
        match (&filter.action, family) {
            (Some(_), Some(_)) => text.push_str(&format!(" AND action LIKE ${} ESCAPE '!'", next())),
            (Some(_), None) => text.push_str(&format!(" AND action = ${}", next())),
            (None, _) => {}
        }
        if filter.actor.is_some() {
            text.push_str(&format!(" AND actor_id = ${}", next()));
        }
        if filter.target.is_some() {
            text.push_str(&format!(" AND target_id = ${}", next()));
        }
        if filter.from.is_some() {
            text.push_str(&format!(" AND at >= ${}", next()));
        }
        if filter.to.is_some() {
            text.push_str(&format!(" AND at < ${}", next()));
        }
        if page.after.is_some() {
            text.push_str(&format!(" AND seq < ${}", next()));
        }
        text.push_str(" ORDER BY seq DESC LIMIT $2");
        let mut query = composed(text).bind(org).bind(page.fetched());
        match (&filter.action, family) {
            (_, Some(family)) => {
                let escaped = family.replace('!', "!!").replace('%', "!%").replace('_', "!_");
                query = query.bind(format!("{escaped}%"));
            }
            (Some(action), None) => query = query.bind(action),
            (None, None) => {}
        }
        if let Some(actor) = &filter.actor {
            query = query.bind(actor);
        }
        if let Some(target) = &filter.target {
            query = query.bind(target);
        }
        if let Some(from) = filter.from {
            query = query.bind(from);
        }
        if let Some(to) = filter.to {
            query = query.bind(to);
        }
        if let Some(after) = &page.after {
            query = query.bind(after.number()?);
        }
        let entries = self.db.all(query).await?;
        Ok(Listed::of(entries, page, |entry: &AuditEntry| Cursor::new(entry.seq, entry.id)))
    }

    /// Walks along the chain.
    pub async fn verify(&self, org: OrgId) -> Result<Verified, StoreError> {
        // What is appended while this walks is behind the end that is read first.
        let end = sql("SELECT seq, hash FROM audit_heads WHERE org_id = $1").bind(org);
        let (end_seq, end_hash) =
            self.db.first::<(i64, String)>(end).await?.unwrap_or_else(|| (0, GENESIS.to_owned()));
        let (mut seq, mut hash) = (0, GENESIS.to_owned());
        while seq < end_seq {
            let batch =
                select::<AuditEntry>("WHERE org_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4");
            let batch = batch.bind(org).bind(seq).bind(end_seq).bind(BATCH);
            let batch = self.db.all::<AuditEntry>(batch).await?;
            if batch.is_empty() {
                return Ok(Verified { entries: seq, broken_at: Some(seq + 1) });
            }
            for entry in batch {
                let follows = entry.seq == seq + 1 && entry.prev_hash == hash;
                if !follows || entry.hash != entry.expected_hash() {
                    return Ok(Verified { entries: end_seq, broken_at: Some(seq + 1) });
                }
                seq = entry.seq;
                hash = entry.hash;
            }
        }
        let broken_at = (hash != end_hash).then_some(end_seq);
        Ok(Verified { entries: end_seq, broken_at })
    }
}
