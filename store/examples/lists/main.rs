//! Measures the lists that people wait for, on databases as large as a busy server's, and prints how the
//! databases carry them out.
//!
//! ```text
//! cargo run --release -p sluice-store --features testing --example lists -- [ACCOUNTS] [STREAMS] [FOLDER] [sqlite|postgres]
//! ```
//!
//! Without a folder nothing is written; without a database both are measured.

mod filling;
mod measuring;

use std::path::PathBuf;
use std::time::Instant;

use sluice_domain::OrgId;
use sluice_store::Store;
use sluice_store::testing::{Server, TestDatabase};

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let accounts = arguments.next().map_or(100_000, |text| text.parse().expect("ACCOUNTS is a number"));
    let streams = arguments.next().map_or(20_000, |text| text.parse().expect("STREAMS is a number"));
    let folder = arguments.next().map(PathBuf::from);

    let only = arguments.next();

    let begun = Instant::now();
    let file = TestDatabase::sqlite();
    let store = file.store().await;
    let org = filling::fill(&store, accounts, streams).await;
    store.maintain().await.expect("the statistics are made");
    say(&format!("{accounts} accounts, {streams} streams, filled in {:.1} s", begun.elapsed().as_secs_f64()));
    let of = Measured { org, accounts, streams, folder };
    if only.as_deref() != Some("postgres") {
        of.measure(&store, "sqlite").await;
    }
    if only.as_deref() == Some("sqlite") {
        return;
    }
    if let Some(server) = Server::start_own() {
        // The same rows, and a restore of a large backup at the same time.
        let begun = Instant::now();
        let backup = tempfile::tempdir().expect("a folder can be made");
        let backup = backup.path().join("backup");
        store.backup(&backup).await.expect("a backup is made");
        say(&format!("backed up in {:.1} s", begun.elapsed().as_secs_f64()));
        let begun = Instant::now();
        let url = server.database("bench").await;
        let store = Store::restore(&backup, &url).await.expect("the backup comes back");
        // What autovacuum does sooner or later, which servers of tests have switched off: of rows that others
        // refer to, only the second time finds that everybody sees them.
        store.maintain().await.expect("the database is vacuumed");
        say(&format!("restored into PostgreSQL in {:.1} s", begun.elapsed().as_secs_f64()));
        of.measure(&store, "postgres").await;
        store.close().await;
    }
}

struct Measured {
    org: OrgId,
    accounts: u32,
    streams: u32,
    folder: Option<PathBuf>,
}

impl Measured {
    async fn measure(&self, store: &Store, name: &str) {
        say(name);
        let measured = measuring::measure(store, self.org).await;
        let Some(folder) = &self.folder else { return };
        let report = serde_json::json!({
            "database": name, "accounts": self.accounts, "streams": self.streams, "queries": measured,
        });
        let text = serde_json::to_string_pretty(&report).expect("a report is JSON");
        std::fs::write(folder.join(format!("lists-{name}.json")), text + "\n")
            .expect("the report is written");
    }
}

/// A line for whoever waits.
fn say(line: &str) {
    use std::io::Write;
    writeln!(std::io::stdout(), "{line}").expect("there is an output");
}
