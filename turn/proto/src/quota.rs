//! How many allocations there may be: of one user, and of all.

use std::collections::HashMap;

use ahash::RandomState;

/// Counts allocations by user.
#[derive(Debug)]
pub struct Quota {
    users: HashMap<Box<str>, u32, RandomState>,
    total: u32,
    each: u32,
    all: u32,
}

/// Which limit was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// This user has all that one may have.
    User,
    /// All together have.
    Total,
}

impl Quota {
    /// At most `each` of one user and `all` together.
    pub fn new(seed: u64, each: u32, all: u32) -> Self {
        let users = HashMap::with_hasher(RandomState::with_seeds(seed, 4, 5, 6));
        Self { users, total: 0, each, all }
    }

    /// One more of this user.
    ///
    /// # Errors
    /// Where that is one too many.
    pub fn take(&mut self, user: &str) -> Result<(), Full> {
        if self.total >= self.all {
            return Err(Full::Total);
        }
        let count = self.users.get(user).copied().unwrap_or(0);
        if count >= self.each {
            return Err(Full::User);
        }
        self.users.insert(user.into(), count + 1);
        self.total += 1;
        Ok(())
    }

    /// One of this user has ended.
    pub fn give(&mut self, user: &str) {
        let Some(count) = self.users.get_mut(user) else { return };
        *count -= 1;
        if *count == 0 {
            self.users.remove(user);
        }
        self.total -= 1;
    }

    /// All that there are.
    pub const fn total(&self) -> u32 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_a_limit_and_all_together_have_one() {
        let mut quota = Quota::new(1, 2, 3);
        assert_eq!([quota.take("a"), quota.take("a")], [Ok(()), Ok(())]);
        assert_eq!(quota.take("a"), Err(Full::User));
        assert_eq!(quota.take("b"), Ok(()));
        assert_eq!(quota.take("c"), Err(Full::Total));
        quota.give("a");
        assert_eq!(quota.take("c"), Ok(()));
        quota.give("a");
        quota.give("a");
        assert_eq!(quota.total(), 2, "what is given back twice counts once");
    }
}
