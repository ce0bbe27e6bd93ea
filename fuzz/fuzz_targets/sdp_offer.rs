//! Offers of strangers: what is accepted is written in a form that is accepted again, unchanged.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_sfu_engine::sdp::{self, Flow, Offer};

fuzz_target!(|text: &str| {
    for flow in [Flow::Publish, Flow::Watch, Flow::Chat] {
        let Ok(offer) = Offer::parse(text, flow) else { continue };
        let again = Offer::parse(&offer.text, flow).expect("what was written can be read");
        assert_eq!(again.text, offer.text);
        assert_eq!(again.sections.len(), offer.sections.len());
        for (section, same) in offer.sections.iter().zip(&again.sections) {
            assert_eq!(section.mid, same.mid);
            assert_eq!(section.rids, same.rids);
            assert_eq!(section.payload_types, same.payload_types);
        }
        let candidates = ["1 1 udp 2130706431 192.0.2.1 5000 typ host".to_owned(), text.to_owned()];
        let restarted = offer.with_ice("fresh", "a-password-of-enough-length", &candidates);
        let restarted = Offer::parse(&restarted, flow).expect("only credentials and candidates changed");
        assert_eq!(restarted.ufrag, "fresh");
    }
    sdp::usable_candidate(text);
    sdp::finish_answer(text, &[]);
});
