//! What is accepted as a token, and above all what is not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

const NOW: i64 = 1_700_000_000_000;

fn ring() -> KeyRing {
    KeyRing::new(SigningKey::generate("one".to_owned()).0, [])
}

fn access() -> AccessClaims {
    AccessClaims {
        sub: AccountId(Uuid::from_u128(1)),
        email: "ann@example.org".to_owned(),
        groups: vec![Role::Creator],
        role: Role::Creator,
        organization: OrgId(Uuid::from_u128(2)),
        max_concurrent_streams: 3,
        iat: NOW / 1000,
        exp: NOW / 1000 + 600,
        token_use: TokenUse::Access,
        aud: Audience::Access,
        sid: SignInId(Uuid::from_u128(3)),
        epoch: 0,
    }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

// Requirements: R24
#[test]
fn a_token_says_what_was_signed() {
    let ring = ring();
    let token = ring.sign(&access());
    assert_eq!(ring.verify::<AccessClaims>(token.expose(), NOW), Ok(access()));
    let payload = token.expose().split('.').nth(1).unwrap();
    let payload: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    assert_eq!(payload["token_use"], "access");
    assert_eq!(payload["max_concurrent_streams"], 3);
    assert_eq!(payload["groups"], json!(["creator"]));
}

#[test]
fn a_token_ends_and_clocks_may_differ_a_little() {
    let ring = ring();
    let token = ring.sign(&access());
    let at = |seconds: i64| ring.verify::<AccessClaims>(token.expose(), NOW + seconds * 1000);
    assert!(at(629).is_ok());
    assert_eq!(at(630), Err(TokenError::Expired));
    assert!(at(-30).is_ok());
    assert_eq!(at(-31), Err(TokenError::TooEarly));
}

#[test]
fn a_token_of_one_kind_is_not_taken_for_another() {
    let ring = ring();
    let playback = PlaybackClaims {
        sub: "viewer".to_owned(),
        stream: StreamId(Uuid::from_u128(4)),
        iat: NOW / 1000,
        exp: NOW / 1000 + 60,
        ip: None,
        aud: Audience::Playback,
    };
    let token = ring.sign(&playback);
    assert_eq!(ring.verify(token.expose(), NOW), Ok(playback));
    assert_eq!(ring.verify::<AccessClaims>(token.expose(), NOW), Err(TokenError::Forged));
    let token = ring.sign(&access());
    assert_eq!(ring.verify::<PlaybackClaims>(token.expose(), NOW), Err(TokenError::Forged));
    assert_eq!(ring.verify::<DeviceClaims>(token.expose(), NOW), Err(TokenError::Forged));
}

#[test]
fn the_algorithm_is_ours_to_choose() {
    let ring = ring();
    let claims = serde_json::to_value(access()).unwrap();
    let unsigned = format!("{}.{}.", part(&json!({"alg": "none", "kid": "one"})), part(&claims));
    assert_eq!(ring.verify::<AccessClaims>(&unsigned, NOW), Err(TokenError::Forged));

    // HS256 with the public key as its secret, which is no secret.
    let secret = URL_SAFE_NO_PAD.decode(ring.signing().public()).unwrap();
    let header = Header { kid: Some("one".to_owned()), ..Header::new(Algorithm::HS256) };
    let confused =
        jsonwebtoken::encode(&header, &claims, &jsonwebtoken::EncodingKey::from_secret(&secret)).unwrap();
    assert_eq!(ring.verify::<AccessClaims>(&confused, NOW), Err(TokenError::Forged));

    // The signature of an EdDSA token under a header that says HS256.
    let token = ring.sign(&access());
    let rest = token.expose().split_once('.').unwrap().1;
    let renamed = format!("{}.{rest}", part(&json!({"alg": "HS256", "kid": "one"})));
    assert_eq!(ring.verify::<AccessClaims>(&renamed, NOW), Err(TokenError::Forged));
}

#[test]
fn a_changed_or_foreign_token_is_refused() {
    let ring = ring();
    let token = ring.sign(&access());
    let parts: Vec<&str> = token.expose().split('.').collect();
    let mut claims = serde_json::to_value(access()).unwrap();
    claims["role"] = json!("admin");
    let raised = format!("{}.{}.{}", parts[0], part(&claims), parts[2]);
    assert_eq!(ring.verify::<AccessClaims>(&raised, NOW), Err(TokenError::Forged));

    let other = KeyRing::new(SigningKey::generate("one".to_owned()).0, []);
    assert_eq!(other.verify::<AccessClaims>(token.expose(), NOW), Err(TokenError::Forged));
    let unknown = KeyRing::new(SigningKey::generate("two".to_owned()).0, []);
    assert_eq!(unknown.verify::<AccessClaims>(token.expose(), NOW), Err(TokenError::UnknownKey));
    for garbage in ["", ".", "..", "a.b.c", "ä.ö.ü", &"x".repeat(100_000)] {
        assert!(ring.verify::<AccessClaims>(garbage, NOW).is_err());
    }
}

#[test]
fn a_token_of_the_key_before_is_valid_until_that_key_is_gone() {
    let (old, seed) = SigningKey::generate("one".to_owned());
    let token = KeyRing::new(old, []).sign(&access());
    let old = SigningKey::from_seed("one".to_owned(), seed.expose()).unwrap();
    let (new, _) = SigningKey::generate("two".to_owned());
    let both = KeyRing::new(new, [old]);
    assert!(both.verify::<AccessClaims>(token.expose(), NOW).is_ok());
    let header = jsonwebtoken::decode_header(both.sign(&access()).expose()).unwrap();
    assert_eq!(header.kid.as_deref(), Some("two"), "the old key still signs");
}

#[test]
fn what_is_published_has_no_private_part() {
    let (key, seed) = SigningKey::generate("one".to_owned());
    let jwks = KeyRing::new(key, []).jwks();
    let key = &jwks["keys"][0];
    assert_eq!((&key["kty"], &key["crv"], &key["kid"]), (&json!("OKP"), &json!("Ed25519"), &json!("one")));
    assert_eq!(URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap().len(), 32);
    assert!(key.get("d").is_none());
    assert!(!jwks.to_string().contains(&URL_SAFE_NO_PAD.encode(seed.expose())));
}
