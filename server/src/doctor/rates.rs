//! How much goes through, down and up, over HTTP.

use std::time::{Duration, Instant};

use sluice_doctor::{DoctorLimits, Rates, Uploaded};

use super::web::{Web, read};

/// What is moved first, to see how fast the line is.
const FIRST: u32 = 200_000;

/// How long the measurement itself is to take. Shorter measures the beginning of TCP, longer costs traffic.
const WANTED: Duration = Duration::from_secs(2);

/// Nothing takes longer than this.
const LONGEST: Duration = Duration::from_secs(15);

/// Both rates, as far as they could be measured.
pub(super) async fn rates(web: &Web, limits: &DoctorLimits) -> Option<Rates> {
    let down = down(web, limits).await;
    let up = up(web, limits).await;
    (down.is_some() || up.is_some()).then_some(Rates { down_bps: down, up_bps: up })
}

async fn down(web: &Web, limits: &DoctorLimits) -> Option<f64> {
    let first = fetch(web, FIRST.min(limits.download_bytes)).await?;
    // A slow line has been measured by then.
    if first.span >= WANTED {
        return Some(first.bps());
    }
    let more = fetch(web, size(&first, limits.download_bytes)).await;
    Some(more.unwrap_or(first).bps())
}

async fn up(web: &Web, limits: &DoctorLimits) -> Option<f64> {
    let first = push(web, FIRST.min(limits.upload_bytes)).await?;
    if first.span >= WANTED {
        return Some(first.bps());
    }
    let more = push(web, size(&first, limits.upload_bytes)).await;
    Some(more.unwrap_or(first).bps())
}

/// Bytes and the time they took.
#[derive(Debug, Clone, Copy)]
struct Moved {
    bytes: u64,
    span: Duration,
}

impl Moved {
    fn bps(&self) -> f64 {
        // Faster than the clock can tell is fast enough.
        self.bytes as f64 * 8.0 / self.span.as_secs_f64().max(0.000_1)
    }
}

/// How much to move so that it takes as long as is wanted.
fn size(first: &Moved, most: u32) -> u32 {
    let bytes = first.bps() / 8.0 * WANTED.as_secs_f64();
    // Casting saturates; a rate is never negative.
    (bytes as u32).clamp(FIRST.min(most), most)
}

/// A download, timed from its first bytes on.
async fn fetch(web: &Web, bytes: u32) -> Option<Moved> {
    let request = web.client.get(web.url(&format!("/doctor/download?bytes={bytes}"))).timeout(LONGEST);
    let mut answer = request.send().await.ok().filter(|answer| answer.status().is_success())?;
    let (mut moved, began) = (0_u64, Instant::now());
    while let Ok(Some(chunk)) = answer.chunk().await {
        moved += chunk.len() as u64;
    }
    (moved == u64::from(bytes)).then(|| Moved { bytes: moved, span: began.elapsed() })
}

/// An upload, timed by the server.
async fn push(web: &Web, bytes: u32) -> Option<Moved> {
    let body: Vec<u8> = (0..bytes.div_ceil(8)).flat_map(|_| rand::random::<u64>().to_ne_bytes()).collect();
    let request = web.client.post(web.url("/doctor/upload")).timeout(LONGEST);
    let answer = request.body(body).send().await.ok().filter(|answer| answer.status().is_success())?;
    let uploaded: Uploaded = serde_json::from_slice(&read(answer).await.ok()?).ok()?;
    let span = Duration::try_from_secs_f64(uploaded.millis / 1000.0).ok()?;
    Some(Moved { bytes: u64::from(uploaded.bytes), span })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_line_is_measured_with_more_than_a_slow_one() {
        let moved = |millis| Moved { bytes: u64::from(FIRST), span: Duration::from_millis(millis) };
        assert_eq!(size(&moved(1600), 25_000_000), 250_000);
        assert_eq!(size(&moved(160), 25_000_000), 2_500_000);
        assert_eq!(size(&moved(0), 25_000_000), 25_000_000);
        assert_eq!(size(&moved(0), 1000), 1000);
        assert!((moved(1600).bps() - 1e6).abs() < 1.0);
    }
}
