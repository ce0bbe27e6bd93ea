//! From the configuration to the settings and routers of each room.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::http::HeaderValue;
use sluice_accounts::Accounts;
use sluice_api::{ApiConfig, HostDoctor, RateLimits};
use sluice_http::PublicUrl;
use sluice_live::{Live, LiveConfig};
use sluice_sfu::{EngineConfig, SfuConfig};
use sluice_signaling::{IceServer, RateLimit, SignalingConfig};
use sluice_store::Store;
use sluice_turn::Turn;

use crate::config::{Config, IceMode, PlainHttp};
use crate::demo::Demo;
use crate::health::{self, Readiness};
use crate::http::{self, Https, Plain, Proxies, Transport};
use crate::tls::Tls;
use crate::turn;

/// What the routes stand on.
pub(crate) struct Rooms {
    pub store: Store,
    pub accounts: Accounts,
    pub live: Live,
    pub readiness: Readiness,
    pub demo: Option<Demo>,
    pub turn: Option<Turn>,
    pub https: Option<HttpsListener>,
}

/// The listener with TLS.
pub(crate) struct HttpsListener {
    pub tls: Arc<Tls>,
    pub address: SocketAddr,
}

/// Settings of the media plane.
pub(crate) fn sfu(config: &Config) -> Result<SfuConfig> {
    let media = &config.media;
    Ok(SfuConfig {
        listen: media.listen.clone(),
        udp_port: media.udp_port,
        tcp: media.tcp,
        public_addresses: media.public_addresses.clone(),
        workers: usize::from(media.workers),
        pin_workers: media.pin_workers,
        max_load: media.max_load,
        max_viewers: media.max_viewers as usize,
        socket_buffer: usize::try_from(media.socket_buffer.0).context("media.socket_buffer is too large")?,
        engine: EngineConfig {
            ice: match media.ice {
                IceMode::Lite => sluice_sfu::IceMode::Lite,
                IceMode::Full => sluice_sfu::IceMode::Full,
            },
            connect_timeout: media.connect_timeout.0,
            idle_timeout: media.idle_timeout.0,
            playout_delay_min: media.playout_delay_min.0,
            playout_delay_max: media.playout_delay_max.0,
            coalesce: media.egress_coalesce.0,
            cache_bytes: usize::try_from(media.cache_size.0).unwrap_or(usize::MAX),
            cache_span: media.cache_span.0,
            cache_fresh: media.cache_fresh.0,
            ..EngineConfig::default()
        },
    })
}

/// Settings of the life of broadcasts.
pub(crate) fn live(config: &Config) -> LiveConfig {
    LiveConfig {
        gap: config.media.gap.0,
        max_sessions: config.media.max_sessions as usize,
        max_sessions_per_address: config.media.max_sessions_per_address,
        max_sessions_per_account: config.media.max_sessions_per_account,
        ..LiveConfig::default()
    }
}

/// Every public route with its layers. Cheap enough to be made anew by each reload.
pub(crate) fn public(config: &Config, rooms: &Rooms, proxies: &Proxies) -> Result<Router> {
    let public_url = public_url(config)?;
    let https_port = rooms.https.as_ref().map(|https| https.address.port());
    let signaling = SignalingConfig {
        public_url: public_url.clone(),
        ice_servers: ice_servers(config)?,
        relays: turn::relays(config, rooms.turn.as_ref(), https_port)?,
        lenient_if_match: config.media.lenient_if_match,
        rate_limit: rate_limit(config),
        ..SignalingConfig::default()
    };
    let api = ApiConfig {
        public_url,
        demo: rooms.demo.as_ref().map(demo),
        rate_limits: api_limits(config),
        host_doctor: host_doctor(config, &rooms.live),
        ..ApiConfig::default()
    };
    let (store, accounts, live) = (rooms.store.clone(), rooms.accounts.clone(), rooms.live.clone());
    let routes = sluice_signaling::router(live.clone(), signaling)
        .merge(sluice_api::router(store, accounts, live, api))
        .merge(health::routes(rooms.readiness.clone()));
    let routes = match &rooms.https {
        Some(https) => routes.merge(https.tls.routes()),
        None => routes,
    };
    let transport = transport(config, rooms.https.as_ref().map(|https| https.address.port()));
    Ok(http::public(routes, proxies.clone(), transport, request_timeout(config)))
}

/// What requests without TLS get, where https has this port.
fn transport(config: &Config, https: Option<u16>) -> Transport {
    let url = config.server.public_url.as_deref().filter(|url| url.starts_with("https://"));
    let url = url.map(|url| Https::Url(url.trim_end_matches('/').to_owned()));
    let plain = match (config.http.plain, https) {
        (PlainHttp::Serve, _) | (PlainHttp::Auto, None) => Plain::Served,
        (PlainHttp::Auto | PlainHttp::Loopback, Some(port)) => Plain::Sent(url.unwrap_or(Https::Port(port))),
        (PlainHttp::Loopback, None) => url.map_or(Plain::Refused, Plain::Sent),
    };
    let seconds = config.http.hsts.0.as_secs();
    let hsts = (seconds > 0).then(|| HeaderValue::from_str(&format!("max-age={seconds}")));
    Transport { plain, hsts: hsts.and_then(Result::ok) }
}

/// How long a request may take.
pub(crate) fn request_timeout(config: &Config) -> Duration {
    config.http.request_timeout.0
}

fn public_url(config: &Config) -> Result<Option<PublicUrl>> {
    config.server.public_url.as_deref().map(str::parse).transpose().context("`public_url` cannot be used")
}

fn ice_servers(config: &Config) -> Result<Vec<IceServer>> {
    let server = |server: &crate::config::IceServer| {
        let credential = server.credential.as_ref().map(|credential| &credential.0);
        IceServer::new(&server.url, server.username.as_deref(), credential)
            .with_context(|| format!("the ICE server {:?} cannot be used", server.url))
    };
    config.ice_servers.iter().map(server).collect()
}

fn rate_limit(config: &Config) -> Option<RateLimit> {
    let per_second = NonZeroU32::new(config.http.requests_per_second)?;
    let burst = NonZeroU32::new(config.http.request_burst)?;
    Some(RateLimit { per_second, burst })
}

/// What the API allows in a minute: an address, an account, and whoever signs in.
pub(crate) fn api_limits(config: &Config) -> RateLimits {
    let part = |divisor: u32| match config.http.api_requests_per_minute {
        0 => NonZeroU32::MAX,
        limit => NonZeroU32::new(limit / divisor).unwrap_or(NonZeroU32::MIN),
    };
    RateLimits { address: part(1), account: part(2), sign_in: part(10) }
}

/// Looks at this machine with what the running node announces.
fn host_doctor(config: &Config, live: &Live) -> HostDoctor {
    let (config, live) = (config.clone(), live.clone());
    HostDoctor::by(move || {
        let (config, announced) = (config.clone(), live.media_addresses());
        async move {
            let announced = announced.iter().map(std::net::SocketAddr::ip).collect();
            crate::doctor::host::facts(&config, Some(announced)).await
        }
    })
}

fn demo(demo: &Demo) -> sluice_api::Demo {
    sluice_api::Demo {
        email: demo.email.clone(),
        password: demo.password.clone(),
        stream: demo.stream.clone(),
        key: demo.key.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ProfileName, parse};

    // Requirements: R131, R410
    #[test]
    fn plain_http_depends_on_the_profile_the_key_and_whether_there_is_https() {
        let plain = |config: &Config, https| transport(config, https).plain;
        let dev = Config::default();
        assert_eq!(plain(&dev, None), Plain::Served);
        assert_eq!(plain(&dev, Some(8443)), Plain::Sent(Https::Port(8443)));
        let prod = Config::of(ProfileName::Prod);
        assert_eq!(plain(&prod, None), Plain::Refused);
        assert_eq!(plain(&prod, Some(443)), Plain::Sent(Https::Port(443)));
        let open = parse("profile = \"prod\"\n[http]\nplain = \"serve\"").unwrap();
        assert_eq!(plain(&open, None), Plain::Served);
        let proxied = parse("profile = \"prod\"\npublic_url = \"https://tv.example/\"").unwrap();
        assert_eq!(plain(&proxied, None), Plain::Sent(Https::Url("https://tv.example".to_owned())));
    }

    // Requirements: R388
    #[test]
    fn browsers_remember_https_as_long_as_the_configuration_says() {
        let hsts = |text: &str| transport(&parse(text).unwrap(), None).hsts;
        assert_eq!(hsts("").unwrap(), "max-age=31536000");
        assert_eq!(hsts("profile = \"staging\"").unwrap(), "max-age=3600");
        assert_eq!(hsts("[http]\nhsts = \"0s\""), None);
    }
}
