//! The rules of the connection doctor: from what was measured to what is wrong, why, and how to mend it.
//!
//! ```text
//!  a browser ──┐
//!  sluice doctor URL ──┼──▶ Facts ──▶ diagnose ──▶ findings, worst first
//!  sluice doctor ──────┘
//! ```
//!
//! This crate is pure: it measures nothing. Whoever measures fills in the [`Facts`] that it has and leaves out
//! the others; a rule that lacks a fact says nothing. So the page in the browser, the command and the server
//! itself come to the same words.

mod address;
mod answer;
mod diagnose;
mod facts;
mod finding;
mod node;
mod report;

pub use address::is_outside;
pub use answer::Answer;
pub use diagnose::{diagnose, examine, way};
pub use facts::host::{
    Buffers, Clock, Disk, Ffmpeg, HostFacts, OpenFiles, Port, PortKind, PortState, Reached,
};
pub use facts::{
    Certificate, CertificateProblem, CodecFacts, Direction, Facts, Failure, HttpFacts, Nat, NodeFacts,
    Outcome, PathFacts, Quality, Rates, Sizes, StreamFacts, TlsFacts, Transport, Vantage, WebSocketFacts,
};
pub use finding::{Diagnosis, Finding, FindingCode, Severity, Way};
pub use node::{DoctorLimits, DoctorNode, RelayServer, Uploaded};
pub use report::report;
