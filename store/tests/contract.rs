//! Every table keeps its promises on both databases: each test runs on an empty SQLite file and on an empty
//! PostgreSQL database.

mod contract {
    mod accounts;
    mod audit;
    mod backup;
    mod filled;
    mod outbox;
    mod people;
    mod sign_in;
    mod streams;
    mod upgrade;
}
