//! Every table keeps its promises on both databases: each test runs on an empty SQLite file and on an empty
//! PostgreSQL database.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it is")]

mod contract {
    mod accounts;
    mod audit;
    mod backup;
    mod chat;
    mod filled;
    mod keeping_order;
    mod outbox;
    mod people;
    mod recordings;
    mod sign_in;
    mod streams;
    mod upgrade;
}
