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
