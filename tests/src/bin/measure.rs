//! `sluice-measure`: glass to glass beside a direct connection, and join times, as one JSON file.
//!
//! Takes minutes and wants an otherwise idle machine, so it is no test. Arguments are passed on to
//! `browser/measure/glass-to-glass.ts`: the output file, then `--runs N --seconds S --joins N`.

use std::path::Path;

use anyhow::Context;
use sluice_e2e::suite;

fn main() -> anyhow::Result<()> {
    let own = std::env::current_exe().context("cannot find this program's own path")?;
    let proxy = own.with_file_name("sluice-udp-proxy");
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(output) = arguments.first_mut() {
        // The script runs in its own folder.
        *output = std::path::absolute(Path::new(output))?.to_string_lossy().into_owned();
    }
    suite::measure(&arguments, &proxy.to_string_lossy())
}
