//! The schema, step by step.
//!
//! A step is one text for both databases and a text for each: what is said twice is what differs. A step that
//! was published is never edited, since its checksum is kept by the databases that have it.

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use crate::error::StoreError;
use crate::store::{Kind, Store};

struct Step {
    version: i64,
    name: &'static str,
    both: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! step {
    ($version:literal, $name:literal) => {
        Step {
            version: $version,
            name: $name,
            both: include_str!(concat!("../migrations/", $name, ".sql")),
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }
    };
}

const STEPS: &[Step] = &[step!(1, "0001_accounts"), step!(2, "0002_chat"), step!(3, "0003_recorder")];

impl Store {
    /// Brings the schema up to date. Safe to repeat, and safe when several nodes start at once.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.migrate_to(None).await
    }

    /// Brings the schema up to a version, for tests of upgrades.
    pub async fn migrate_to(&self, version: Option<i64>) -> Result<(), StoreError> {
        loop {
            let before = self.version().await?;
            match self.try_migrate_to(version).await {
                // SQLite has no lock for migrations: of two nodes that begin a step at once, one finds it
                // done when its turn comes, fails as a whole, and goes on behind it.
                Err(_) if self.kind() == Kind::Sqlite && self.version().await? > before => {}
                done => return done,
            }
        }
    }

    async fn try_migrate_to(&self, version: Option<i64>) -> Result<(), StoreError> {
        let mut connection = self.writer().acquire().await?;
        let done = migrator(self.kind()).run_direct(version, &mut *connection, false).await;
        if done.is_err() {
            // A step that fails leaves the connection with the lock of the migrations.
            connection.close_on_drop();
        }
        done.map_err(of_migration)
    }

    /// The version of the schema that this program is made for.
    pub fn newest_version() -> i64 {
        STEPS.last().map_or(0, |step| step.version)
    }
}

/// The steps behind a version, with their names.
pub(crate) fn after(version: i64) -> Vec<(i64, String)> {
    let later = STEPS.iter().filter(|step| step.version > version);
    later.map(|step| (step.version, step.name.to_owned())).collect()
}

fn migrator(kind: Kind) -> Migrator {
    Migrator::with_migrations(STEPS.iter().map(|step| migration(step, kind)).collect())
}

fn migration(step: &Step, kind: Kind) -> Migration {
    let own = match kind {
        Kind::Sqlite => step.sqlite,
        Kind::Postgres => step.postgres,
    };
    let text = AssertSqlSafe(format!("{}\n{own}", step.both)).into_sql_str();
    Migration::new(step.version, step.name.into(), MigrationType::Simple, text, false)
}

fn of_migration(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => StoreError::Refused(other.into()),
    }
}
