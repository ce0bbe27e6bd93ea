//! How the databases carry queries out, for measurements.

use std::cell::RefCell;

use sqlx::any::AnyArguments;
use sqlx::{AssertSqlSafe, Row};

use crate::db::Db;
use crate::statement::Statement;
use crate::store::Kind;

tokio::task_local! {
    static PLANS: RefCell<Vec<String>>;
}

/// Runs something and returns, for each of its queries, how the database carries it out.
pub async fn of<F: Future>(queries: F) -> Vec<String> {
    PLANS
        .scope(RefCell::new(Vec::new()), async {
            queries.await;
            PLANS.with(RefCell::take)
        })
        .await
}

/// Asks the database about a query, if somebody wants to know.
pub(crate) async fn note(db: Db<'_>, statement: &Statement) {
    let (Db::Pool(store), Ok(())) = (db, PLANS.try_with(|_| ())) else { return };
    let (explain, column) = match store.kind() {
        Kind::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
        Kind::Postgres => ("EXPLAIN ANALYZE", "QUERY PLAN"),
    };
    let mut arguments = AnyArguments::default();
    arguments.values.0.clone_from(&statement.arguments.values.0);
    let text = format!("{explain} {}", statement.text.as_str());
    let rows = sqlx::query_with(AssertSqlSafe(text), arguments).fetch_all(store.readers()).await;
    let lines: Vec<String> = match rows {
        Ok(rows) => rows.iter().map(|row| row.try_get(column).unwrap_or_default()).collect(),
        Err(error) => vec![error.to_string()],
    };
    PLANS.with(|plans| plans.borrow_mut().push(lines.join("\n")));
}
