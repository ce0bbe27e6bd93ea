//! A viewer, a router and a server, each a network namespace of its own, so that what lies between them can be as bad
//! as networks are. Needs root and a kernel that lets it.
//!
//! ```text
//!   viewer ──────── 198.51.100.0/24 ──────── router ──────── 203.0.113.0/24 ──────── server
//!     .2            2001:db8:1::/64      .1  NAT,  .1        2001:db8:2::/64           .2
//!                                           filters
//! ```

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, ensure};
use rustix::process::{Pid, Signal, kill_process};

/// The server's address.
pub const SERVER: &str = "203.0.113.2";
/// The same of IPv6.
pub const SERVER6: &str = "2001:db8:2::2";
/// The router's address on the viewer's side: that of a server behind NAT.
pub const FRONT: &str = "198.51.100.1";

/// The first letters of the names of all namespaces of ours; the id of the test's process follows.
const PREFIX: &str = "sluice-";

/// The namespaces of a network: viewer, router, server.
const ENDS: [char; 3] = ['v', 'r', 's'];

/// Why these tests cannot run on this machine, if they cannot.
///
/// # Errors
/// When a tool is missing that `scripts/setup test` installs: that is no reason to skip a test.
pub fn missing() -> anyhow::Result<Option<String>> {
    static CHECKED: OnceLock<Option<String>> = OnceLock::new();
    // Others need not even have the tools where they can be found.
    if !rustix::process::geteuid().is_root() {
        return Ok(Some("this takes root".to_owned()));
    }
    for (tool, version) in [("ip", "-V"), ("tc", "-V"), ("nft", "-v")] {
        run(Command::new(tool).arg(version)).context("scripts/setup test installs iproute2 and nftables")?;
    }
    let check = || {
        // Everything that the tests use: a container may allow namespaces and have no NAT.
        let attempt = || {
            let network = Network::lay()?;
            network
                .filter("chain out { type nat hook postrouting priority 100; oifname far masquerade; }")?;
            network.squeeze(1_000)
        };
        attempt().err().map(|error: anyhow::Error| format!("{error:#}"))
    };
    Ok(CHECKED.get_or_init(check).clone())
}

/// Three namespaces and the two links between them; gone when dropped, with all that runs in them.
#[derive(Debug)]
pub struct Network {
    name: String,
}

impl Network {
    /// Makes them. The router forwards everything.
    pub fn lay() -> anyhow::Result<Self> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        sweep()?;
        let name = format!("{PREFIX}{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let network = Self { name };
        for end in ENDS {
            // What a killed run left may have the same name: ids of processes come again.
            remove(&network.of(end));
            ip(&["netns", "add", &network.of(end)])?;
            ip(&["-n", &network.of(end), "link", "set", "lo", "up"])?;
            // Addresses are ready with their links, and not a second later: browsers drop what they are loading when
            // an address appears.
            let ready = "cd /proc/sys/net/ipv6/conf; echo 0 > all/accept_dad; echo 0 > default/accept_dad";
            run(network.command(end, "sh").args(["-ec", ready]))?;
        }
        network.connect('v', "near", "198.51.100", "2001:db8:1:")?;
        network.connect('s', "far", "203.0.113", "2001:db8:2:")?;
        let forward =
            "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding";
        run(network.router("sh").args(["-ec", forward]))?;
        network.filter("")?;
        Ok(network)
    }

    /// A link from `out` of one end to an interface of the router.
    fn connect(&self, end: char, router_link: &str, four: &str, six: &str) -> anyhow::Result<()> {
        let (end, router) = (self.of(end), self.of('r'));
        let peer = ["type", "veth", "peer", "name", router_link, "netns", &router];
        ip(&[&["-n", &end, "link", "add", "out"][..], &peer].concat())?;
        for (space, link, host) in [(&end, "out", 2), (&router, router_link, 1)] {
            ip(&["-n", space, "addr", "add", &format!("{four}.{host}/24"), "dev", link])?;
            ip(&["-n", space, "addr", "add", &format!("{six}:{host}/64"), "dev", link, "nodad"])?;
            ip(&["-n", space, "link", "set", link, "up"])?;
        }
        ip(&["-n", &end, "route", "add", "default", "via", &format!("{four}.1")])?;
        ip(&["-n", &end, "-6", "route", "add", "default", "via", &format!("{six}:1")])
    }

    fn of(&self, end: char) -> String {
        format!("{}{end}", self.name)
    }

    fn command(&self, end: char, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.of(end), program]);
        command
    }

    /// A program where the viewer is.
    pub fn viewer(&self, program: &str) -> Command {
        self.command('v', program)
    }

    /// A program where the router is.
    pub fn router(&self, program: &str) -> Command {
        self.command('r', program)
    }

    /// A program where the server is.
    pub fn server(&self, program: &str) -> Command {
        self.command('s', program)
    }

    /// What to put in front of the server's command.
    pub fn server_words(&self) -> Vec<String> {
        ["ip", "netns", "exec", &self.of('s')].map(str::to_owned).to_vec()
    }

    /// Replaces the router's rules: chains of a table, in the words of `nft`.
    pub fn filter(&self, chains: &str) -> anyhow::Result<()> {
        let rules = format!("flush ruleset\ntable inet t {{\n{chains}\n}}\n");
        let mut nft = self.router("nft").args(["-f", "-"]).stdin(Stdio::piped()).spawn().context("nft")?;
        nft.stdin.take().context("nft has no input")?.write_all(rules.as_bytes())?;
        ensure!(nft.wait()?.success(), "nft does not take\n{rules}");
        Ok(())
    }

    /// The router's NAT forgets: what comes next from inside has another address outside, `203.0.113.{new}`.
    pub fn forget(&self, old: u8, new: u8) -> anyhow::Result<()> {
        // The kernel drops the mappings of an address that is taken away. A secondary address goes with its
        // primary, unless it is told to take its place.
        let (router, [old, new]) = (self.of('r'), [old, new].map(|host| format!("203.0.113.{host}/24")));
        run(self.router("sh").args(["-ec", "echo 1 > /proc/sys/net/ipv4/conf/far/promote_secondaries"]))?;
        ip(&["-n", &router, "addr", "add", &new, "dev", "far"])?;
        ip(&["-n", &router, "addr", "del", &old, "dev", "far"])
    }

    /// Sets the largest packet of the viewer's link.
    pub fn shorten(&self, mtu: u32) -> anyhow::Result<()> {
        ip(&["-n", &self.of('v'), "link", "set", "out", "mtu", &mtu.to_string()])?;
        ip(&["-n", &self.of('r'), "link", "set", "near", "mtu", &mtu.to_string()])
    }

    /// Lets so many kbit/s through to the viewer; a fifth of a second waits, what is more is lost.
    pub fn squeeze(&self, kbits: u32) -> anyhow::Result<()> {
        let rate = format!("{kbits}kbit");
        let shape = ["root", "tbf", "rate", &rate, "burst", "10kb", "latency", "200ms"];
        run(self.router("tc").args(["qdisc", "replace", "dev", "near"]).args(shape))
    }

    /// Leaves the viewer and the server with one kind of address.
    pub fn without_ipv4(&self) -> anyhow::Result<()> {
        for end in ['v', 's'] {
            ip(&["-n", &self.of(end), "-4", "addr", "flush", "dev", "out"])?;
        }
        Ok(())
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for end in ENDS {
            remove(&self.of(end));
        }
    }
}

/// Removes the namespaces of tests that were killed.
fn sweep() -> anyhow::Result<()> {
    let listed = Command::new("ip").args(["netns", "list"]).output().context("ip netns list")?;
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    for name in text.lines().filter_map(|line| line.split_whitespace().next()) {
        let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        let gone = |owner: &str| owner.parse::<u32>().is_ok() && !Path::new("/proc").join(owner).exists();
        if owner.is_some_and(gone) {
            remove(name);
        }
    }
    Ok(())
}

/// Removes a namespace and ends what still runs in it.
fn remove(name: &str) {
    let inside = Command::new("ip").args(["netns", "pids", name]).stderr(Stdio::null()).output();
    let text = inside.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    for pid in text.lines().filter_map(|line| line.trim().parse().ok()).filter_map(Pid::from_raw) {
        let _already_ended = kill_process(pid, Signal::KILL);
    }
    let _never_made = ip(&["netns", "del", name]);
}

fn ip(arguments: &[&str]) -> anyhow::Result<()> {
    run(Command::new("ip").args(arguments))
}

/// Runs a command to its end; what it said where it failed.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}
