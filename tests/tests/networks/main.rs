//! Ten networks as they are, made of namespaces, nftables, tc and a proxy: in each somebody opens the player in
//! Chromium and sees the picture, by the way that the network leaves, and `sluice doctor` says what is wrong with it
//! and nothing else. Where this cannot be (it needs root and a kernel that lets it) each test says that it is skipped.

mod doctor;
mod person;
mod scene;

use anyhow::ensure;
use scene::{MEDIA, Scene, network, tell};
use sluice_e2e::netns::{FRONT, SERVER, SERVER6};

/// Pictures after which somebody says that it plays: three seconds.
const PICTURES: u32 = 90;

/// The NAT of a home or an office.
const MASQUERADE: &str = "chain out { type nat hook postrouting priority 100; oifname far masquerade; }";

/// A NAT that gives each path a port of chance.
const SYMMETRIC: &str =
    "chain out { type nat hook postrouting priority 100; oifname far masquerade random,fully-random; }";

/// The longest that the picture may stand when a NAT forgets, as it is aimed at and at worst, in milliseconds.
const GAP_MS: f64 = 500.0;
const WORST_GAP_MS: f64 = 4000.0;

/// A home or an office that lets some things not out.
fn firewall(drops: &str) -> String {
    format!("{MASQUERADE}\nchain between {{ type filter hook forward priority 0; {drops} }}")
}

// Requirements: R77
#[tokio::test]
async fn where_nothing_is_in_the_way_media_goes_over_udp() -> anyhow::Result<()> {
    let Some(network) = network()? else { return Ok(()) };
    let scene = Scene::usual(network).await?;
    let (seen, found) = tokio::try_join!(scene.watch(PICTURES), scene.examine(&["--quick"]))?;
    tell("open", &seen);
    seen.came_over("udp")?;
    found.is("udp", &[])
}

// Requirements: R77
#[tokio::test]
async fn where_udp_is_blocked_media_goes_over_tcp() -> anyhow::Result<()> {
    let Some(network) = network()? else { return Ok(()) };
    network.filter(&firewall("iifname near meta l4proto udp drop;"))?;
    let scene = Scene::usual(network).await?;
    let (seen, found) = tokio::try_join!(scene.watch(PICTURES), scene.examine(&["--quick"]))?;
    tell("UDP blocked", &seen);
    seen.came_over("tcp")?;
    found.is("tcp", &["udp_blocked"])
}

// Requirements: R77
#[tokio::test]
async fn where_only_443_is_open_media_goes_through_the_relay_over_tls() -> anyhow::Result<()> {
    let Some(network) = network()? else { return Ok(()) };
    network
        .filter(&firewall("iifname near meta l4proto != tcp drop; iifname near tcp dport != 443 drop;"))?;
    let scene = Scene::usual(network).await?;
    let (seen, found) = tokio::try_join!(scene.watch(PICTURES), scene.examine(&["--quick"]))?;
    tell("only 443 open", &seen);
    seen.came_through_the_relay()?;
    found.is("relay", &["only_relay"])
}

#[tokio::test]
async fn behind_a_symmetric_nat_media_goes_over_udp() -> anyhow::Result<()> {
    let Some(network) = network()? else { return Ok(()) };
    network.filter(SYMMETRIC)?;
    let scene = Scene::usual(network).await?;
    let (seen, found) = tokio::try_join!(scene.watch(PICTURES), scene.examine(&["--quick"]))?;
    tell("symmetric NAT", &seen);
    seen.came_over("udp")?;
    found.is("udp", &["symmetric_nat"])
}

#[tokio::test]
async fn a_server_behind_nat_is_reached_by_the_one_port_of_media_that_is_forwarded() -> anyhow::Result<()> {
    let Some(network) = network()? else { return Ok(()) };
    // As routers do, this one also leads those inside who ask for its own address back inside.
    network.filter(&format!(
        "chain in {{ type nat hook prerouting priority -100;
           ip daddr {FRONT} tcp dport {{ 443, {MEDIA} }} dnat ip to {SERVER};
           ip daddr {FRONT} udp dport {MEDIA} dnat ip to {SERVER}; }}
         chain out {{ type nat hook postrouting priority 100; iifname far oifname far masquerade; }}
         chain between {{ type filter hook forward priority 0; ct status dnat accept; iifname near drop; }}"
    ))?;
    let scene = Scene::set(network, FRONT).await?;
    let (seen, found) = tokio::try_join!(scene.watch(PICTURES), scene.examine(&["--quick"]))?;
    tell("server behind NAT", &seen);
    seen.came_over("udp")?;
    // Its relay is on, and nobody forwarded that one's port.
    found.is("udp", &["relay_unreachable"])
}

#[tokio::test]
async fn a_viewer_whose_nat_forgets_goes_on_watching() -> anyhow::Result<()> {
    let Some(network) = network()? else { return Ok(()) };
    network.filter(MASQUERADE)?;
    let scene = Scene::usual(network).await?;
    scene.examine(&["--quick"]).await?.is("udp", &[])?;
    // A machine that does something else at the same time stalls browsers too; a viewer who is not followed
    // stands every time.
    let mut gaps = Vec::new();
    for (old, new) in [(1, 3), (3, 4), (4, 5)] {
        let mut person = scene.person()?;
        person.sees(PICTURES).await?.came_over("udp")?;
        scene.network.forget(old, new)?;
        let seen = person.sees(PICTURES).await?;
        tell("NAT rebinding", &seen);
        seen.came_over("udp")?;
        gaps.push(seen.longest_ms);
        if seen.longest_ms <= GAP_MS {
            break;
        }
    }
    ensure!(gaps.iter().all(|gap| *gap <= WORST_GAP_MS), "the picture stood for {gaps:?} ms");
    ensure!(gaps.iter().any(|gap| *gap <= GAP_MS), "the picture stood for {gaps:?} ms");
    Ok(())
}

#[tokio::test]
async fn a_tenth_lost_and_a_tenth_of_a_second_of_delay_are_repaired() -> anyhow::Result<()> {
    let Some(network) = network()? else { return Ok(()) };
    network.filter(&format!(
        "chain in {{ type nat hook prerouting priority -100; iifname near udp dport {MEDIA} redirect to :{MEDIA}; }}"
    ))?;
    let _proxy = scene::impair(&network, r#"{"loss":0.1,"delay_ms":50}"#)?;
    let scene = Scene::usual(network).await?;
    let seen = scene.watch(PICTURES).await?;
    tell("10 % loss, 100 ms", &seen);
    seen.came_over("udp")?;
    // Whoever watches at the same time changes what is measured.
    let found = scene.examine(&[]).await?;
    // The proxy is a NAT of its own, with another port than the router has for everything else.
    found.is("udp", &["high_loss", "symmetric_nat"])
}

#[tokio::test]
async fn where_there_is_only_ipv6_media_goes_over_udp() -> anyhow::Result<()> {
    let Some(network) = network()? else { return Ok(()) };
    network.without_ipv4()?;
    let scene = Scene::set(network, SERVER6).await?;
    let (seen, found) = tokio::try_join!(scene.watch(PICTURES), scene.examine(&["--quick"]))?;
    tell("IPv6 only", &seen);
    seen.came_over("udp")?;
    found.is("udp", &[])
}

#[tokio::test]
async fn a_path_of_1280_bytes_carries_every_packet() -> anyhow::Result<()> {
    let Some(network) = network()? else { return Ok(()) };
    network.shorten(1280)?;
    let scene = Scene::usual(network).await?;
    let seen = scene.watch(PICTURES).await?;
    tell("MTU 1280", &seen);
    seen.came_over("udp")?;
    scene.examine(&[]).await?.is("udp", &[])
}

#[tokio::test]
async fn a_narrow_link_gets_a_smaller_picture() -> anyhow::Result<()> {
    let Some(network) = network()? else { return Ok(()) };
    network.squeeze(1_000)?;
    let scene = Scene::usual(network).await?;
    let mut person = scene.person()?;
    let mut seen = person.sees(PICTURES).await?;
    // The tallest layer is tried first. What is measured by then tells that it does not fit.
    for _ in 0..10 {
        if seen.height < scene::TALLEST {
            break;
        }
        seen = person.sees(PICTURES / 3).await?;
    }
    person.leaves().await?;
    tell("1 Mbit/s", &seen);
    seen.came_over("udp")?;
    ensure!(seen.height < scene::TALLEST, "{seen:?}");
    // What it measures would be less while somebody watches.
    scene.examine(&[]).await?.is("udp", &["downlink_too_slow"])
}
