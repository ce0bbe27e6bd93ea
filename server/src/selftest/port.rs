//! Why a port could not be opened: who has it, as far as /proc tells.

use std::fs;
use std::io::ErrorKind;
use std::net::SocketAddr;

use super::refused;

/// The sentence for a port that could not be opened. `key` is the configuration key to change.
pub(super) fn explain(
    protocol: &'static str,
    address: SocketAddr,
    key: &str,
    error: &std::io::Error,
) -> anyhow::Error {
    let port = address.port();
    let text = match error.kind() {
        ErrorKind::AddrInUse => {
            let owner =
                owner(protocol, port).map_or_else(|| "another program".to_owned(), |owner| owner.to_string());
            format!("{protocol} port {port} is taken by {owner}. Stop that, or set `{key}` to another port")
        }
        ErrorKind::PermissionDenied => format!(
            "{protocol} port {port} may not be opened by this user. Ports below 1024 need root or \
             CAP_NET_BIND_SERVICE; or set `{key}` to a higher one"
        ),
        ErrorKind::AddrNotAvailable => {
            format!("{} is not an address of this machine. Set `{key}` to one that is", address.ip())
        }
        _ => format!("{protocol} {address} cannot be opened (`{key}`)"),
    };
    refused(text, error)
}

/// A process that has a port open.
struct Owner {
    pid: u32,
    name: String,
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (process {})", self.name, self.pid)
    }
}

/// The name of the program that has a port open, as far as this user may see it.
pub(super) fn owner_name(protocol: &'static str, port: u16) -> Option<String> {
    owner(protocol, port).map(|owner| owner.name)
}

/// Finds the socket by port in /proc/net, then the process that holds it. Other users' processes
/// are visible to root only.
fn owner(protocol: &str, port: u16) -> Option<Owner> {
    let table = protocol.to_ascii_lowercase();
    let inode = [table.clone(), format!("{table}6")].iter().find_map(|table| inode(table, port))?;
    let link = format!("socket:[{inode}]");
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()).find_map(|pid| {
        let mut files = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.flatten();
        files.find(|file| {
            fs::read_link(file.path()).is_ok_and(|target| target.as_os_str() == link.as_str())
        })?;
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?.trim().to_owned();
        Some(Owner { pid, name })
    })
}

/// Inode of the socket that listens on a port: fields 2 (local address), 4 (state) and 10.
fn inode(table: &str, port: u16) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/net/{table}")).ok()?;
    text.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (_, hex) = fields.get(1)?.rsplit_once(':')?;
        let state = *fields.get(3)?;
        // 0A: a listening TCP socket; 07: any unconnected UDP socket.
        let waits = matches!(state, "0A" | "07");
        (waits && u16::from_str_radix(hex, 16) == Ok(port)).then(|| fields.get(9)?.parse().ok())?
    })
}
