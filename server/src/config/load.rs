//! From text and environment to a checked [`Config`].

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

use super::check::{Problem, contradictions, known_keys, unknown_key};
use super::{
    Accounts, Config, Database, Http, IceServer, Log, Media, ProfileName, Recorder, Server, Smtp, Tls,
    Transcode, Turn,
};

/// Prefix of the environment variables that override keys.
const ENV_PREFIX: &str = "SLUICE__";

/// Everything that is wrong, not only the first thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(pub Vec<Problem>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(Problem::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for ConfigError {}

/// A configuration and the text that shows it with its secrets.
#[derive(Debug)]
pub struct Loaded {
    /// The checked configuration.
    pub config: Config,
    merged: Value,
}

impl Loaded {
    /// The merged configuration as TOML, secrets included: for the owner's own terminal.
    pub fn to_toml_with_secrets(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(&self.merged)
    }
}

/// Reads a configuration from TOML alone.
pub fn parse(text: &str) -> Result<Config, ConfigError> {
    load(Some((Path::new("sluice.toml"), text)), &[]).map(|loaded| loaded.config)
}

/// Merges defaults, the file (its path is only used in messages) and environment variables.
pub fn load(file: Option<(&Path, &str)>, environment: &[(String, String)]) -> Result<Loaded, ConfigError> {
    let mut problems = Vec::new();
    let mut lines = BTreeMap::new();
    if let Some((path, text)) = file {
        lines = key_lines(path, text)?;
        problems.extend(
            lines
                .iter()
                .filter(|(key, _)| !known_keys().contains(key))
                // Below an unknown section every key is unknown; one sentence is enough.
                .filter(|(key, _)| !has_unknown_parent(key))
                .map(|(key, place)| Problem { place: place.clone(), text: unknown_key(key) }),
        );
    }
    let overrides = Overrides::from(environment);
    problems.extend(overrides.0.iter().filter(|entry| !known_keys().contains(&entry.key)).map(|entry| {
        Problem { place: format!("environment variable {}", entry.variable), text: unknown_key(&entry.key) }
    }));
    if !problems.is_empty() {
        return Err(ConfigError(problems));
    }
    let place = |key: &str| {
        let variable = overrides.0.iter().find(|entry| entry.key == key);
        match (variable, lines.get(key), file) {
            (Some(entry), ..) => format!("environment variable {}", entry.variable),
            (None, Some(place), _) => place.clone(),
            (None, None, Some((path, _))) => path.display().to_string(),
            (None, None, None) => "configuration".to_owned(),
        }
    };
    let text = file.map(|(_, text)| text);
    let figment = merge(ProfileName::Dev, text, &overrides);
    let figment = match profile(&figment) {
        ProfileName::Dev => figment,
        other => merge(other, text, &overrides),
    };
    let (config, merged) = read(&figment)
        .map_err(|errors| ConfigError(errors.iter().map(|error| mistyped(error, &place)).collect()))?;
    let contradictions = contradictions(&config);
    if contradictions.is_empty() {
        return Ok(Loaded { config, merged });
    }
    let problem =
        |(key, text): (&str, String)| Problem { place: place(key), text: format!("`{key}`: {text}") };
    Err(ConfigError(contradictions.into_iter().map(problem).collect()))
}

/// Which profile file and environment ask for. One that is misspelt is told of with everything else.
fn profile(figment: &Figment) -> ProfileName {
    figment.find_value("profile").ok().and_then(|value| value.deserialize().ok()).unwrap_or(ProfileName::Dev)
}

/// Takes every section for itself, so that each tells what is wrong with it.
fn read(figment: &Figment) -> Result<(Config, Value), Vec<figment::Error>> {
    let mut errors = Vec::new();
    let config = Config {
        server: or_note(figment.extract().map_err(Box::new), &mut errors),
        http: or_note(section(figment, "http"), &mut errors),
        tls: or_note(section(figment, "tls"), &mut errors),
        media: or_note(section(figment, "media"), &mut errors),
        database: or_note(section(figment, "database"), &mut errors),
        smtp: or_note(section(figment, "smtp"), &mut errors),
        accounts: or_note(section(figment, "accounts"), &mut errors),
        recorder: or_note(section(figment, "recorder"), &mut errors),
        transcode: or_note(section(figment, "transcode"), &mut errors),
        turn: or_note(section(figment, "turn"), &mut errors),
        log: or_note(section(figment, "log"), &mut errors),
        ice_servers: or_note(section(figment, "ice_servers"), &mut errors),
    };
    let merged = figment.extract::<Value>();
    match merged {
        Ok(merged) if errors.is_empty() => Ok((config, merged)),
        Ok(_) => Err(errors),
        Err(error) => Err(errors.into_iter().chain(error).collect()),
    }
}

fn section<T: DeserializeOwned>(figment: &Figment, name: &str) -> Result<T, Box<figment::Error>> {
    figment.find_value(name)?.deserialize().map_err(|mut error: figment::Error| {
        error.path.insert(0, name.to_owned());
        Box::new(error)
    })
}

fn or_note<T: Default>(read: Result<T, Box<figment::Error>>, errors: &mut Vec<figment::Error>) -> T {
    read.unwrap_or_else(|error| {
        errors.extend(*error);
        T::default()
    })
}

/// The shape of the file: the keys of [`Server`] stand beside the sections.
#[derive(Serialize)]
struct Shape {
    #[serde(flatten)]
    server: Server,
    http: Http,
    tls: Tls,
    media: Media,
    database: Database,
    smtp: Smtp,
    accounts: Accounts,
    recorder: Recorder,
    transcode: Transcode,
    turn: Turn,
    log: Log,
    ice_servers: Vec<IceServer>,
}

fn merge(profile: ProfileName, text: Option<&str>, overrides: &Overrides) -> Figment {
    let Config {
        server,
        http,
        tls,
        media,
        database,
        smtp,
        accounts,
        recorder,
        transcode,
        turn,
        log,
        ice_servers,
    } = Config::of(profile);
    let shape = Shape {
        server,
        http,
        tls,
        media,
        database,
        smtp,
        accounts,
        recorder,
        transcode,
        turn,
        log,
        ice_servers,
    };
    let figment = Figment::from(Serialized::defaults(shape));
    let figment = match text {
        Some(text) => figment.merge(Toml::string(text)),
        None => figment,
    };
    figment.merge(overrides)
}

fn mistyped(error: &figment::Error, place: &impl Fn(&str) -> String) -> Problem {
    // The index of a stream is a path element of its own; keys are known without it.
    let named: Vec<&str> =
        error.path.iter().map(String::as_str).filter(|part| part.parse::<usize>().is_err()).collect();
    let key = named.join(".");
    Problem { place: place(&key), text: format!("`{key}`: {}", error.kind) }
}

/// Where each key of the file is, as `file:line`.
fn key_lines(path: &Path, text: &str) -> Result<BTreeMap<String, String>, ConfigError> {
    let place = |offset: usize| {
        let line = 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
        format!("{}:{line}", path.display())
    };
    let table = DeTable::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        ConfigError(vec![Problem { place: place(offset), text: error.message().replace('\n', " ") }])
    })?;
    let mut lines = BTreeMap::new();
    collect("", table.get_ref(), &mut |key, offset| {
        lines.entry(key).or_insert_with(|| place(offset));
    });
    Ok(lines)
}

fn collect(prefix: &str, table: &DeTable<'_>, found: &mut impl FnMut(String, usize)) {
    for (key, value) in table {
        let path = format!("{prefix}{}", key.get_ref());
        found(path.clone(), key.span().start);
        match value.get_ref() {
            DeValue::Table(table) => collect(&format!("{path}."), table, found),
            DeValue::Array(items) => {
                for item in items.iter() {
                    if let DeValue::Table(table) = item.get_ref() {
                        collect(&format!("{path}."), table, found);
                    }
                }
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
    }
}

fn has_unknown_parent(key: &str) -> bool {
    key.rsplit_once('.').is_some_and(|(parent, _)| !known_keys().iter().any(|known| known == parent))
}

/// The environment variables that override keys.
struct Overrides(Vec<Override>);

struct Override {
    variable: String,
    key: String,
    value: Value,
}

impl From<&[(String, String)]> for Overrides {
    fn from(environment: &[(String, String)]) -> Self {
        let ours = environment.iter().filter_map(|(variable, text)| {
            let key = variable.strip_prefix(ENV_PREFIX)?.to_ascii_lowercase().replace("__", ".");
            // Reading never fails: what is no TOML value is a text.
            let value = text.parse().unwrap_or_else(|_| Value::from(text.clone()));
            Some(Override { variable: variable.clone(), key, value })
        });
        Self(ours.collect())
    }
}

impl Provider for &Overrides {
    fn metadata(&self) -> Metadata {
        Metadata::named("environment")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let mut root = Dict::new();
        for entry in &self.0 {
            match entry.key.split_once('.') {
                Some((section, key)) => {
                    match root.entry(section.to_owned()).or_insert_with(|| Dict::new().into()) {
                        Value::Dict(_, keys) => drop(keys.insert(key.to_owned(), entry.value.clone())),
                        other => *other = Value::from(Dict::from([(key.to_owned(), entry.value.clone())])),
                    }
                }
                None => drop(root.insert(entry.key.clone(), entry.value.clone())),
            }
        }
        Ok(Map::from([(Profile::Default, root)]))
    }
}
