//! Legal texts, and who accepted which version.

use sluice_domain::{AccountId, DocumentId, OrgId};

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// A version of a legal text.
    pub struct LegalDocument in "legal_documents" {
        /// Its id.
        pub id: DocumentId,
        /// The organisation.
        pub org_id: OrgId,
        /// What it is: `terms`.
        pub kind: String,
        /// Its version, as people write it.
        pub version: String,
        /// Its title.
        pub title: String,
        /// The text.
        pub body: String,
        /// From when on it holds.
        pub published_at: i64,
    }
}

record! {
    /// Somebody accepted a legal text.
    pub struct LegalAcceptance in "legal_acceptances" {
        /// The organisation.
        pub org_id: OrgId,
        /// Who.
        pub account_id: AccountId,
        /// What.
        pub document_id: DocumentId,
        /// When.
        pub accepted_at: i64,
        /// From where.
        pub address: Option<String>,
    }
}

table! {
    /// Legal texts and who accepted them.
    pub struct Legal;
}

impl Legal<'_> {
    /// Adds a version.
    pub async fn publish(&self, document: &LegalDocument) -> Result<(), StoreError> {
        self.db.insert(document).await
    }

    /// The version that holds now.
    pub async fn current(
        &self,
        org: OrgId,
        kind: &str,
        now: i64,
    ) -> Result<Option<LegalDocument>, StoreError> {
        let found = select::<LegalDocument>(
            "WHERE org_id = $1 AND kind = $2 AND published_at <= $3 ORDER BY published_at DESC, id DESC LIMIT 1",
        );
        self.db.first(found.bind(org).bind(kind).bind(now)).await
    }

    /// The version with this id.
    pub async fn by_id(&self, org: OrgId, id: DocumentId) -> Result<LegalDocument, StoreError> {
        let found = select::<LegalDocument>("WHERE org_id = $1 AND id = $2").bind(org).bind(id);
        self.db.first(found).await?.ok_or(StoreError::NotFound)
    }

    /// Notes that an account accepted a version. The first time counts.
    pub async fn accept(&self, acceptance: &LegalAcceptance) -> Result<(), StoreError> {
        let insert =
            sql("INSERT INTO legal_acceptances (org_id, account_id, document_id, accepted_at, address) \
                          VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING");
        let insert = insert
            .bind(acceptance.org_id)
            .bind(acceptance.account_id)
            .bind(acceptance.document_id)
            .bind(acceptance.accepted_at)
            .bind(&acceptance.address);
        self.db.write(insert).await.map(drop)
    }

    /// What an account accepted, oldest first.
    pub async fn accepted(&self, org: OrgId, account: AccountId) -> Result<Vec<LegalAcceptance>, StoreError> {
        let found = select::<LegalAcceptance>(
            "WHERE org_id = $1 AND account_id = $2 ORDER BY accepted_at, document_id",
        );
        self.db.all(found.bind(org).bind(account)).await
    }

    /// Whether an account accepted a version.
    pub async fn has_accepted(
        &self,
        org: OrgId,
        account: AccountId,
        document: DocumentId,
    ) -> Result<bool, StoreError> {
        let found = select::<LegalAcceptance>("WHERE org_id = $1 AND account_id = $2 AND document_id = $3");
        let found = found.bind(org).bind(account).bind(document);
        Ok(self.db.first::<LegalAcceptance>(found).await?.is_some())
    }
}
