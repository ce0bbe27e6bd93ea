//! Placeholder until its first feature.
fn main() {}
