//! What is written to the audit log: everything that changes who may do what, and never a secret.

use std::fmt::Display;

use serde_json::Value;
use sluice_domain::OrgId;
use sluice_store::{NewAuditEntry, Tx};

use crate::accounts::Accounts;
use crate::error::AccountsError;
use crate::identity::{Actor, ActorKind};

impl Accounts {
    /// Writes an entry in the transaction of what it is about: both happen or neither.
    pub async fn audit(
        &self,
        tx: &Tx,
        org: OrgId,
        actor: &Actor,
        action: &str,
        target: (&str, impl Display),
        detail: Value,
    ) -> Result<(), AccountsError> {
        tx.audit_log().append(org, &self.entry(actor, action, target, detail)).await?;
        Ok(())
    }

    /// Writes an entry on its own, for what changes nothing else, such as a secret that was shown.
    pub async fn audit_alone(
        &self,
        org: OrgId,
        actor: &Actor,
        action: &str,
        target: (&str, impl Display),
        detail: Value,
    ) -> Result<(), AccountsError> {
        self.store().audit_log().append(org, &self.entry(actor, action, target, detail)).await?;
        Ok(())
    }

    fn entry(
        &self,
        actor: &Actor,
        action: &str,
        (target_kind, target_id): (&str, impl Display),
        detail: Value,
    ) -> NewAuditEntry {
        let (actor_kind, actor_id) = match actor.kind {
            ActorKind::Account(id) => ("account", Some(id.to_string())),
            ActorKind::ApiKey(id) => ("api_key", Some(id.to_string())),
            ActorKind::System => ("system", None),
            ActorKind::Cli => ("cli", None),
        };
        NewAuditEntry {
            id: self.clock().uuid(),
            at: self.now(),
            actor_id,
            actor_kind: actor_kind.to_owned(),
            action: action.to_owned(),
            target_kind: target_kind.to_owned(),
            target_id: target_id.to_string(),
            address: actor.address.map(|address| address.to_canonical().to_string()),
            detail,
        }
    }
}
