//! Who runs where: processors for the server and the load, and the network between them.

use std::fs::File;
use std::net::IpAddr;
use std::os::fd::AsFd as _;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::Pid;
use rustix::thread::{
    CpuSet, LinkNameSpaceType, move_into_link_name_space, sched_getaffinity, sched_setaffinity,
};

use crate::cli::bench::{Bench, Network};

/// Processors of both sides, and the network.
pub(crate) struct Machine {
    pub(crate) server_cpus: Vec<usize>,
    pub(crate) load_cpus: Vec<usize>,
    /// Where the server listens.
    pub(crate) address: IpAddr,
    veth: Option<Veth>,
}

impl Machine {
    /// Chooses processors and builds the network.
    pub(crate) fn set_up(args: &Bench) -> Result<Self> {
        let allowed = sched_getaffinity(None).context("asking for the processors")?;
        let all: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|cpu| allowed.is_set(*cpu)).collect();
        let server_cpus = match &args.server_cpus {
            Some(cpus) => cpus.0.clone(),
            None => all.iter().take(1).copied().collect(),
        };
        let load_cpus = match &args.load_cpus {
            Some(cpus) => cpus.0.clone(),
            None => {
                let rest: Vec<usize> = all.iter().filter(|cpu| !server_cpus.contains(cpu)).copied().collect();
                if rest.is_empty() { all.clone() } else { rest }
            }
        };
        for cpu in server_cpus.iter().chain(&load_cpus) {
            ensure!(all.contains(cpu), "there is no processor {cpu} for this process");
        }
        let veth = match args.network {
            Network::Loopback => None,
            Network::Veth => Some(Veth::create(args.veth_address, &load_cpus)?),
        };
        let address = match args.network {
            Network::Loopback => IpAddr::from([127, 0, 0, 1]),
            Network::Veth => args.veth_address,
        };
        Ok(Self { server_cpus, load_cpus, address, veth })
    }

    /// Whether both sides have processors of their own.
    pub(crate) fn is_separate(&self) -> bool {
        !self.server_cpus.iter().any(|cpu| self.load_cpus.contains(cpu))
    }

    /// How many processors both sides have together.
    pub(crate) fn cpus(&self) -> usize {
        self.server_cpus.iter().filter(|cpu| !self.load_cpus.contains(cpu)).count() + self.load_cpus.len()
    }

    /// Moves this thread, and all it will start, to the server's side.
    pub(crate) fn enter_server_side(&self) -> Result<()> {
        if let Some(veth) = &self.veth {
            enter(&veth.outside)?;
        }
        pin(&self.server_cpus)
    }

    /// Moves this thread, and all it will start, to the load's side.
    pub(crate) fn enter_load_side(&self) -> Result<()> {
        if let Some(veth) = &self.veth {
            enter(&veth.inside)?;
        }
        pin(&self.load_cpus)
    }
}

fn pin(cpus: &[usize]) -> Result<()> {
    let mut set = CpuSet::new();
    cpus.iter().for_each(|cpu| set.set(*cpu));
    sched_setaffinity(None, &set).with_context(|| format!("moving to the processors {cpus:?}"))
}

fn enter(name_space: &File) -> Result<()> {
    move_into_link_name_space(name_space.as_fd(), Some(LinkNameSpaceType::Network))
        .context("changing the network namespace")
}

/// A pair of virtual devices; one end is in a network namespace of its own.
struct Veth {
    name: String,
    outside: File,
    inside: File,
}

impl Veth {
    fn create(address: IpAddr, load_cpus: &[usize]) -> Result<Self> {
        let IpAddr::V4(address) = address else { bail!("the veth pair needs an IPv4 address") };
        let peer = std::net::Ipv4Addr::from_bits(address.to_bits() + 1);
        let id = std::process::id();
        let (name, outer, inner) = (format!("sluice-load-{id}"), format!("sl{id}o"), format!("sl{id}i"));
        let outside = File::open("/proc/thread-self/ns/net").context("opening the network namespace")?;
        ip(&["netns", "add", &name]).context("creating a network namespace needs root")?;
        // From here on dropping cleans up.
        let path = format!("/run/netns/{name}");
        let inside = File::open(&path).with_context(|| format!("opening {path}"))?;
        let veth = Self { name: name.clone(), outside, inside };
        ip(&["link", "add", &outer, "type", "veth", "peer", "name", &inner, "netns", &name])?;
        ip(&["addr", "add", &format!("{address}/30"), "dev", &outer])?;
        ip(&["link", "set", &outer, "up"])?;
        ip(&["-n", &name, "addr", "add", &format!("{peer}/30"), "dev", &inner])?;
        ip(&["-n", &name, "link", "set", &inner, "up"])?;
        ip(&["-n", &name, "link", "set", "lo", "up"])?;
        veth.receive_elsewhere(&outer, &inner, load_cpus)?;
        Ok(veth)
    }

    /// The receiver's half of the kernel runs on a thread of its own on the load's processors, as on another
    /// machine: the sender hands packets over to a ring, as to a network card, and does not wait for anybody to
    /// wake up. Where the ring is full, packets wait in the queue of the sender's device.
    fn receive_elsewhere(&self, outer: &str, inner: &str, load_cpus: &[usize]) -> Result<()> {
        let inside = |command: &[&str]| ip(&[&["netns", "exec", &self.name], command].concat());
        // There is a ring only where the receiving end may join packets (GRO) and the sending end does not offer
        // to leave TCP's in one piece.
        inside(&["ethtool", "-K", inner, "gro", "on"]).context("a veth pair needs `ethtool`")?;
        run("ethtool", &["-K", outer, "tso", "off"])?;
        run("tc", &["qdisc", "replace", "dev", outer, "root", "pfifo", "limit", QUEUED])?;
        inside(&["sh", "-c", &format!("echo 1 > /sys/class/net/{inner}/threaded")])?;
        let mut cpus = CpuSet::new();
        load_cpus.iter().for_each(|cpu| cpus.set(*cpu));
        for thread in kernel_threads(&format!("napi/{inner}-"))? {
            sched_setaffinity(Some(thread), &cpus).context("moving the receiving thread of the veth pair")?;
            // It takes turns with the load instead of interrupting it for every packet.
            run("chrt", &["--batch", "--pid", "0", &thread.as_raw_nonzero().to_string()])?;
        }
        Ok(())
    }
}

/// Packets that wait for a receiver that has no time right now, at most: more than a fan-out of a picture.
const QUEUED: &str = "10000";

/// Threads of the kernel whose names begin so.
fn kernel_threads(name: &str) -> Result<Vec<Pid>> {
    let mut threads = Vec::new();
    for entry in std::fs::read_dir("/proc").context("reading /proc")? {
        let path = entry.context("reading /proc")?.path();
        let pid = path.file_name().and_then(|pid| pid.to_str()?.parse().ok()).and_then(Pid::from_raw);
        // One that ended meanwhile has no name.
        let named = std::fs::read_to_string(path.join("comm")).is_ok_and(|comm| comm.starts_with(name));
        threads.extend(pid.filter(|_| named));
    }
    ensure!(!threads.is_empty(), "the kernel has no thread {name}: it cannot receive on a thread of its own");
    Ok(threads)
}

impl Drop for Veth {
    fn drop(&mut self) {
        // The pair goes with the namespace, once this process has left it too.
        if let Err(error) = ip(&["netns", "del", &self.name]) {
            tracing::warn!("{error:#}");
        }
    }
}

fn ip(arguments: &[&str]) -> Result<()> {
    run("ip", arguments)
}

fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let output =
        Command::new(program).args(arguments).output().with_context(|| format!("running `{program}`"))?;
    ensure!(
        output.status.success(),
        "`{program} {}` failed: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}
