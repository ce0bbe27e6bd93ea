//! The few bytes of STUN (RFC 8489) that the engine looks at before str0m does.

/// Attribute types of RFC 8489 §18.3 and RFC 8445 §16.1.
const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const PRIORITY: u16 = 0x0024;

const HEADER: usize = 20;
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];

/// The priority of a host candidate (RFC 8445 §5.1.2.1), which is what such encoders have.
const HOST_PRIORITY: [u8; 8] = [0x00, 0x24, 0x00, 0x04, 0x7e, 0xff, 0xff, 0xff];

/// Attributes as (type, offset, value) until the first that does not fit.
fn attributes(bytes: &[u8]) -> impl Iterator<Item = (u16, usize, &[u8])> {
    let mut at = HEADER;
    std::iter::from_fn(move || {
        let head = bytes.get(at..at + 4)?;
        let (kind, length) = (u16::from_be_bytes([head[0], head[1]]), u16::from_be_bytes([head[2], head[3]]));
        let value = bytes.get(at + 4..at + 4 + usize::from(length))?;
        let offset = at;
        at += 4 + usize::from(length).next_multiple_of(4);
        Some((kind, offset, value))
    })
}

/// The local user name of a request: the part of USERNAME before the colon (RFC 8445 §7.2.2).
pub fn local_ufrag(bytes: &[u8]) -> Option<&str> {
    let (_, _, username) = attributes(bytes).find(|(kind, ..)| *kind == USERNAME)?;
    str::from_utf8(username).ok()?.split_once(':').map(|(local, _remote)| local)
}

/// ffmpeg 8.0 sends binding requests without PRIORITY (B-FF5), which RFC 8445 §7.1.1 asks for and
/// str0m insists on. The same request with one, signed anew; `None` where nothing is missing or
/// the signature is wrong. `hmac` is HMAC-SHA1 of (key, parts).
pub fn with_priority(
    bytes: &[u8],
    pwd: &[u8],
    hmac: impl Fn(&[u8], &[&[u8]]) -> [u8; 20],
) -> Option<Vec<u8>> {
    if bytes.get(..2)? != BINDING_REQUEST || attributes(bytes).any(|(kind, ..)| kind == PRIORITY) {
        return None;
    }
    let (_, signed, integrity) = attributes(bytes).find(|(kind, ..)| *kind == MESSAGE_INTEGRITY)?;
    // RFC 8489 §14.5: the signature covers a length that ends with itself.
    let length = |attributes: usize| u16::try_from(attributes + 24).ok().map(u16::to_be_bytes);
    let expected = hmac(pwd, &[&bytes[..2], &length(signed - HEADER)?, &bytes[4..signed]]);
    if expected != integrity {
        return None;
    }
    let mut request = Vec::with_capacity(bytes.len() + HOST_PRIORITY.len());
    request.extend_from_slice(&bytes[..2]);
    request.extend_from_slice(&length(signed - HEADER + HOST_PRIORITY.len())?);
    request.extend_from_slice(&bytes[4..signed]);
    request.extend_from_slice(&HOST_PRIORITY);
    let signature = hmac(pwd, &[&request]);
    request.extend_from_slice(&MESSAGE_INTEGRITY.to_be_bytes());
    request.extend_from_slice(&20_u16.to_be_bytes());
    request.extend_from_slice(&signature);
    Some(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 20] {
        crate::dtls::provider().sha1_hmac_provider.sha1_hmac(key, parts)
    }

    /// A binding request as ffmpeg 8.0 writes it: USERNAME, USE-CANDIDATE, MESSAGE-INTEGRITY.
    fn request(pwd: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 1, 0, 40, 0x21, 0x12, 0xa4, 0x42];
        bytes.extend_from_slice(&[7; 12]);
        bytes.extend_from_slice(&[0, 6, 0, 7]);
        bytes.extend_from_slice(b"abc:xyz\0");
        bytes.extend_from_slice(&[0, 0x25, 0, 0]);
        let signature = hmac(pwd, &[&bytes]);
        bytes.extend_from_slice(&[0, 8, 0, 20]);
        bytes.extend_from_slice(&signature);
        bytes
    }

    #[test]
    fn a_request_names_its_local_user() {
        assert_eq!(local_ufrag(&request(b"secret")), Some("abc"));
        assert_eq!(local_ufrag(&[]), None);
        assert_eq!(local_ufrag(&[0xff; 64]), None);
    }

    #[test]
    fn a_request_without_priority_is_completed_and_still_signed() {
        let complete = with_priority(&request(b"secret"), b"secret", hmac).expect("PRIORITY was missing");
        let message = str0m::ice::StunMessage::parse(&complete).expect("str0m takes it now");
        assert!(message.verify(b"secret", hmac));
        assert!(message.use_candidate());
        assert_eq!(with_priority(&complete, b"secret", hmac), None, "nothing is missing any more");
    }

    #[test]
    fn a_request_with_a_wrong_signature_is_not_completed() {
        assert_eq!(with_priority(&request(b"other"), b"secret", hmac), None);
        assert_eq!(with_priority(&request(b"secret")[..40], b"secret", hmac), None);
    }
}
