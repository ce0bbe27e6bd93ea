//! Who may have a stream, and the loop that accepts them over TCP.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;

use crate::turn::Turn;

/// How long accepting rests when the system has no more files.
const REST: Duration = Duration::from_millis(100);

/// Counts streams by address.
#[derive(Debug, Clone)]
pub(crate) struct Doors {
    open: Arc<Mutex<Counts>>,
    each: u32,
    all: u32,
}

#[derive(Debug, Default)]
struct Counts {
    all: u32,
    of: HashMap<IpAddr, u32>,
}

/// A stream that is counted.
#[derive(Debug)]
pub(crate) struct Admitted {
    doors: Doors,
    ip: IpAddr,
}

impl Doors {
    pub(crate) fn new(each: u32, all: u32) -> Self {
        Self { open: Arc::default(), each, all }
    }

    /// One more from this address, if it may.
    pub(crate) fn admit(&self, ip: IpAddr) -> Option<Admitted> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.of.get(&ip).copied().unwrap_or(0);
        if open.all >= self.all || count >= self.each {
            return None;
        }
        open.of.insert(ip, count + 1);
        open.all += 1;
        Some(Admitted { doors: self.clone(), ip })
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut open = self.doors.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(count) = open.of.get_mut(&self.ip) else { return };
        *count -= 1;
        if *count == 0 {
            open.of.remove(&self.ip);
        }
        open.all -= 1;
    }
}

/// Accepts streams until the server stops.
pub(crate) async fn accept_all(listener: TcpListener, turn: Turn) {
    let stopped = turn.stopped();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped.cancelled() => return,
        };
        match accepted {
            Ok((stream, client)) => {
                let Ok(server) = stream.local_addr() else { continue };
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a stream keeps waiting for more to send");
                }
                let turn = turn.clone();
                let tracker = turn.tasks();
                tracker.spawn(async move { turn.accept(stream, client, server).await });
            }
            Err(error) => {
                tracing::warn!(%error, "TURN cannot accept a connection");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_streams_and_all_together_have() {
        let doors = Doors::new(2, 3);
        let (a, b) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let first = doors.admit(a).unwrap();
        let _second = doors.admit(a).unwrap();
        assert!(doors.admit(a).is_none());
        let _third = doors.admit(b).unwrap();
        assert!(doors.admit(b).is_none());
        drop(first);
        assert!(doors.admit(b).is_some());
    }
}
