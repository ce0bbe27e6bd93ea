//! Six hours in simulated time.

use super::*;
use crate::window::Window;

/// A long run with what was measured of it.
struct Long {
    run: Run,
    window: Window,
    /// Samples placed so far, of picture and sound.
    placed: [i64; 2],
    /// Largest distance from the truth, in microseconds.
    worst: i64,
    bytes_held: usize,
    samples_held: usize,
}

impl Long {
    fn until(&mut self, hours: i64) {
        let mut outputs = Vec::new();
        while self.run.publisher.now < START + hours * 3_600 * 1_000_000 {
            let (packets, now) = self.run.publisher.next();
            self.run.session.handle_tapped(Tapped::Packets(packets), now, &mut outputs);
            for output in outputs.drain(..) {
                match output {
                    Output::Want(layer) => self.run.publisher.want(layer),
                    Output::Entry(entry, bytes) => {
                        self.look(&entry);
                        self.window.apply(&entry, &bytes);
                    }
                }
            }
            self.bytes_held = self.bytes_held.max(self.window.bytes_held());
            self.samples_held = self.samples_held.max(self.run.session.samples_held());
        }
    }

    /// The n-th frame was captured after n steps: its place must say the same.
    fn look(&mut self, entry: &Entry) {
        let Entry::Part(part) = entry else { return };
        let stream = usize::from(part.rendition == Rendition::Audio);
        let truth = self.placed[stream] * self.run.publisher.streams[stream].step;
        let placed = crate::entry::micros(part.rendition, part.start as i64);
        self.worst = self.worst.max((placed - truth).abs());
        self.placed[stream] += i64::from(part.samples);
    }
}

fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4_096
}

// Requirements: R152
#[test]
fn six_hours_with_clocks_100_ppm_apart_stay_within_40_ms_in_flat_memory() {
    let mut publisher = Publisher::new(&[(640, 368)], true);
    publisher.streams[0].ppm = -50;
    publisher.streams[0].bytes = 200;
    publisher.streams[1].ppm = 50;
    let mut long = Long {
        run: Run::new(publisher),
        window: Window::new(begun(true), Duration::from_secs(120), true),
        placed: [0; 2],
        worst: 0,
        bytes_held: 0,
        samples_held: 0,
    };
    long.until(1);
    let (bytes, samples, resident_before) = (long.bytes_held, long.samples_held, resident());
    long.until(6);
    let grown = resident().saturating_sub(resident_before);
    assert_eq!(long.placed.map(|count| count / 1_000), [648, 1_079], "frames of six hours, in thousands");
    // Each is at most 20 ms from the truth, so they are at most 40 ms apart.
    assert!(long.worst <= 20_000, "{} µs", long.worst);
    assert!(long.bytes_held <= bytes * 11 / 10, "{bytes} bytes in the first hour, then {}", long.bytes_held);
    assert!(long.samples_held <= samples + 8, "{samples} in the first hour, then {}", long.samples_held);
    assert!(grown < 8 << 20, "{grown} bytes more after six hours than after one");
}
