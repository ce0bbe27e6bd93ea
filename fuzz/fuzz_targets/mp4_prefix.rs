//! Parts as a killed process or a failing disk leaves them: where they are cut, and what is read of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_media::cmaf::{Sample, complete_prefix, fragments, part, samples};

fuzz_target!(|data: &[u8]| {
    let end = complete_prefix(data);
    assert!(end <= data.len());
    assert_eq!(complete_prefix(&data[..end]), end, "what was cut is whole");
    let read = samples(data);
    let mut rest = read.as_slice();
    let mut at = 0;
    for fragment in fragments(data) {
        assert_eq!(fragment.start, at);
        at += fragment.length;
        let (own, behind) = rest.split_at(fragment.samples as usize);
        rest = behind;
        assert!(
            own.iter().all(|sample| sample.start >= fragment.start && sample.start + sample.length <= at)
        );

        let written: Vec<Sample> = own
            .iter()
            .map(|sample| Sample {
                data: data[sample.start..sample.start + sample.length].to_vec().into(),
                duration: sample.duration,
                offset: sample.offset,
                key: sample.key,
            })
            .collect();
        let again = part(fragment.sequence, fragment.base_decode_time, &written);
        let found: Vec<_> = fragments(&again).collect();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].sequence, found[0].duration), (fragment.sequence, fragment.duration));
        assert_eq!((found[0].key, found[0].samples), (fragment.key, fragment.samples));
        for (one, other) in samples(&again).iter().zip(own) {
            assert_eq!((one.decode, one.duration, one.offset), (other.decode, other.duration, other.offset));
        }
    }
    assert_eq!(at, end);
    assert!(rest.is_empty());
});
