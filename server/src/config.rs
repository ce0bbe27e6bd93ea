//! The configuration: one struct tree, from which the commented sample file, the check for unknown
//! keys and the list of keys that a reload applies are all made.
//!
//! ```text
//!   defaults  <-  sluice.toml  <-  SLUICE__SECTION__KEY in the environment  <-  command line
//! ```

mod check;
mod load;
mod sample;
#[macro_use]
mod section;
mod turn;
mod value;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

pub use check::Problem;
pub use load::{ConfigError, Loaded, load, parse};
pub use sample::sample;
pub use section::{Apply, Change, KeyDoc};
pub use turn::Turn;
pub use value::{
    AcmeChallenge, IceMode, LogFormat, MailTls, Period, PlainHttp, ProfileName, RecordingStore, Secret, Size,
};

use section::Section;

section! {
    /// Addresses, directories and shutdown.
    Server {
        /// What the defaults are for: "dev" for a machine of your own, "staging" and "prod" for one that
        /// others reach. The latter two serve people over https only and write their log as JSON; "staging"
        /// has browsers remember the https for an hour. What the file or the environment says wins.
        [restart] profile: ProfileName = ProfileName::Dev;
        /// Address and port of everything that speaks HTTP to people: the web app, WHIP, WHEP and
        /// the API. Port 0 picks a free one.
        [restart] listen: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 8080);
        /// Address and port of /metrics and the health probes. Keep it away from the internet: it
        /// answers without asking who you are.
        [restart] internal_listen: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9090);
        /// The URL under which people reach this server, without a path, for example when a proxy ends
        /// TLS in front of it. Absent: taken from the Host header of each request.
        [reload] public_url: Option<String> = None, example "\"https://live.example.org\"";
        /// Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed: addresses or networks.
        [reload] trusted_proxies: Vec<Net> = vec![], example "[\"127.0.0.1\", \"10.0.0.0/8\"]";
        /// Where Sluice keeps what must survive a restart: its database, unless that is elsewhere, and
        /// the master key, without which no sealed secret can be read. Back up both.
        [restart] data_dir: PathBuf = PathBuf::from("data");
        /// How long a shutdown waits for sessions and requests to end before it ends them itself.
        [reload] drain_timeout: Period = Period(Duration::from_secs(10));
    }
}

section! {
    /// What one visitor may take of the HTTP server.
    Http {
        /// Open connections at once. Further ones wait in the kernel's queue until one closes.
        [restart] max_connections: u32 = 10_000;
        /// Open connections at once from one address. Further ones are closed unanswered. Addresses
        /// of `trusted_proxies` are not counted.
        [reload] max_connections_per_address: u32 = 256;
        /// New connections a second from one address, or one /64 of IPv6, in the long run; ten seconds' worth
        /// may come at once. Further ones are closed unanswered: a handshake costs us more than the caller. 0
        /// turns the limit off.
        [reload] connections_per_second: u32 = 200;
        /// How long a client may take to send the head of a request, and how long an idle
        /// connection is kept.
        [reload] header_timeout: Period = Period(Duration::from_secs(10));
        /// How long a request may take from its head to the head of its answer.
        [restart] request_timeout: Period = Period(Duration::from_secs(30));
        /// WHIP and WHEP requests a second from one address, in the long run. 0 turns the limit off.
        [reload] requests_per_second: u32 = 50;
        /// WHIP and WHEP requests at once from one address, after a pause.
        [reload] request_burst: u32 = 500;
        /// API requests a minute from one address; half as many for one account or API key, a tenth
        /// to sign up and in. That many may also come at once. 0 turns these limits off.
        [reload] api_requests_per_minute: u32 = 1200;
        /// Whom `listen` serves without TLS. Programs on this machine, trusted proxies and health probes
        /// always. "auto": everybody while there is no certificate (see `tls`), else others are sent to
        /// https. "serve": everybody. "loopback": nobody else.
        [reload] plain: PlainHttp = PlainHttp::Auto;
        /// How long browsers remember that this host is reached over https only
        /// (Strict-Transport-Security). They are told where https has no port in its address. 0 tells
        /// them nothing.
        [reload] hsts: Period = Period(Duration::from_secs(365 * 24 * 3600));
    }
}

section! {
    /// HTTPS with HTTP/2, on as soon as it is said where its certificate comes from: your own files
    /// (`certificate` and `key`), Let's Encrypt or another ACME server (`acme_domains`), or Sluice itself,
    /// for a local network (`self_signed`).
    Tls {
        /// Address and port of HTTPS. 443 spares people a number in the address. Port 0 picks a free one.
        [restart] listen: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 8443);
        /// The certificate, followed by those that signed it, as PEM. When the files change they are taken
        /// within seconds; connections stay. A pair that does not fit leaves the old one in use.
        [restart] certificate: Option<PathBuf> = None, example "\"/etc/sluice/fullchain.pem\"";
        /// Its key, as PEM.
        [restart] key: Option<PathBuf> = None, example "\"/etc/sluice/privkey.pem\"";
        /// Makes a certificate for the addresses of this machine and keeps it in `data_dir`. Browsers warn
        /// of it once a device.
        [restart] self_signed: bool = false;
        /// Names for which certificates are fetched and renewed. They must lead to this machine.
        [restart] acme_domains: Vec<String> = vec![], example "[\"live.example.org\"]";
        /// Whom the ACME server may write to when a certificate is in danger.
        [restart] acme_email: Option<String> = None, example "\"ops@example.org\"";
        /// How the ACME server sees that the names are ours. "tls-alpn-01": it connects to port 443, which
        /// must lead to `listen` here. "http-01": to port 80, which must lead to the `listen` without TLS.
        [restart] acme_challenge: AcmeChallenge = AcmeChallenge::TlsAlpn01;
        /// The ACME server. By getting certificates from it you agree to its terms.
        [restart] acme_directory: String = "https://acme-v02.api.letsencrypt.org/directory".to_owned();
        /// A certificate, as PEM, that vouches for an ACME server of your own.
        [restart] acme_root: Option<PathBuf> = None, example "\"/etc/sluice/acme-root.pem\"";
        /// Speaks TLS 1.2 too, with modern ciphers only. Every browser of the last years knows 1.3; some
        /// encoders do not.
        [restart] tls12: bool = false;
    }
}

section! {
    /// The media plane: one port for all of WebRTC.
    Media {
        /// Local addresses to listen on. Absent: all of them, IPv4 and IPv6.
        [restart] listen: Vec<IpAddr> = vec![], example "[\"192.0.2.1\"]";
        /// The UDP port. Open it in the firewall. Port 0 picks a free one.
        [restart] udp_port: u16 = 8189;
        /// Accept media over TCP connections on the same number, too (ICE-TCP): viewers whose network
        /// lets no UDP through watch over these, with a little more delay. Open it in the firewall.
        /// Where another program has that TCP port, a warning says so and only UDP is served.
        [restart] tcp: bool = true;
        /// Addresses under which clients reach the media port when they are not the machine's own
        /// (NAT, a cloud's floating address). Absent: the addresses of the network interfaces.
        [restart] public_addresses: Vec<IpAddr> = vec![], example "[\"203.0.113.7\"]";
        /// "lite": clients do the connectivity checks (right for a server with a reachable address).
        /// "full": the server checks too.
        [restart] ice: IceMode = IceMode::Lite;
        /// Media threads. 0: one a core.
        [restart] workers: u16 = 0;
        /// Keep each media thread on a core of its own. Helps on machines that do little else.
        [restart] pin_workers: bool = false;
        /// New viewers and publishers are refused (503, with Retry-After) where every media thread is
        /// busy for this part of its time. More admits more, less keeps room for key frames, 0 refuses
        /// nobody.
        [restart] max_load: f64 = 0.85;
        /// Viewers at once. 0: as many as `max_load` allows. `sluice-load bench density
        /// --write-max-viewers FILE` measures how many this machine carries and writes it here.
        [restart] max_viewers: u32 = 0;
        /// Buffer that the kernel is asked for, each way. More survives longer stalls.
        [restart] socket_buffer: Size = Size(4 * 1024 * 1024);
        /// How long packets of a publisher may be gathered before they go out to its viewers, unless a
        /// picture is complete before. Longer needs less processor time, shorter adds less delay, 0
        /// sends each packet at once. At most 2ms.
        [restart] egress_coalesce: Period = Period(Duration::from_millis(1));
        /// Join cache of each layer: most bytes of the newest key frame and what follows. Viewers join
        /// from it without a new key frame.
        [restart] cache_size: Size = Size(4 * 1024 * 1024);
        /// Join cache of each layer: longest span. Must exceed the key-frame interval of publishers that
        /// make no key frame on request.
        [restart] cache_span: Period = Period(Duration::from_secs(5));
        /// Join cache: a key frame that is no older than this serves who joins, and the publisher is not asked for
        /// a new one. Longer spares everybody else's picture the key frames, shorter has less to catch up with.
        [restart] cache_fresh: Period = Period(Duration::from_millis(500));
        /// Playout delay that viewers' browsers are asked to keep: at least this much. 0 shows each
        /// picture as soon as it can be shown.
        [restart] playout_delay_min: Period = Period(Duration::ZERO);
        /// Playout delay: at most this much. Less than what a network's jitter needs costs freezes.
        [restart] playout_delay_max: Period = Period(Duration::from_millis(200));
        /// How long a broadcast waits for a publisher that is gone, with its viewers kept.
        [restart] gap: Period = Period(Duration::from_secs(10));
        /// Sessions at once, publishers and viewers together. A publisher that returns to its own
        /// broadcast is always let in.
        [restart] max_sessions: u32 = 10_000;
        /// Viewers and connections for the chat alone at once from one address (one site of IPv6). Programs on
        /// this machine are not counted. 0 turns the limit off.
        [restart] max_sessions_per_address: u32 = 2_000;
        /// The same for one account, on all its devices and bots. 0 turns the limit off.
        [restart] max_sessions_per_account: u32 = 100;
        /// A peer that has not connected after this time is forgotten.
        [restart] connect_timeout: Period = Period(Duration::from_secs(15));
        /// A connected peer from which nothing arrives for this time is gone.
        [restart] idle_timeout: Period = Period(Duration::from_secs(8));
        /// Accept a trickle PATCH without If-Match, which RFC 9725 asks for and some clients do not
        /// send. They connect without it too, a little later.
        [reload] lenient_if_match: bool = false;
    }
}

section! {
    /// What is remembered: accounts, streams, keys, broadcasts.
    Database {
        /// sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME. Absent: the file sluice.db in `data_dir`.
        [restart] url: Option<Secret> = None, example "\"postgres://sluice:secret@localhost/sluice\"";
    }
}

section! {
    /// The mail server for verification and reset mails. Without `host` no mail is sent, and an
    /// administrator hands the links out.
    Smtp {
        /// Its host name.
        [restart] host: Option<String> = None, example "\"mail.example.org\"";
        /// Its port: 587 for "starttls", 465 for "tls".
        [restart] port: u16 = 587;
        /// Who signs in there, if anybody must.
        [restart] user: Option<String> = None, example "\"sluice\"";
        /// With which password.
        [restart] password: Option<Secret> = None, example "\"secret\"";
        /// "starttls": plain first, then TLS or nothing. "tls": TLS from the first byte. "none": no
        /// protection, for a mail server on this machine.
        [restart] tls: MailTls = MailTls::Starttls;
        /// The sender of the mails. Needed with `host`.
        [restart] from: Option<String> = None, example "\"Garden TV <tv@example.org>\"";
    }
}

section! {
    /// Sign-ins and tokens. Who may sign up is decided in the browser, under Administration.
    Accounts {
        /// Sign-ins of a viewer or creator at once. A further one ends the oldest; 0 is no limit.
        [restart] sessions: u32 = 0;
        /// A sign-in of a viewer or creator ends after this time without use.
        [restart] session_idle: Period = Period(Duration::from_secs(30 * 24 * 3600));
        /// A sign-in of a viewer or creator ends after this time in any case.
        [restart] session_length: Period = Period(Duration::from_secs(90 * 24 * 3600));
        /// The same for moderators.
        [restart] moderator_sessions: u32 = 2;
        /// The same for moderators.
        [restart] moderator_session_idle: Period = Period(Duration::from_secs(2 * 3600));
        /// The same for moderators.
        [restart] moderator_session_length: Period = Period(Duration::from_secs(8 * 3600));
        /// The same for administrators.
        [restart] admin_sessions: u32 = 5;
        /// The same for administrators.
        [restart] admin_session_idle: Period = Period(Duration::from_secs(4 * 3600));
        /// The same for administrators.
        [restart] admin_session_length: Period = Period(Duration::from_secs(12 * 3600));
        /// How long an access token is valid. Shorter makes clients ask for new ones more often.
        [restart] access_token: Period = Period(Duration::from_secs(600));
        /// How long a playback token of a stream that is not public is valid, and with it a viewer's session.
        [restart] playback_token: Period = Period(Duration::from_secs(4 * 3600));
        /// Streams that one account may have live at once.
        [restart] max_concurrent_streams: u32 = 3;
        /// A file of passwords that nobody may choose, one a line, beside those that are built in.
        [restart] common_passwords: Option<PathBuf> = None, example "\"/etc/sluice/passwords.txt\"";
    }
}

section! {
    /// Recordings, and watching over HLS and DASH.
    Recorder {
        /// Whether broadcasts are offered over HLS and DASH and recorded. What a stream's owner says about
        /// recording holds besides.
        [restart] enabled: bool = true;
        /// Where segments wait until they are stored, and the window of live streams is. Needs room for
        /// what is live now: for each 1 Mbit/s and hour of it 450 MB. Absent: `spool` in `data_dir`.
        [restart] spool: Option<PathBuf> = None, example "\"/var/lib/sluice/spool\"";
        /// "local": recordings are kept in `directory`. "s3": in a bucket.
        [restart] store: RecordingStore = RecordingStore::Local;
        /// Where recordings are kept. Absent: `recordings` in `data_dir`.
        [restart] directory: Option<PathBuf> = None, example "\"/srv/recordings\"";
        /// URL of an S3-compatible server. Absent: that of Amazon for `s3_region`.
        [restart] s3_endpoint: Option<String> = None, example "\"https://s3.example.org\"";
        /// Region of the bucket.
        [restart] s3_region: String = "us-east-1".to_owned();
        /// The bucket. Needed with "s3".
        [restart] s3_bucket: Option<String> = None, example "\"recordings\"";
        /// What the names of all files there begin with.
        [restart] s3_prefix: String = String::new();
        /// Who writes there. Needed with "s3".
        [restart] s3_access_key: Option<Secret> = None, example "\"AKIA...\"";
        /// Their secret. Needed with "s3".
        [restart] s3_secret_key: Option<Secret> = None, example "\"secret\"";
        /// Length of a segment. Shorter lets players switch and begin sooner, longer needs fewer requests.
        /// Publishers that make no key frame on request get segments as long as their key frames are apart.
        [restart] segment: Period = Period(Duration::from_secs(4));
        /// Length of the parts of a segment that players of low-latency HLS get. Shorter is less latency and
        /// more requests. At least 100ms, and at most half of `segment`.
        [restart] part: Period = Period(Duration::from_millis(333));
        /// How far viewers can go back while a stream is live.
        [restart] window: Period = Period(Duration::from_secs(3600));
        /// Recording stops while there is less room than this on the disk of the spool or the recordings.
        [restart] free_space: Size = Size(1 << 30);
        /// How often the picture of a live stream is made anew that lists show. 0 makes none.
        [restart] thumbnails: Period = Period(Duration::from_secs(10));
        /// How long a deleted recording can be restored.
        [restart] undo: Period = Period(Duration::from_secs(7 * 24 * 3600));
    }
}

section! {
    /// The ffmpeg that makes pictures and downloads of recordings. Without it streams are watched and
    /// recorded all the same.
    Transcode {
        /// The program: a path, or a name that is looked for in PATH.
        [restart] ffmpeg: PathBuf = PathBuf::from("ffmpeg");
        /// How many run at once. More finishes recordings sooner and takes a core each.
        [restart] jobs: u16 = 1;
        /// A run is given up after this time, besides what the length of the recording allows it.
        [restart] timeout: Period = Period(Duration::from_secs(60));
    }
}

section! {
    /// Logging, on standard error.
    Log {
        /// error, warn, info, debug or trace; also by part, as in "info,sluice_sfu=debug".
        [reload] level: String = "info".to_owned();
        /// "text" for people, "json" for machines, "auto": text on a terminal, else JSON.
        [restart] format: LogFormat = LogFormat::Auto;
    }
}

/// A STUN or TURN server that clients are told of.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IceServer {
    /// `stun:HOST[:PORT]`, `turn:HOST[:PORT]` or `turns:HOST[:PORT]`.
    pub url: String,
    /// User name at a TURN server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Password at a TURN server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Secret>,
}

/// An address or network, written with or without a prefix length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Net(pub IpNet);

impl TryFrom<String> for Net {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map(Self)
            .map_err(|_| format!("{text:?} is neither an address nor a network"))
    }
}

impl From<Net> for String {
    fn from(net: Net) -> Self {
        net.0.to_string()
    }
}

/// Everything that the file and the environment can say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// The keys without a section.
    pub server: Server,
    /// `[http]`
    pub http: Http,
    /// `[tls]`
    pub tls: Tls,
    /// `[media]`
    pub media: Media,
    /// `[database]`
    pub database: Database,
    /// `[smtp]`
    pub smtp: Smtp,
    /// `[accounts]`
    pub accounts: Accounts,
    /// `[recorder]`
    pub recorder: Recorder,
    /// `[transcode]`
    pub transcode: Transcode,
    /// `[turn]`
    pub turn: Turn,
    /// `[log]`
    pub log: Log,
    /// `[[ice_servers]]`
    pub ice_servers: Vec<IceServer>,
}

impl Tls {
    /// Whether there is a certificate to serve HTTPS with.
    pub fn is_on(&self) -> bool {
        self.certificate.is_some() || self.self_signed || !self.acme_domains.is_empty()
    }
}

impl Config {
    /// The defaults of a profile.
    pub fn of(profile: ProfileName) -> Self {
        let mut config = Self::default();
        config.server.profile = profile;
        if profile != ProfileName::Dev {
            config.http.plain = PlainHttp::Loopback;
            config.log.format = LogFormat::Json;
        }
        if profile == ProfileName::Staging {
            // An hour is soon forgotten, should the staging host serve something else tomorrow.
            config.http.hsts = Period(Duration::from_secs(3600));
        }
        config
    }

    /// What differs in `next`, and whether a reload can apply it.
    pub fn changes(&self, next: &Self) -> Vec<Change> {
        let mut changes = self.server.changes("", &next.server);
        changes.extend(self.http.changes("http.", &next.http));
        changes.extend(self.tls.changes("tls.", &next.tls));
        changes.extend(self.media.changes("media.", &next.media));
        changes.extend(self.database.changes("database.", &next.database));
        changes.extend(self.smtp.changes("smtp.", &next.smtp));
        changes.extend(self.accounts.changes("accounts.", &next.accounts));
        changes.extend(self.recorder.changes("recorder.", &next.recorder));
        changes.extend(self.transcode.changes("transcode.", &next.transcode));
        changes.extend(self.turn.changes("turn.", &next.turn));
        changes.extend(self.log.changes("log.", &next.log));
        if self.ice_servers != next.ice_servers {
            changes.push(Change { key: "ice_servers".to_owned(), apply: Apply::Reload });
        }
        changes
    }

    /// This configuration with every key of `next` that a reload can apply.
    pub fn reloaded(&self, next: &Self) -> Self {
        Self {
            server: self.server.reloaded(&next.server),
            http: self.http.reloaded(&next.http),
            tls: self.tls.reloaded(&next.tls),
            media: self.media.reloaded(&next.media),
            database: self.database.reloaded(&next.database),
            smtp: self.smtp.reloaded(&next.smtp),
            accounts: self.accounts.reloaded(&next.accounts),
            recorder: self.recorder.reloaded(&next.recorder),
            transcode: self.transcode.reloaded(&next.transcode),
            turn: self.turn.reloaded(&next.turn),
            log: self.log.reloaded(&next.log),
            ice_servers: next.ice_servers.clone(),
        }
    }

    /// The configuration as TOML with every secret replaced.
    pub fn to_redacted_toml(&self) -> String {
        sample::render(self)
    }
}

#[cfg(test)]
mod tests;
