//! The few lines of SDP that a session must remember for later ICE fragments. Pure.

/// The ICE user name of an offer: the first one, because all media share one transport.
pub(crate) fn ufrag(sdp: &str) -> Option<&str> {
    lines(sdp).find_map(|line| line.strip_prefix("a=ice-ufrag:")).map(str::trim)
}

/// What a fragment repeats of the answer (RFC 9725 §4.3.3): ice-lite, ice-options, ice-pacing, the
/// bundle group, and the m-line and mid that tag the bundle (RFC 8840 §4.4).
pub(crate) fn fragment_head(answer: &str) -> String {
    let mut head = String::new();
    for name in ["a=ice-lite", "a=ice-options:", "a=ice-pacing:", "a=group:BUNDLE"] {
        if let Some(line) = lines(answer).find(|line| line.starts_with(name)) {
            head.push_str(line);
            head.push_str("\r\n");
        }
    }
    if let Some(media) = lines(answer).find(|line| line.starts_with("m=")) {
        let mut words = media.split(' ');
        let kind = words.next().unwrap_or("m=audio");
        let rest: Vec<&str> = words.skip(1).collect();
        head.push_str(&format!("{kind} 9 {}\r\n", rest.join(" ")));
    }
    if let Some(mid) = lines(answer).find(|line| line.starts_with("a=mid:")) {
        head.push_str(mid);
        head.push_str("\r\n");
    }
    head
}

fn lines(sdp: &str) -> impl Iterator<Item = &str> {
    sdp.lines().map(|line| line.trim_end_matches('\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_ufrag_counts() {
        let offer = "v=0\r\nm=audio 9 X 0\r\na=ice-ufrag:first\r\nm=video 9 X 0\r\na=ice-ufrag:second\r\n";
        assert_eq!(ufrag(offer), Some("first"));
        assert_eq!(ufrag("v=0\n"), None);
    }

    #[test]
    fn w25_a_fragment_repeats_what_the_answer_said() {
        let answer = "v=0\r\na=group:BUNDLE 0 1\r\na=ice-lite\r\nm=audio 5000 UDP/TLS/RTP/SAVPF 111\r\n\
                      a=ice-options:trickle\r\na=mid:0\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n";
        assert_eq!(
            fragment_head(answer),
            "a=ice-lite\r\na=ice-options:trickle\r\na=group:BUNDLE 0 1\r\n\
             m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n"
        );
    }
}
