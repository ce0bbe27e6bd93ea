//! Signing up: who may, what is told about an address that is taken, and terms.

use sluice_accounts::clock::DAY;
use sluice_accounts::{AccountsError, Actor, Invitation, SignUpMode, SignedUp, WAITS_FOR_APPROVAL};
use sluice_domain::{DocumentId, Role};
use sluice_store::{LegalDocument, Taken};

use crate::world::{PASSWORD, World, account_of, client, sign_up, token_of};

async fn set_mode(world: &World, mode: SignUpMode) {
    let mut settings = world.accounts.settings(world.org).await.unwrap();
    settings.settings.signup_mode = mode;
    world.accounts.change_settings(&Actor::CLI, world.org, &settings).await.unwrap();
}

// Requirements: R1, R34, R22
#[tokio::test]
async fn a_new_account_is_a_viewer_and_may_become_a_creator() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        assert_eq!(tokens.member.role, Role::Viewer);
        let ann = world.identity(&tokens).await;
        let member = world.accounts.become_creator(&ann, &client(1)).await.unwrap();
        assert_eq!(member.role, Role::Creator);
        // The old access token names the old role.
        let result = world.accounts.authenticate(tokens.access_token.expose()).await;
        assert!(matches!(result, Err(AccountsError::TokenExpired)), "{result:?}");
        let refresh_token = tokens.refresh_token.unwrap();
        let next = world.accounts.refresh(refresh_token.expose(), &client(1)).await.unwrap();
        assert_eq!(world.identity(&next).await.role, Role::Creator);
    }
}

// Requirements: R12
#[tokio::test]
async fn a_taken_address_gets_the_answer_of_a_free_one_and_its_owner_a_mail() {
    for world in World::all().await {
        world.require_verification().await;
        let free = world.accounts.sign_up(&sign_up("ann"), &client(1)).await;
        assert!(matches!(free, Ok(SignedUp::MailSent)), "{free:?}");
        let mut again = sign_up("mallory");
        again.email = "ANN@example.org".parse().unwrap();
        let taken = world.accounts.sign_up(&again, &client(2)).await;
        assert!(matches!(taken, Ok(SignedUp::MailSent)), "{taken:?}");
        world.clock.advance(1);
        let mails = world.mails("ann@example.org").await;
        let kinds: Vec<_> = mails.iter().map(|mail| mail.kind.as_str()).collect();
        assert_eq!(mails.len(), 2);
        assert!(kinds.contains(&"verify_email") && kinds.contains(&"already_registered"), "{kinds:?}");
        // Nothing of the second attempt remains.
        assert!(
            world.store.accounts().by_handle(world.org, &"mallory".parse().unwrap()).await.unwrap().is_none()
        );
    }
}

// Requirements: R12
#[tokio::test]
async fn an_address_is_verified_once_before_the_first_sign_in() {
    for world in World::all().await {
        world.require_verification().await;
        world.accounts.sign_up(&sign_up("ann"), &client(1)).await.unwrap();
        let result = world.sign_in("ann@example.org", PASSWORD, 2).await;
        assert!(matches!(result, Err(AccountsError::EmailUnverified)), "{result:?}");
        let token = world.mailed_token("ann@example.org").await;
        world.accounts.verify_email(&token, &client(1)).await.unwrap();
        let again = world.accounts.verify_email(&token, &client(1)).await;
        assert!(matches!(again, Err(AccountsError::TokenUsed)), "{again:?}");
        world.signed_in("ann@example.org", PASSWORD, 2).await;
    }
}

#[tokio::test]
async fn only_the_newest_link_to_an_address_works_and_only_for_a_day() {
    for world in World::all().await {
        world.require_verification().await;
        world.accounts.sign_up(&sign_up("ann"), &client(1)).await.unwrap();
        let old = world.mailed_token("ann@example.org").await;
        world.accounts.resend_verification("ann@example.org", &client(1)).await.unwrap();
        world.accounts.resend_verification("nobody@example.org", &client(1)).await.unwrap();
        let result = world.accounts.verify_email(&old, &client(1)).await;
        assert!(matches!(result, Err(AccountsError::TokenUsed)), "{result:?}");
        let new = world.mailed_token("ann@example.org").await;
        world.clock.advance(DAY);
        let result = world.accounts.verify_email(&new, &client(1)).await;
        assert!(matches!(result, Err(AccountsError::TokenExpired)), "{result:?}");
        assert!(world.mails("nobody@example.org").await.is_empty());
    }
}

#[tokio::test]
async fn a_mailbox_is_not_filled_by_strangers() {
    for world in World::all().await {
        world.require_verification().await;
        world.accounts.sign_up(&sign_up("ann"), &client(1)).await.unwrap();
        for n in 0..30 {
            world.accounts.resend_verification("ann@example.org", &client(n)).await.unwrap();
            world.accounts.forgot_password("ann@example.org", &client(n)).await.unwrap();
        }
        assert!(world.mails("ann@example.org").await.len() <= 5);
    }
}

// Requirements: R15
#[tokio::test]
async fn a_weak_password_and_a_taken_handle_are_told() {
    for world in World::all().await {
        let mut weak = sign_up("ann");
        weak.password = sluice_domain::Redacted::new("Password1".to_owned());
        let result = world.accounts.sign_up(&weak, &client(1)).await;
        let Err(AccountsError::WeakPassword(problems)) = result else { panic!("{result:?}") };
        assert_eq!(problems.iter().map(|problem| problem.code()).collect::<Vec<_>>(), ["too_common"]);
        let mut taken = sign_up("ann");
        taken.handle = "Gardener".parse().unwrap();
        let result = world.accounts.sign_up(&taken, &client(1)).await;
        assert!(matches!(result, Err(AccountsError::AlreadyExists(Taken::Handle))), "{result:?}");
    }
}

#[tokio::test]
async fn nobody_signs_up_where_it_is_closed() {
    for world in World::all().await {
        for mode in [SignUpMode::Closed, SignUpMode::Invite] {
            set_mode(&world, mode).await;
            let result = world.accounts.sign_up(&sign_up("ann"), &client(1)).await;
            assert!(matches!(result, Err(AccountsError::SignUpClosed)), "{mode:?}: {result:?}");
        }
    }
}

#[tokio::test]
async fn an_invitation_lets_one_person_in_once_with_the_role_it_names() {
    for world in World::all().await {
        set_mode(&world, SignUpMode::Closed).await;
        let invitation = Invitation {
            email: "mod@example.org".parse().unwrap(),
            display_name: None,
            handle: None,
            role: Role::Moderator,
        };
        let link = world.accounts.invite(&Actor::CLI, world.org, &invitation).await.unwrap();
        assert!(link.expose().starts_with("https://tv.example.org/sign-up#token="));
        let token = token_of(link.expose());
        assert_eq!(world.accounts.invitation(&token).await.unwrap()["role"], "moderator");
        let invite = |name: &str| {
            let mut sign_up = sign_up(name);
            sign_up.invite = Some(sluice_domain::Redacted::new(token.clone()));
            sign_up.password = sluice_domain::Redacted::new("Violet-Garden-7".to_owned());
            sign_up
        };
        let foreign = world.accounts.sign_up(&invite("mallory"), &client(2)).await;
        assert!(matches!(foreign, Err(AccountsError::TokenInvalid)), "{foreign:?}");
        let mut named = invite("moderata");
        named.email = "mod@example.org".parse().unwrap();
        let Ok(SignedUp::Done(tokens)) = world.accounts.sign_up(&named, &client(2)).await else { panic!() };
        assert_eq!(tokens.member.role, Role::Moderator);
        named.handle = "another".parse().unwrap();
        let again = world.accounts.sign_up(&named, &client(2)).await;
        assert!(matches!(again, Err(AccountsError::TokenUsed)), "{again:?}");
    }
}

#[tokio::test]
async fn where_approval_is_needed_an_administrator_lets_people_in() {
    for world in World::all().await {
        set_mode(&world, SignUpMode::Approval).await;
        let result = world.accounts.sign_up(&sign_up("ann"), &client(1)).await;
        assert!(matches!(result, Ok(SignedUp::WaitsForApproval)), "{result:?}");
        let email = "ann@example.org".parse().unwrap();
        let ann = world.store.accounts().by_email(&email).await.unwrap().unwrap();
        assert_eq!(ann.disabled_reason.as_deref(), Some(WAITS_FOR_APPROVAL));
        let result = world.sign_in("ann@example.org", PASSWORD, 2).await;
        assert!(matches!(result, Err(AccountsError::AccountDisabled)), "{result:?}");
        let change = sluice_accounts::MemberChange { disabled: Some(false), ..Default::default() };
        world.accounts.change_member(&Actor::CLI, world.org, ann.id, ann.version, &change).await.unwrap();
        world.signed_in("ann@example.org", PASSWORD, 2).await;
    }
}

// Requirements: R28
#[tokio::test]
async fn terms_are_accepted_in_the_version_that_holds() {
    for world in World::all().await {
        let document = |version: &str, published_at| LegalDocument {
            id: DocumentId(world.clock.uuid()),
            org_id: world.org,
            kind: "terms".to_owned(),
            version: version.to_owned(),
            title: "Terms".to_owned(),
            body: "Be kind.".to_owned(),
            published_at,
        };
        let old = document("1", 1);
        let new = document("2", 2);
        world.store.legal().publish(&old).await.unwrap();
        world.store.legal().publish(&new).await.unwrap();
        let mut person = sign_up("ann");
        for wrong in [None, Some(old.id)] {
            person.terms_document = wrong;
            let result = world.accounts.sign_up(&person, &client(1)).await;
            assert!(matches!(result, Err(AccountsError::TermsRequired)), "{result:?}");
        }
        person.terms_document = Some(new.id);
        let Ok(SignedUp::Done(tokens)) = world.accounts.sign_up(&person, &client(1)).await else { panic!() };
        let accepted = world.store.legal().accepted(world.org, account_of(&tokens)).await.unwrap();
        assert_eq!(accepted.len(), 1);
        assert_eq!((accepted[0].document_id, accepted[0].accepted_at), (new.id, world.clock.now_ms()));
        assert_eq!(accepted[0].address.as_deref(), Some("198.51.1.7"));
    }
}
