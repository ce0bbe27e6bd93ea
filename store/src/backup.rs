//! Backups: one SQLite file, whichever database it is of, so that any tool reads it and a server can move from
//! SQLite to PostgreSQL and back.
//!
//! Of a SQLite database it is a compact copy that is made while the server goes on. Of PostgreSQL it is filled
//! with what one transaction sees. A backup is brought back into a place where nothing is.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use futures_util::TryStreamExt;
use sqlx::any::{AnyArguments, AnyRow, AnyTypeInfoKind};
use sqlx::{Any, Arguments, AssertSqlSafe, Column, Row, Transaction};

use crate::db::Db;
use crate::error::StoreError;
use crate::statement::sql;
use crate::store::{Kind, Store};

/// Rows that are written by one statement. More would save little; SQLite takes 32766 values in one, and no
/// table has 60 columns.
const ROWS: usize = 100;

impl Store {
    /// Writes a backup to a file that must not exist yet. It is there whole, or not at all. The file is
    /// readable by its owner alone, since it holds what the database holds; the master key is not in it.
    pub async fn backup(&self, path: &Path) -> Result<(), StoreError> {
        if path.exists() {
            return Err(refused("the file of the backup exists already"));
        }
        let partial = beside(path, "partial");
        remove(&partial);
        let written = match self.kind() {
            Kind::Sqlite => self.copy_to(&partial).await,
            Kind::Postgres => self.dump_to(&partial).await,
        };
        let done = written.and_then(|()| {
            OpenOptions::new()
                .write(true)
                .open(&partial)
                .and_then(|file| file.sync_all())
                .map_err(of_file)?;
            std::fs::rename(&partial, path).map_err(of_file)
        });
        if done.is_err() {
            remove(&partial);
        }
        done
    }

    /// Brings a backup into a database where nothing is yet: a file that does not exist, or an empty PostgreSQL
    /// database. All of it or nothing. The schema is that of the backup afterwards, brought up to date.
    pub async fn restore(backup: &Path, url: &str) -> Result<Self, StoreError> {
        if !backup.is_file() {
            return Err(StoreError::NotFound);
        }
        let source = Self::open_backup(backup).await?;
        let restored = source.restore_into(url).await;
        source.close().await;
        restored
    }

    async fn restore_into(&self, url: &str) -> Result<Self, StoreError> {
        let version = self.checked_version().await?;
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = Path::new(path.strip_prefix("//").unwrap_or(path));
            if path.exists() {
                return Err(refused("the database holds data already"));
            }
            let partial = beside(path, "partial");
            remove(&partial);
            self.copy_to(&partial).await?;
            std::fs::rename(&partial, path).map_err(of_file)?;
            let target = Self::open(url).await?;
            target.migrate().await?;
            return Ok(target);
        }
        let target = Self::open(url).await?;
        target.migrate_to(Some(version)).await?;
        if target.status().await?.version != Some(version) || target.organisations().first().await?.is_some()
        {
            return Err(refused("the database holds data already"));
        }
        let mut from = self.readers().begin().await?;
        let mut into = target.writer().begin().await?;
        for table in self.tables_in_order().await? {
            copy(&table, &mut from, &mut into).await?;
        }
        into.commit().await?;
        target.migrate().await?;
        target.maintain().await?;
        Ok(target)
    }

    /// Opens a backup as it is, to look into it.
    async fn open_backup(path: &Path) -> Result<Self, StoreError> {
        let head = std::fs::File::open(path).and_then(|mut file| {
            let mut head = [0; 16];
            std::io::Read::read_exact(&mut file, &mut head).map(|()| head)
        });
        if head.map_err(StoreError::corrupt)? != *b"SQLite format 3\0" {
            return Err(StoreError::corrupt("this is no backup"));
        }
        sqlx::any::install_default_drivers();
        Self::open_reading(path).await
    }

    /// The version of the schema of a backup that is whole and that this program understands.
    async fn checked_version(&self) -> Result<i64, StoreError> {
        let check = Db::Pool(self).all::<(String,)>(sql("PRAGMA integrity_check")).await?;
        if check.iter().any(|(line,)| line != "ok") {
            return Err(StoreError::corrupt("the backup is damaged"));
        }
        let version = self.status().await?.version.ok_or_else(|| refused("this is no backup of Sluice"))?;
        if version > Self::newest_version() {
            return Err(refused("the backup is of a newer version of Sluice"));
        }
        Ok(version)
    }

    /// A compact copy of a SQLite file.
    async fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        private_file(path)?;
        // On a connection of its own: the readers of the store may not write anywhere, its writer should not wait.
        let own = Self::open_reading(self.path().ok_or_else(|| refused("this is no file"))?).await?;
        let name = path.to_str().ok_or_else(|| refused("the path is not UTF-8"))?;
        let done = Db::Pool(&own).write(sql("VACUUM INTO $1").bind(name)).await;
        own.close().await;
        done.map(drop)
    }

    /// Everything that one transaction on PostgreSQL sees, as a SQLite file.
    async fn dump_to(&self, path: &Path) -> Result<(), StoreError> {
        let version = self.status().await?.version.ok_or_else(|| refused("there is no schema to back up"))?;
        private_file(path)?;
        let target = Self::open_file(path).await?;
        let filled = self.fill(&target, version).await;
        // The file must be whole without the log beside it, which the last connection takes along.
        target.readers().close().await;
        let alone = Db::Pool(&target).write(sql("PRAGMA journal_mode = DELETE")).await;
        target.close().await;
        filled.and(alone.map(drop))
    }

    async fn fill(&self, target: &Self, version: i64) -> Result<(), StoreError> {
        target.migrate_to(Some(version)).await?;
        let mut from = self.readers().begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        let tables = target.tables_in_order().await?;
        let mut into = target.writer().begin_with("BEGIN IMMEDIATE").await?;
        for table in tables {
            copy(&table, &mut from, &mut into).await?;
        }
        into.commit().await?;
        Ok(())
    }

    /// The tables of a SQLite database with their columns, none before those that it refers to.
    async fn tables_in_order(&self) -> Result<Vec<Table>, StoreError> {
        let db = Db::Pool(self);
        // The tables of an index belong to the index; what has been migrated is known to the target itself.
        let names = sql(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' \
             AND name <> '_sqlx_migrations' AND name NOT LIKE '%!_index%' ESCAPE '!' ORDER BY name",
        );
        let mut waiting = Vec::new();
        for (name,) in db.all::<(String,)>(names).await? {
            let columns = sql("SELECT name FROM pragma_table_info($1) WHERE name <> 'docid' ORDER BY cid");
            let columns = db.all::<(String,)>(columns.bind(&name)).await?;
            let columns = columns.into_iter().map(|(column,)| column).collect();
            let needs = sql("SELECT DISTINCT \"table\" FROM pragma_foreign_key_list($1)").bind(&name);
            let needs: Vec<String> =
                db.all::<(String,)>(needs).await?.into_iter().map(|(table,)| table).collect();
            waiting.push((Table { name, columns }, needs));
        }
        let mut ordered: Vec<Table> = Vec::new();
        while !waiting.is_empty() {
            let there = |name: &String| ordered.iter().any(|table| table.name == *name);
            let ready = waiting
                .iter()
                .position(|(table, needs)| needs.iter().all(|need| *need == table.name || there(need)));
            let ready = ready.ok_or_else(|| StoreError::corrupt("tables refer to each other in a circle"))?;
            ordered.push(waiting.remove(ready).0);
        }
        Ok(ordered)
    }
}

struct Table {
    name: String,
    columns: Vec<String>,
}

/// Copies all rows of a table.
async fn copy(
    table: &Table,
    from: &mut Transaction<'_, Any>,
    into: &mut Transaction<'_, Any>,
) -> Result<(), StoreError> {
    let columns: Vec<String> = table.columns.iter().map(|column| format!("\"{column}\"")).collect();
    let columns = columns.join(", ");
    let read = AssertSqlSafe(format!("SELECT {columns} FROM {}", table.name));
    let mut rows = sqlx::query(read).fetch(&mut **from).try_chunks(ROWS);
    while let Some(chunk) = rows.try_next().await.map_err(|error| error.1)? {
        let mut arguments = AnyArguments::default();
        let mut places = Vec::with_capacity(chunk.len());
        for row in &chunk {
            let first = places.len() * table.columns.len();
            let of_row: Vec<String> =
                (1..=table.columns.len()).map(|place| format!("${}", first + place)).collect();
            places.push(format!("({})", of_row.join(", ")));
            bind(row, &mut arguments)?;
        }
        let write = format!("INSERT INTO {} ({columns}) VALUES {}", table.name, places.join(", "));
        sqlx::query_with(AssertSqlSafe(write), arguments).execute(&mut **into).await?;
    }
    Ok(())
}

/// Binds the values of a row as they are. A NULL is bound with the type of its column, which PostgreSQL wants
/// to know.
fn bind(row: &AnyRow, arguments: &mut AnyArguments) -> Result<(), StoreError> {
    for column in row.columns() {
        let at = column.ordinal();
        let bound = match column.type_info().kind() {
            AnyTypeInfoKind::Text => arguments.add(row.try_get::<Option<String>, _>(at)?),
            AnyTypeInfoKind::BigInt => arguments.add(row.try_get::<Option<i64>, _>(at)?),
            AnyTypeInfoKind::Double => arguments.add(row.try_get::<Option<f64>, _>(at)?),
            AnyTypeInfoKind::Blob => arguments.add(row.try_get::<Option<Vec<u8>>, _>(at)?),
            other => return Err(StoreError::corrupt(format!("a column of the type {other:?}"))),
        };
        bound.map_err(StoreError::corrupt)?;
    }
    Ok(())
}

/// An empty file that only its owner reads.
fn private_file(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(of_file)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// Removes what is left of an attempt, with the files that SQLite puts beside its own.
fn remove(path: &Path) {
    for path in [
        path.to_owned(),
        PathBuf::from(format!("{}-wal", path.display())),
        PathBuf::from(format!("{}-shm", path.display())),
    ] {
        // What is not there need not be removed; what cannot be is reported by whoever wants to write there.
        let _ = std::fs::remove_file(path);
    }
}

fn refused(why: &'static str) -> StoreError {
    StoreError::Refused(why.into())
}

fn of_file(error: std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::Full(error.into()),
        std::io::ErrorKind::NotFound => StoreError::NotFound,
        _ => StoreError::Unavailable(error.into()),
    }
}
