//! What was sent and what each member heard of it: order and loss.

use sluice_domain::ChatMessageId;

/// A set of numbers from zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Numbers(Vec<u64>);

impl Numbers {
    /// Room for numbers below this.
    pub(crate) fn below(count: u32) -> Self {
        Self(vec![0; (count as usize).div_ceil(64)])
    }

    /// Adds a number; false if it was there, or is none of those there is room for.
    pub(crate) fn add(&mut self, number: u32) -> bool {
        let Some(word) = self.0.get_mut(number as usize / 64) else { return false };
        let bit = 1 << (number % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// Adds all of another set.
    pub(crate) fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, more)| *word |= more);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// How many there are that another set does not have.
    pub(crate) fn missing_from(&self, other: &Self) -> u64 {
        let others = other.0.iter().copied().chain(std::iter::repeat(0));
        self.0.iter().zip(others).map(|(word, other)| u64::from((word & !other).count_ones())).sum()
    }
}

/// What one member heard.
#[derive(Clone, Debug)]
pub(crate) struct Ear {
    pub(crate) heard: Numbers,
    /// Messages whose id does not follow the one before, or that their sender sent before one that
    /// came earlier.
    pub(crate) reordered: u64,
    pub(crate) duplicates: u64,
    last: Option<ChatMessageId>,
    /// The next number that may come, by sender.
    next: Vec<u32>,
}

impl Ear {
    /// Hears this many messages of so many senders, who take turns: message `n` is of sender
    /// `n % senders`.
    pub(crate) fn new(messages: u32, senders: u32) -> Self {
        Self {
            heard: Numbers::below(messages),
            reordered: 0,
            duplicates: 0,
            last: None,
            next: vec![0; senders.max(1) as usize],
        }
    }

    /// A message came; true if it came for the first time.
    ///
    /// Ids ascend in the order of the chat, so members whose ids only ascend heard the same order.
    pub(crate) fn hear(&mut self, id: ChatMessageId, number: u32) -> bool {
        if !self.heard.add(number) {
            self.duplicates += 1;
            return false;
        }
        let sender = number as usize % self.next.len();
        let follows = self.last.is_none_or(|last| last < id) && self.next[sender] <= number;
        self.reordered += u64::from(!follows);
        self.last = self.last.max(Some(id));
        self.next[sender] = self.next[sender].max(number + 1);
        true
    }
}

/// The sum over members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) delivered: u64,
    pub(crate) lost: u64,
    pub(crate) reordered: u64,
    pub(crate) duplicates: u64,
    /// Members that lack a message or heard one out of order.
    pub(crate) affected: u64,
}

/// Adds up what members heard. Whatever was accepted, or heard by anybody, should have reached all.
pub(crate) fn sum<'a>(accepted: &Numbers, ears: impl Iterator<Item = &'a Ear> + Clone) -> Sum {
    let mut expected = accepted.clone();
    ears.clone().for_each(|ear| expected.join(&ear.heard));
    let mut sum = Sum::default();
    for ear in ears {
        let lost = expected.missing_from(&ear.heard);
        sum.delivered += ear.heard.count();
        sum.lost += lost;
        sum.reordered += ear.reordered;
        sum.duplicates += ear.duplicates;
        sum.affected += u64::from(lost + ear.reordered > 0);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u32) -> ChatMessageId {
        format!("00000000-0000-7000-8000-{number:012x}").parse().unwrap()
    }

    fn ear(messages: u32, senders: u32, order: &[(u32, u32)]) -> Ear {
        let mut ear = Ear::new(messages, senders);
        order.iter().for_each(|(at, number)| {
            ear.hear(id(*at), *number);
        });
        ear
    }

    #[test]
    fn numbers_are_counted_once_and_within_their_room() {
        let mut numbers = Numbers::below(65);
        assert!(numbers.add(0) && numbers.add(64) && !numbers.add(64));
        assert!(!numbers.add(128));
        let mut more = Numbers::below(65);
        more.add(1);
        assert_eq!((numbers.count(), numbers.missing_from(&more)), (2, 2));
        more.join(&numbers);
        assert_eq!((more.count(), numbers.missing_from(&more), more.missing_from(&numbers)), (3, 0, 1));
    }

    #[test]
    fn messages_of_several_senders_may_overtake_each_other_but_not_the_chat() {
        // Two senders; message 1 was taken before message 0.
        let fine = ear(4, 2, &[(10, 1), (11, 0), (12, 2), (13, 3)]);
        assert_eq!((fine.reordered, fine.duplicates), (0, 0));
        // The same messages, one id out of order.
        let crossed = ear(4, 2, &[(11, 0), (10, 1), (12, 2), (13, 3)]);
        assert_eq!(crossed.reordered, 1);
        // A sender's own messages in the wrong order, whatever their ids.
        let swapped = ear(4, 2, &[(10, 2), (11, 0)]);
        assert_eq!(swapped.reordered, 1);
        assert_eq!(ear(4, 2, &[(10, 0), (10, 0)]).duplicates, 1);
    }

    #[test]
    fn what_anybody_heard_or_the_server_accepted_should_have_reached_all() {
        let mut accepted = Numbers::below(4);
        accepted.add(0);
        accepted.add(3);
        // Message 2 was refused; message 1 was heard although its answer never came.
        let all = ear(4, 1, &[(1, 0), (2, 1), (3, 3)]);
        let some = ear(4, 1, &[(1, 0)]);
        let sum = sum(&accepted, [&all, &some].into_iter());
        assert_eq!(sum, Sum { delivered: 4, lost: 2, reordered: 0, duplicates: 0, affected: 1 });
    }

    #[test]
    fn nobody_loses_what_nobody_was_to_hear() {
        let sum = sum(&Numbers::below(10), [&Ear::new(10, 3)].into_iter());
        assert_eq!(sum, Sum::default());
    }
}
