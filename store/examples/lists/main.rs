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

use sluice_store::testing::{Server, TestDatabase};
use sluice_store::{Kind, Store};

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let accounts = arguments.next().map_or(100_000, |text| text.parse().expect("ACCOUNTS is a number"));
    let streams = arguments.next().map_or(20_000, |text| text.parse().expect("STREAMS is a number"));
    let folder = arguments.next().map(PathBuf::from);

    let only = arguments.next();
    if only.as_deref() != Some("postgres") {
        let file = TestDatabase::sqlite();
        run(&file.store().await, accounts, streams, folder.as_deref()).await;
    }
    if only.as_deref() == Some("sqlite") {
        return;
    }
    if let Some(server) = Server::start_own() {
        let store = Store::open(&server.database("bench").await).await.expect("the database opens");
        store.migrate().await.expect("the database migrates");
        run(&store, accounts, streams, folder.as_deref()).await;
        store.close().await;
    }
}

async fn run(store: &Store, accounts: u32, streams: u32, folder: Option<&std::path::Path>) {
    let name = match store.kind() {
        Kind::Sqlite => "sqlite",
        Kind::Postgres => "postgres",
    };
    let begun = std::time::Instant::now();
    let org = filling::fill(store, accounts, streams).await;
    store.maintain().await.expect("the statistics are made");
    let seconds = begun.elapsed().as_secs_f64();
    say(&format!("{name}: {accounts} accounts, {streams} streams, filled in {seconds:.1} s"));
    let measured = measuring::measure(store, org).await;
    if let Some(folder) = folder {
        let report = serde_json::json!({
            "database": name, "accounts": accounts, "streams": streams, "queries": measured,
        });
        let text = serde_json::to_string_pretty(&report).expect("a report is JSON");
        let path = folder.join(format!("lists-{name}.json"));
        std::fs::write(&path, text + "\n").expect("the report is written");
    }
}

/// A line for whoever waits.
fn say(line: &str) {
    use std::io::Write;
    writeln!(std::io::stdout(), "{line}").expect("there is an output");
}
