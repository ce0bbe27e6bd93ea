//! The OpenAPI document of this API, from which clients are generated.

use axum::http::Method;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::schema::{AdditionalProperties, AllOf, ArrayItems, Object, Schema};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{Modify, OpenApi as _};

use crate::access::{self, Need};
use crate::page::List;
use crate::{
    admin, auth, channels, chat, keys, library, me, recordings, reports, router, server, setup, streams,
    viewing, words,
};

/// The document.
pub fn document() -> OpenApi {
    let (_, paths) = router::routes().split_for_parts();
    let mut document = Document::openapi();
    document.merge(paths);
    AnswersAreWhole.modify(&mut document);
    say_needs(&mut document);
    document
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Sluice",
        description = "The API of Sluice, a live-streaming platform of one's own. Every path is also \
                       there without `/v1`. Errors are `application/problem+json` with a stable `code`.",
        license(name = "MIT", identifier = "MIT"),
    ),
    servers((url = "/api/v1")),
    modifiers(&Bearer),
    components(schemas(
        sluice_http::ProblemBody,
        sluice_http::FieldError,
        words::SignupMode,
        words::EmailVerification,
        setup::SetupState,
        setup::SetUp,
        server::ServerInfo,
        server::LegalDocument,
        auth::SignUp,
        auth::SignIn,
        auth::SecondFactor,
        auth::Tokens,
        auth::VerificationSent,
        auth::SecondFactorNeeded,
        auth::OneTimeToken,
        auth::MailRequest,
        auth::ResetPassword,
        me::Me,
        me::UpdateMe,
        me::ChangeEmail,
        me::ChangePassword,
        me::PasswordProof,
        me::AcceptTerms,
        List<me::SignInSession>,
        me::TotpSecret,
        me::TotpCode,
        me::RemoveTotp,
        me::BackupCodes,
        List<me::ApiKey>,
        me::CreateApiKey,
        me::ApiKeyCreated,
        List<me::Activity>,
        List<me::Acquaintance>,
        List<streams::StreamCard>,
        streams::list::StreamSort,
        admin::accounts::list::AccountSort,
        streams::Stream,
        streams::Category,
        streams::CreateStream,
        streams::UpdateStream,
        List<streams::Broadcast>,
        streams::PlaybackRequest,
        streams::PlaybackToken,
        List<keys::StreamKey>,
        keys::CreateKey,
        keys::RotateKey,
        keys::KeyCreated,
        keys::ShownKey,
        channels::Channel,
        chat::Chat,
        chat::UpdateChat,
        chat::ArchivedMessage,
        chat::ArchivedMessages,
        List<chat::Ban>,
        chat::Ban,
        chat::CreateBan,
        List<chat::ChatModerator>,
        chat::ChatModerator,
        List<chat::ChatTerm>,
        chat::ChatTerm,
        chat::CreateTerm,
        List<chat::ModerationEntry>,
        chat::ModerationEntry,
        chat::ChatMembers,
        chat::MemberCard,
        List<chat::ChatMinute>,
        chat::ChatMinute,
        chat::Emote,
        chat::Emotes,
        chat::export::ExportFormat,
        List<recordings::RecordingCard>,
        recordings::RecordingCard,
        recordings::Recording,
        recordings::UpdateRecording,
        recordings::SetChapters,
        recordings::SetPosition,
        recordings::ReplayedMessages,
        recordings::RunningRecording,
        recordings::BroadcastRecording,
        reports::CreateReport,
        List<reports::OwnReport>,
        reports::OwnReport,
        reports::Report,
        reports::ReportQueue,
        reports::UpdateReport,
        List<library::LibraryItem>,
        List<viewing::HistoryItem>,
        viewing::StartViewing,
        viewing::ViewingStarted,
        viewing::ViewingProgress,
        viewing::EndViewing,
        viewing::SaveStream,
        viewing::Follow,
        viewing::Following,
        admin::Overview,
        List<admin::AdminAccount>,
        admin::UpdateAccount,
        admin::CreateAccount,
        admin::Invited,
        admin::ResetLink,
        List<admin::AuditEntry>,
        admin::AuditCheck,
        admin::Diagnostics,
        admin::Settings,
        admin::UpdateSettings,
        admin::CreateCategory,
        admin::UpdateCategory,
        List<admin::AdminCategory>,
        List<admin::Mail>,
        admin::Featured,
        admin::AdminAccount,
        admin::AdminCategory,
        admin::AuditEntry,
        admin::Mail,
        keys::StreamKey,
        library::LibraryItem,
        me::Acquaintance,
        me::Activity,
        me::ApiKey,
        me::SignInSession,
        streams::Broadcast,
        streams::StreamCard,
        viewing::HistoryItem,
    )),
)]
struct Document;

/// Access tokens and API keys are shown in the same way.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The access token of a sign-in, or an API key."))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// Says of each operation what it needs, as the table has it, and how it refuses.
fn say_needs(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let operations = [
            (Method::GET, &mut item.get),
            (Method::POST, &mut item.post),
            (Method::PUT, &mut item.put),
            (Method::PATCH, &mut item.patch),
            (Method::DELETE, &mut item.delete),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation.as_mut() else { continue };
            operation.operation_id = Some(name(&method, path));
            operation.responses.responses.insert("default".to_owned(), refusal().into());
            if let Some(Need::May(permission)) = access::needed(&method, path) {
                let optional = permission.is_given_to(None);
                let bearer = SecurityRequirement::new("bearer", Vec::<String>::new());
                let mut security = vec![bearer];
                if optional {
                    security.push(SecurityRequirement::default());
                }
                operation.security = Some(security);
                let mut extensions = Extensions::default();
                extensions.insert("x-permission".to_owned(), permission.as_str().into());
                operation.extensions = Some(extensions);
            }
        }
    }
}

/// The name of an operation: unique, and the same as long as method and path are.
fn name(method: &Method, path: &str) -> String {
    let words = path.split(['/', '-', '{', '}']).filter(|word| !word.is_empty());
    words.fold(method.as_str().to_lowercase(), |name, word| format!("{name}_{word}"))
}

fn refusal() -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody"))).build();
    ResponseBuilder::new()
        .description("Refused, with a stable code.")
        .content("application/problem+json", content)
        .build()
}

/// Answers carry every field, null where there is nothing: clients need not tell absent from null.
/// A request is told from an answer by refusing unknown fields.
struct AnswersAreWhole;

/// Answers with fields that are left out where there is nothing.
const WITH_GAPS: [&str; 5] = ["ProblemBody", "LayerInfo", "ChatMessage", "ChatAuthor", "Permissions"];

impl Modify for AnswersAreWhole {
    fn modify(&self, document: &mut OpenApi) {
        let Some(components) = document.components.as_mut() else { return };
        for (name, schema) in &mut components.schemas {
            if let Some(item) = name.strip_prefix("List_") {
                name_items(schema, item);
            }
            if !WITH_GAPS.contains(&name.as_str()) {
                require_all(schema);
            }
        }
    }
}

/// Lists name what is in them instead of repeating it.
fn name_items(schema: &mut RefOr<Schema>, item: &str) {
    if let RefOr::T(Schema::Object(list)) = schema
        && let Some(RefOr::T(Schema::Array(items))) = list.properties.get_mut("items")
    {
        items.items = ArrayItems::RefOrSchema(Box::new(Ref::from_schema_name(item).into()));
    }
}

fn require_all(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => require_properties(object),
        RefOr::T(Schema::AllOf(AllOf { items, .. })) => items.iter_mut().for_each(require_all),
        _ => {}
    }
}

fn require_properties(object: &mut Object) {
    let request =
        matches!(object.additional_properties.as_deref(), Some(AdditionalProperties::FreeForm(false)));
    if !request {
        object.required = object.properties.keys().cloned().collect();
        object.properties.values_mut().for_each(require_all);
    }
}
