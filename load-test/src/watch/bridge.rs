//! A connection to the server in place of UDP (ICE-TCP, RFC 6544), for `--tcp`.
//!
//! The viewer speaks UDP to a socket of this process, and what passes there goes framed (RFC 4571) over one
//! connection, both ways: for ICE that is a NAT that changes the transport, too.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpStream, UdpSocket};
use tokio::task::JoinSet;

/// Connects to `server`; whoever sends to the address that this returns sends to it. It ends with `tasks`.
pub(crate) async fn open(
    local: IpAddr,
    viewer: SocketAddr,
    server: SocketAddr,
    tasks: &mut JoinSet<()>,
) -> Result<SocketAddr> {
    let stream = TcpStream::connect(server).await.with_context(|| format!("connecting to TCP {server}"))?;
    stream.set_nodelay(true).context("preparing a connection")?;
    let socket = UdpSocket::bind((local, 0)).await.context("opening a UDP socket")?;
    socket.connect(viewer).await.context("preparing a UDP socket")?;
    let address = socket.local_addr().context("preparing a UDP socket")?;
    let (reader, writer) = stream.into_split();
    tasks.spawn(async move {
        // Whichever side ends first ends both: the viewer notices by ICE.
        tokio::select! {
            () = to_server(&socket, writer) => {}
            () = to_viewer(reader, &socket) => {}
        }
    });
    Ok(address)
}

async fn to_server(socket: &UdpSocket, mut writer: OwnedWriteHalf) {
    let mut frame = vec![0; 2 + usize::from(u16::MAX)];
    loop {
        let Ok(length) = socket.recv(&mut frame[2..]).await else { return };
        let Ok(short) = u16::try_from(length) else { return };
        frame[..2].copy_from_slice(&short.to_be_bytes());
        if writer.write_all(&frame[..2 + length]).await.is_err() {
            return;
        }
    }
}

async fn to_viewer(mut reader: OwnedReadHalf, socket: &UdpSocket) {
    let mut datagram = vec![0; usize::from(u16::MAX)];
    loop {
        let Ok(length) = reader.read_u16().await else { return };
        let datagram = &mut datagram[..usize::from(length)];
        if reader.read_exact(datagram).await.is_err() || socket.send(datagram).await.is_err() {
            return;
        }
    }
}
