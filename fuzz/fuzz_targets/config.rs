//! The configuration file: any text is either a configuration or a list of what is wrong with it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_server::config::{load, parse};

fuzz_target!(|text: &str| {
    match parse(text) {
        Ok(_) => {
            let loaded = load(Some(("sluice.toml".as_ref(), text)), &[]).expect("it was read before");
            let written = loaded.to_toml_with_secrets().expect("a configuration can be written");
            parse(&written).expect("what was written can be read");
        }
        Err(error) => assert!(!error.0.is_empty() && !error.to_string().is_empty()),
    }
});
