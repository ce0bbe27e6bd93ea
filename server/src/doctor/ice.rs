//! Checks of the media port: plain STUN with the credentials of a session, over UDP and over TCP (RFC 4571).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use sluice_doctor::{Failure, Outcome, PathFacts, Quality, Sizes, Transport};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UdpSocket;
use tokio::time::{timeout, timeout_at};

use super::probe::{PATIENCE, RETRIES, RETRY, fails, failure, millis_since, transaction};
use super::stream::{connect, within};
use super::stun::{self, Credentials};

/// Sizes of datagrams that are tried, in bytes. Media needs up to 1,200; MTUs below 576 do not exist.
const SIZES: [usize; 4] = [500, 800, 1000, 1200];

/// How often each size is tried: a few losses say nothing.
const TRIES: usize = 8;

/// Checks for loss, delay and jitter, and the pause between two of them.
const CHECKS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(30);

/// How long the last answers are waited for.
const LATE: Duration = Duration::from_millis(1500);

/// Longest answer that is read.
const LONGEST: usize = 2048;

/// A socket that asks one address.
pub(super) struct Udp {
    socket: UdpSocket,
    target: SocketAddr,
    credentials: Credentials,
}

impl Udp {
    /// Of any port.
    pub(super) async fn open(target: SocketAddr, credentials: Credentials) -> Result<Self, Failure> {
        let local: IpAddr =
            if target.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = UdpSocket::bind((local, 0)).await.map_err(|error| failure(&error))?;
        Ok(Self { socket, target, credentials })
    }

    /// Whom it asks.
    pub(super) fn target(&self) -> SocketAddr {
        self.target
    }

    /// One check, sent again where its answer does not come. Tells the round trip and our address as the node
    /// saw it.
    async fn check(&self, length: usize) -> Result<(f64, SocketAddr), Failure> {
        let request = transaction();
        let bytes = stun::check(&self.credentials, request, length);
        let begun = Instant::now();
        let mut sent = begun;
        for wait in RETRIES {
            sent = Instant::now();
            self.socket.send_to(&bytes, self.target).await.map_err(|error| failure(&error))?;
            if let Ok(answer) = timeout(wait, self.answer(request)).await {
                return answer.map(|mapped| (millis_since(sent), mapped));
            }
        }
        let rest = PATIENCE.saturating_sub(begun.elapsed());
        match timeout(rest, self.answer(request)).await {
            Ok(answer) => answer.map(|mapped| (millis_since(sent), mapped)),
            Err(_elapsed) => Err(Failure::NoAnswer),
        }
    }

    async fn answer(&self, wanted: [u8; 12]) -> Result<SocketAddr, Failure> {
        loop {
            let (found, mapped) = self.next().await?;
            if found == wanted {
                return Ok(mapped);
            }
        }
    }

    /// The next answer that is one.
    async fn next(&self) -> Result<([u8; 12], SocketAddr), Failure> {
        let mut bytes = [0; LONGEST];
        loop {
            match self.socket.recv_from(&mut bytes).await {
                Ok((length, from)) if from == self.target => {
                    if let Some(answer) = stun::checked(&bytes[..length], &self.credentials) {
                        return Ok(answer);
                    }
                }
                Ok(_) => {}
                Err(error) => return Err(failure(&error)),
            }
        }
    }

    /// Loss, round trip and jitter of many checks.
    pub(super) async fn quality(&self) -> Quality {
        let mut sent: HashMap<[u8; 12], (u32, Instant)> = HashMap::new();
        let mut trips: Vec<(u32, f64)> = Vec::new();
        let mut take = |sent: &HashMap<[u8; 12], (u32, Instant)>, id: [u8; 12]| {
            let Some((number, at)) = sent.get(&id) else { return };
            if trips.iter().all(|(known, _)| known != number) {
                trips.push((*number, millis_since(*at)));
            }
        };
        for number in 0..CHECKS {
            let request = transaction();
            sent.insert(request, (number, Instant::now()));
            // A full buffer of ours is a loss like any other.
            let _lost = self.socket.send_to(&stun::check(&self.credentials, request, 0), self.target).await;
            let until = tokio::time::Instant::now() + PAUSE;
            while let Ok(Ok((id, _))) = timeout_at(until, self.next()).await {
                take(&sent, id);
            }
            tokio::time::sleep_until(until).await;
        }
        let until = tokio::time::Instant::now() + LATE;
        while let Ok(Ok((id, _))) = timeout_at(until, self.next()).await {
            take(&sent, id);
        }
        trips.sort_by_key(|(number, _)| *number);
        let trips: Vec<f64> = trips.into_iter().map(|(_, trip)| trip).collect();
        Quality {
            sent: CHECKS,
            received: u32::try_from(trips.len()).unwrap_or(CHECKS),
            round_trip_ms: median(&trips),
            jitter_ms: mean_step(&trips),
        }
    }

    /// How large datagrams to the node may be.
    pub(super) async fn sizes(&self) -> Sizes {
        let mut sizes = Sizes::default();
        for size in SIZES {
            let mut passed = false;
            for _ in 0..TRIES {
                let request = transaction();
                let bytes = stun::check(&self.credentials, request, size);
                // Longer than the MTU of this machine itself: the same as lost.
                let sent = self.socket.send_to(&bytes, self.target).await.is_ok();
                let answered = timeout(RETRY, self.answer(request)).await;
                passed = sent && matches!(answered, Ok(Ok(_)));
                if passed {
                    break;
                }
            }
            let size = u32::try_from(size).ok();
            if !passed {
                sizes.smallest_lost = size;
                break;
            }
            sizes.largest_answered = size;
        }
        sizes
    }

    /// Where another server sees this very socket, by a plain request that it answers to everybody.
    pub(super) async fn mapped_by(&self, server: SocketAddr) -> Option<SocketAddr> {
        let request = transaction();
        let bytes = stun::binding(request);
        for wait in RETRIES {
            self.socket.send_to(&bytes, server).await.ok()?;
            let answered = timeout(wait, async {
                let mut bytes = [0; LONGEST];
                loop {
                    let (length, from) = self.socket.recv_from(&mut bytes).await.ok()?;
                    if let (true, Some(stun::Said::Done { mapped, .. })) =
                        (from == server, stun::said(&bytes[..length], request))
                    {
                        return mapped;
                    }
                }
            });
            if let Ok(mapped) = answered.await {
                return mapped;
            }
        }
        None
    }
}

/// Whether media gets through over UDP to one address. The socket comes back for what else is to be measured.
pub(super) async fn udp(target: SocketAddr, credentials: &Credentials) -> (PathFacts, Option<Udp>) {
    let checked = async {
        let socket = Udp::open(target, credentials.clone()).await?;
        let (round_trip, mapped) = socket.check(0).await?;
        Ok::<_, Failure>((socket, round_trip, mapped))
    };
    match checked.await {
        Ok((socket, round_trip, mapped)) => (works(Transport::Udp, target, round_trip, mapped), Some(socket)),
        Err(failure) => (fails(Transport::Udp, target.to_string(), failure), None),
    }
}

/// Whether media gets through over TCP to one address.
pub(super) async fn tcp(target: SocketAddr, credentials: &Credentials) -> PathFacts {
    match check_tcp(target, credentials).await {
        Ok((round_trip, mapped)) => works(Transport::Tcp, target, round_trip, mapped),
        Err(failure) => fails(Transport::Tcp, target.to_string(), failure),
    }
}

async fn check_tcp(target: SocketAddr, credentials: &Credentials) -> Result<(f64, SocketAddr), Failure> {
    let mut stream = connect(target).await?;
    let request = transaction();
    let bytes = stun::check(credentials, request, 0);
    let mut framed = u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes().to_vec();
    framed.extend_from_slice(&bytes);
    let sent = Instant::now();
    within(stream.write_all(&framed)).await?;
    let answered = within(async {
        loop {
            let mut bytes = vec![0; usize::from(stream.read_u16().await?)];
            stream.read_exact(&mut bytes).await?;
            if let Some((id, mapped)) = stun::checked(&bytes, credentials)
                && id == request
            {
                return Ok(mapped);
            }
        }
    });
    let mapped = answered.await?;
    Ok((millis_since(sent), mapped))
}

fn works(transport: Transport, target: SocketAddr, round_trip: f64, mapped: SocketAddr) -> PathFacts {
    PathFacts {
        transport,
        target: Some(target.to_string()),
        outcome: Outcome::Works,
        failure: None,
        round_trip_ms: Some(round_trip),
        mapped: Some(mapped),
    }
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

/// Mean difference of one value to the next.
fn mean_step(values: &[f64]) -> Option<f64> {
    let steps: Vec<f64> = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    (!steps.is_empty()).then(|| steps.iter().sum::<f64>() / steps.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_and_the_mean_step_are_those_of_the_trips() {
        let trips = [20.0, 24.0, 18.0, 90.0, 20.0];
        assert_eq!(median(&trips), Some(20.0));
        assert_eq!(mean_step(&trips), Some((4.0 + 6.0 + 72.0 + 70.0) / 4.0));
        assert_eq!((median(&[]), mean_step(&[1.0])), (None, None));
    }
}
