//! Who somebody is.
