//! Roles: what a member of an Organisation is.

use crate::word::words;

words! {
    /// What a member of an Organisation is; each may do all that the one before may.
    pub enum Role {
        /// Watches; has a profile and a library.
        Viewer = "viewer",
        /// Has streams and publishes to them.
        Creator = "creator",
        /// Keeps order among streams.
        Moderator = "moderator",
        /// May do everything in the Organisation.
        Admin = "admin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::word::UnknownWord;

    #[test]
    fn roles_are_ordered_by_what_they_may() {
        assert!(Role::ALL.is_sorted());
        assert!(Role::Viewer < Role::Creator && Role::Moderator < Role::Admin);
    }

    #[test]
    fn every_word_reads_back() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(*role));
        }
        assert_eq!("Admin".parse::<Role>(), Err(UnknownWord));
    }
}
