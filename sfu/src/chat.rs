//! Orders about chats on their way to the workers.

use sluice_sfu_engine::ChatOrder;

use crate::handle::worker_of;
use crate::mailbox::{Mail, Mailbox};

/// An order that is yet to reach some workers.
#[derive(Debug, Clone)]
pub struct Unplaced {
    order: ChatOrder,
    /// A bit for each worker that has got it.
    placed: u64,
}

impl From<ChatOrder> for Unplaced {
    fn from(order: ChatOrder) -> Self {
        Self { order, placed: 0 }
    }
}

impl Unplaced {
    /// Puts the order into the mailboxes of those whom it concerns and who do not have it yet.
    pub(crate) fn place(mut self, mailboxes: &[Mailbox]) -> Result<(), Self> {
        let only = self.order.member().map(|member| worker_of(member.peer));
        let mut full = false;
        for (worker, mailbox) in mailboxes.iter().enumerate() {
            let bit = 1 << worker;
            if self.placed & bit == 0 && only.is_none_or(|only| only == worker) {
                match mailbox.send(Mail::Chat(self.order.clone())) {
                    Ok(()) => self.placed |= bit,
                    Err(_refused) => full = true,
                }
            }
        }
        if full { Err(self) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use mio::{Poll, Token, Waker};
    use sluice_domain::StreamId;

    use super::*;
    use crate::mailbox::Inbox;

    fn mailbox() -> (Poll, Mailbox, Inbox) {
        let poll = Poll::new().unwrap();
        let (mailbox, inbox) = Mailbox::new(Waker::new(poll.registry(), Token(0)).unwrap());
        (poll, mailbox, inbox)
    }

    fn texts(inbox: &Inbox) -> Vec<String> {
        let mail = std::iter::from_fn(|| inbox.take());
        mail.filter_map(|mail| match mail {
            Mail::Chat(ChatOrder::Say { text, .. }) => Some(text.to_string()),
            _ => None,
        })
        .collect()
    }

    #[test]
    fn an_order_that_found_a_full_mailbox_reaches_every_worker_once() {
        let (workers, boxes): (Vec<_>, Vec<_>) = (0..3)
            .map(|_| {
                let (poll, mailbox, inbox) = mailbox();
                ((poll, inbox), mailbox)
            })
            .unzip();
        let chat = StreamId(uuid::Uuid::from_u128(1));
        let say = |text: &str| Unplaced::from(ChatOrder::Say { chat, text: text.into() });
        while boxes[1].send(Mail::Stop).is_ok() {}
        let unplaced = say("one").place(&boxes).unwrap_err();
        let unplaced = unplaced.place(&boxes).unwrap_err();
        while workers[1].1.take().is_some() {}
        unplaced.place(&boxes).unwrap();
        say("two").place(&boxes).unwrap();
        for (_, inbox) in &workers {
            assert_eq!(texts(inbox), ["one", "two"]);
        }
    }
}
