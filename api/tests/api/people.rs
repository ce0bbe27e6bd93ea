//! Set-up, signing up, in and out, and the own account.

use reqwest::Method;
use serde_json::json;
use sluice_store::testing::databases;

use crate::world::{PASSWORD, Who, World, worlds};

// Requirements: R32
#[tokio::test]
async fn of_many_who_set_a_server_up_at_once_one_wins() {
    for database in databases().await {
        let world = World::bare(database).await;
        assert_eq!(world.get(Who::Nobody, "/setup").await.json()["needed"], true);
        assert_eq!(world.get(Who::Nobody, "/server").await.json()["setup_needed"], true);
        let submit = |number: u32| {
            let body = json!({
                "name": "Garden TV", "email": format!("admin{number}@example.org"), "password": PASSWORD,
                "display_name": "Ann", "handle": format!("ann-{number}"), "signup_mode": "open",
            });
            world.post(Who::Nobody, "/setup", body)
        };
        let (one, two, three) = tokio::join!(submit(1), submit(2), submit(3));
        let mut told = [one.status.as_u16(), two.status.as_u16(), three.status.as_u16()];
        told.sort_unstable();
        assert_eq!(told, [201, 409, 409], "{} {} {}", one.text, two.text, three.text);
        let late = submit(4).await;
        assert_eq!((late.status.as_u16(), late.code().as_str()), (409, "setup_done"));
        assert_eq!(world.get(Who::Nobody, "/setup").await.json()["needed"], false);
    }
}

#[tokio::test]
async fn before_set_up_every_route_that_needs_an_organisation_says_so() {
    for database in databases().await {
        let world = World::bare(database).await;
        for path in ["/streams", "/streams/live", "/streams/featured", "/streams/categories", "/legal/terms"]
        {
            let answer = world.get(Who::Nobody, path).await;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (409, "setup_required"), "{path}");
        }
        let email = "ann@example.org";
        let sign_up = json!({ "email": email, "password": PASSWORD, "handle": "ann", "display_name": "Ann" });
        let sign_in = json!({ "email": email, "password": PASSWORD });
        for (path, body) in [
            ("/auth/sign-up", sign_up),
            ("/auth/sign-in", sign_in),
            ("/auth/forgot-password", json!({ "email": email })),
        ] {
            let answer = world.post(Who::Nobody, path, body).await;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (409, "setup_required"), "{path}");
        }
    }
}

// Requirements: R16
#[tokio::test]
async fn staff_without_the_second_factor_that_is_asked_for_reaches_its_set_up_and_nothing_else() {
    for world in worlds().await {
        let required = json!({ "staff_mfa_required": true });
        assert_eq!(world.patch(Who::Admin, "/admin/settings", "*", required).await.status, 200);
        let me = world.get(Who::Moderator, "/me").await;
        assert_eq!(me.status, 200, "{}", me.text);
        assert_eq!(me.json()["mfa"]["required"], true, "{}", me.text);
        let begun = world.send(Who::Moderator, Method::POST, "/me/totp", None).await;
        assert_eq!(begun.status, 200, "{}", begun.text);
        let wrong = world.post(Who::Moderator, "/me/totp/confirm", json!({ "code": "000000" })).await;
        assert_eq!(wrong.code(), "mfa_wrong", "{}", wrong.text);
        for (who, method, path) in [
            (Who::Moderator, Method::GET, "/admin/accounts"),
            (Who::Moderator, Method::GET, "/me/sessions"),
            (Who::Moderator, Method::GET, "/streams"),
            (Who::Moderator, Method::PATCH, "/me"),
            (Who::Admin, Method::GET, "/admin/settings"),
            (Who::NarrowKey, Method::GET, "/me"),
        ] {
            let refused = world.send(who, method, path, None).await;
            let expected = if who == Who::NarrowKey { "permission_denied" } else { "mfa_required" };
            assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, expected), "{path}");
        }
        assert_eq!(world.get(Who::Creator, "/streams").await.status, 200, "others are not asked");
    }
}

// Requirements: R1, R12
#[tokio::test]
async fn who_signs_up_is_signed_in_and_is_a_viewer() {
    for world in worlds().await {
        let body = json!({
            "email": "new@example.org", "password": PASSWORD, "handle": "newcomer", "display_name": "New",
        });
        let answer = world.post(Who::Nobody, "/auth/sign-up", body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let account = answer.json()["account"].clone();
        assert_eq!((&account["role"], &account["has_channel"]), (&json!("viewer"), &json!(false)));
        let cookie = answer.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        assert!(cookie.starts_with("sluice_refresh=") && cookie.contains("Path=/api/v1/auth"), "{cookie}");
    }
}

// Requirements: R14
#[tokio::test]
async fn who_signs_in_with_an_expired_password_gets_what_sets_a_new_one() {
    for world in worlds().await {
        let (old, new) = ("Expired-Horse-7-Battery", "Renewed-Horse-7-Battery");
        let cli = sluice_accounts::Actor::CLI;
        world.accounts.set_password(&cli, world.org, world.id(Who::Viewer), old, true).await.unwrap();
        let sign_in = |password: &str| {
            let body = json!({ "email": "viewer@example.org", "password": password });
            world.post(Who::Nobody, "/auth/sign-in", body)
        };
        let wrong = sign_in("Wrong-Horse-7-Battery").await;
        assert_eq!((wrong.status.as_u16(), wrong.code().as_str()), (401, "invalid_credentials"));
        assert!(wrong.json()["reset_token"].is_null(), "{}", wrong.text);
        let expired = sign_in(old).await;
        assert_eq!((expired.status.as_u16(), expired.code().as_str()), (403, "password_expired"));
        assert!(!expired.headers.contains_key("set-cookie"));
        assert_eq!(expired.headers["cache-control"], "no-store");
        let token = expired.json()["reset_token"].as_str().unwrap().to_owned();
        let reset = json!({ "token": token, "password": new });
        assert_eq!(world.post(Who::Nobody, "/auth/reset-password", reset.clone()).await.status, 204);
        assert_eq!(sign_in(new).await.status, 200);
        assert_eq!(world.post(Who::Nobody, "/auth/reset-password", reset).await.code(), "token_used");
    }
}

// Requirements: R14, R15
#[tokio::test]
async fn a_weak_password_is_refused_with_what_it_lacks() {
    for world in worlds().await {
        let body = json!({
            "email": "weak@example.org", "password": "short", "handle": "weakling", "display_name": "Weak",
        });
        let answer = world.post(Who::Nobody, "/auth/sign-up", body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "invalid_input"));
        assert_eq!(answer.json()["errors"][0]["field"], "password", "{}", answer.text);
    }
}

// Requirements: R4, R5
#[tokio::test]
async fn a_refresh_token_that_is_used_twice_ends_the_sign_in() {
    for world in worlds().await {
        let body = json!({ "email": "viewer@example.org", "password": PASSWORD });
        let first = world.post(Who::Nobody, "/auth/sign-in", body).await;
        let cookie = cookie_of(&first.headers);
        let refresh = |cookie: String| {
            world.answer(world.request(Who::Nobody, Method::POST, "/auth/refresh").header("cookie", cookie))
        };
        let second = refresh(cookie.clone()).await;
        assert_eq!(second.status, 200, "{}", second.text);
        let next = cookie_of(&second.headers);
        assert_ne!(cookie, next);
        let third = refresh(next.clone()).await;
        assert_eq!(third.status, 200, "{}", third.text);
        let newest = cookie_of(&third.headers);
        // Within its grace a token that was used gives another access token and no other cookie.
        assert!(refresh(next).await.headers.get("set-cookie").is_none());
        let out = world
            .answer(
                world.request(Who::Nobody, Method::POST, "/auth/sign-out").header("cookie", newest.clone()),
            )
            .await;
        assert_eq!(out.status, 204);
        let ended = refresh(newest).await;
        assert_eq!((ended.status.as_u16(), ended.code().as_str()), (401, "session_ended"));
    }
}

fn cookie_of(headers: &reqwest::header::HeaderMap) -> String {
    let all = headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let refresh = all.into_iter().find(|cookie| cookie.starts_with("sluice_refresh=")).unwrap();
    refresh.split(';').next().unwrap().to_owned()
}

// Requirements: R4
#[tokio::test]
async fn a_page_of_another_site_can_neither_refresh_nor_sign_out() {
    for world in worlds().await {
        for path in ["/auth/refresh", "/auth/sign-out", "/auth/sign-in"] {
            let request =
                world.request(Who::Nobody, Method::POST, path).header("origin", "https://evil.example");
            let answer = world.answer(request.json(&json!({}))).await;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "cross_site"), "{path}");
        }
    }
}

// Requirements: R5
#[tokio::test]
async fn forged_and_foreign_tokens_are_refused_in_clear_words() {
    for world in worlds().await {
        let tokens = [
            "",
            "x",
            "sl_0000000000000000000000000000",
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln",
            "sk_0000000000000000000000000000",
        ];
        for token in tokens {
            for path in ["/me", "/streams"] {
                let request = world.request(Who::Nobody, Method::GET, path).bearer_auth(token);
                let answer = world.answer(request).await;
                assert_eq!(
                    (answer.status.as_u16(), answer.code().as_str()),
                    (401, "token_invalid"),
                    "{token}"
                );
                assert_eq!(answer.headers["www-authenticate"], "Bearer");
            }
        }
    }
}

// Requirements: R31, R29, R54
#[tokio::test]
async fn somebody_sees_changes_and_exports_what_is_theirs() {
    for world in worlds().await {
        let me = world.get(Who::Viewer, "/me").await;
        let change = json!({
            "display_name": "Vera", "bio": "a\nb", "region": "AT", "locale": "de-AT",
            "links": [{ "title": "Home", "url": "https://example.org/" }],
            "preferences": { "theme": "light" }, "privacy": { "save_history": false },
        });
        let changed = world.patch(Who::Viewer, "/me", &me.etag(), change).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let changed = changed.json();
        assert_eq!(changed["display_name"], "Vera");
        assert_eq!(changed["preferences"]["theme"], "light");
        assert_eq!(changed["preferences"]["autoplay"], true);
        assert_eq!(changed["privacy"]["save_history"], false);
        let export = world.get(Who::Viewer, "/me/export").await;
        assert!(export.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        assert_eq!(export.json()["account"]["bio"], "a\nb", "{}", export.text);
    }
}

// Requirements: R241, R380
#[tokio::test]
async fn an_api_key_is_shown_once_and_ends_at_once() {
    for world in worlds().await {
        let body = json!({ "name": "robot", "scopes": ["read:profile"] });
        let made = world.post(Who::Viewer, "/me/api-keys", body).await.json();
        let (key, id) = (made["key"].as_str().unwrap(), made["api_key"]["id"].as_str().unwrap());
        assert!(!world.get(Who::Viewer, "/me/api-keys").await.text.contains(key));
        let by_key = |method, path| world.answer(world.request(Who::Nobody, method, path).bearer_auth(key));
        assert_eq!(by_key(Method::GET, "/me").await.status, 200);
        assert_eq!(by_key(Method::GET, "/me/sessions").await.status, 403);
        let ended = world.send(Who::Viewer, Method::DELETE, &format!("/me/api-keys/{id}"), None).await;
        assert_eq!(ended.status, 204);
        assert_eq!(by_key(Method::GET, "/me").await.status, 401);
    }
}

// Requirements: R28
#[tokio::test]
async fn new_terms_are_asked_for_until_they_are_accepted() {
    for world in worlds().await {
        assert_eq!(world.get(Who::Nobody, "/legal/terms").await.status, 404);
        let terms = json!({ "terms": { "version": "1", "title": "Terms", "body": "Be kind." } });
        let settings = world.patch(Who::Admin, "/admin/settings", "*", terms).await;
        assert_eq!(settings.status, 200, "{}", settings.text);
        let document = world.get(Who::Nobody, "/legal/terms").await.json();
        assert_eq!(document["body"], "Be kind.");
        let asked = world.get(Who::Viewer, "/me").await.json()["must_accept_terms"].clone();
        assert_eq!(asked["id"], document["id"]);
        let accepted = world.post(Who::Viewer, "/me/terms", json!({ "document_id": document["id"] })).await;
        assert_eq!(accepted.status, 204, "{}", accepted.text);
        assert!(world.get(Who::Viewer, "/me").await.json()["must_accept_terms"].is_null());
    }
}
