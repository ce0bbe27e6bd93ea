//! The sign-ins of the account.

pub(crate) mod end;
pub(crate) mod end_others;
pub(crate) mod list;
