//! A real PostgreSQL server for tests: one that all tests share, and ones of their own for tests that stop it.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, Executor};
use tempfile::TempDir;

/// Slow enough for a busy machine; a server that is not there by then does not come.
const START: Duration = Duration::from_secs(60);

/// Everything off that only matters to who wants to keep the data.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_connections=400",
    "shared_buffers=64MB",
];

/// Where PostgreSQL's programs are: in `PATH`, or where Debian puts them.
///
/// # Panics
/// If they are nowhere, with a sentence that says what to do.
pub fn programs() -> PathBuf {
    let in_path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&in_path).collect();
    if let Ok(versions) = fs::read_dir("/usr/lib/postgresql") {
        let mut versions: Vec<PathBuf> =
            versions.filter_map(|entry| Some(entry.ok()?.path().join("bin"))).collect();
        versions.sort();
        folders.extend(versions.into_iter().rev());
    }
    let has_all = |folder: &PathBuf| ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file());
    folders.into_iter().find(has_all).expect(
        "PostgreSQL is not installed, and these tests need it: run `scripts/setup test`, \
         or set SLUICE_TEST_POSTGRES=off to test SQLite alone",
    )
}

/// A use of the server that all tests share. While one exists, the server stays.
pub(super) struct Lease {
    folder: PathBuf,
    /// Locked, shared, for as long as this process lives.
    _use: File,
}

impl Lease {
    /// None if tests on PostgreSQL are switched off.
    pub(super) fn take() -> Option<Self> {
        if std::env::var_os("SLUICE_TEST_POSTGRES").is_some_and(|value| value == "off") {
            return None;
        }
        let programs = programs();
        let user = fs::metadata("/proc/self").map_or(0, |process| {
            use std::os::unix::fs::MetadataExt;
            process.uid()
        });
        let folder = std::env::temp_dir().join(format!("sluice-test-postgres-{user}"));
        fs::create_dir_all(&folder).expect("a folder for PostgreSQL can be made");
        let used = open(&folder.join("used"));
        // Waits while a keeper is taking its server down.
        used.lock_shared().expect("a file can be locked");
        let starting = open(&folder.join("starting"));
        starting.lock().expect("a file can be locked");
        if !folder.join("socket/.s.PGSQL.5432").exists() || !folder.join("kept").exists() {
            start_shared(&programs, &folder);
        }
        Some(Self { folder, _use: used })
    }

    pub(super) fn url(&self, database: &str) -> String {
        socket_url(&self.folder.join("socket"), database)
    }

    pub(super) async fn create_database(&self, name: &str) {
        create_database(&self.url("postgres"), name).await;
    }
}

fn open(path: &Path) -> File {
    OpenOptions::new().create(true).truncate(false).write(true).open(path).expect("a lock file can be opened")
}

/// Stops the server once nobody has used it for some seconds: tests run one process after the other, and
/// between two there may be nobody for a moment. Who comes while it stops waits until it is down, and not
/// until its files are gone: they are moved aside first. What a killed keeper left of them, the next one removes.
const KEEPER: &str = r#"
cd / && "$@" & server=$!
idle=0
while [ $idle -lt 10 ] && kill -0 $server 2> /dev/null; do
    sleep 1
    exec 9> "$FOLDER/used"
    if flock --exclusive --nonblock 9; then idle=$((idle + 1)); else idle=0; fi
    [ $idle -lt 10 ] && exec 9>&-
done
rm -f "$FOLDER/kept"
kill -INT $server 2> /dev/null
wait $server
# Where the server ended by itself nothing is locked, and these may be the next one's by now.
if [ $idle -ge 10 ]; then
    rm -rf "$FOLDER/socket"
    mv "$FOLDER/data" "$FOLDER/old-$$"
    exec 9>&-
fi
rm -rf "$FOLDER"/old-*
"#;

fn start_shared(programs: &Path, folder: &Path) {
    for old in ["data", "socket"] {
        let _ = fs::remove_dir_all(folder.join(old));
    }
    let cluster = Cluster::make(programs, folder);
    let mut keeper = Command::new("setsid");
    keeper.args(["sh", "-c", KEEPER, "keeper"]).args(cluster.command()).env("FOLDER", folder);
    let log = File::create(folder.join("log")).expect("a log can be written");
    keeper.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    let mut keeper = keeper.spawn().expect("setsid and sh are there");
    fs::write(folder.join("kept"), keeper.id().to_string()).expect("a file can be written");
    wait_for(&cluster.socket(), &mut keeper, &folder.join("log"));
}

/// A cluster in a folder: `data` and `socket`.
struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
}

impl Cluster {
    fn make(programs: &Path, folder: &Path) -> Self {
        let cluster = Self { programs: programs.to_owned(), folder: folder.to_owned() };
        for name in ["data", "socket"] {
            let path = folder.join(name);
            fs::create_dir_all(&path).expect("a folder for PostgreSQL can be made");
            if is_root() {
                run(Command::new("chown").arg("postgres").arg(&path));
            }
        }
        let mut initdb = as_server(&programs.join("initdb"));
        initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        run(initdb.arg("--pgdata").arg(folder.join("data")).current_dir("/"));
        cluster
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }

    /// The command line that runs the server in the foreground.
    fn command(&self) -> Vec<std::ffi::OsString> {
        let program = self.programs.join("postgres");
        let mut command = as_server(&program);
        command.arg("-D").arg(self.folder.join("data")).arg("-k").arg(self.socket());
        for setting in SETTINGS {
            command.arg("-c").arg(setting);
        }
        std::iter::once(command.get_program()).chain(command.get_args()).map(OsStr::to_owned).collect()
    }
}

/// A server of a test's own, which it may stop and start. Gone with this value, or with the process.
pub struct Server {
    cluster: Cluster,
    running: Option<Child>,
    folder: TempDir,
}

impl Server {
    /// Starts one. None if `SLUICE_TEST_POSTGRES=off`.
    ///
    /// # Panics
    /// If PostgreSQL is not installed, with a sentence that says what to do.
    pub fn start_own() -> Option<Self> {
        if std::env::var_os("SLUICE_TEST_POSTGRES").is_some_and(|value| value == "off") {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder for PostgreSQL can be made");
        if is_root() {
            run(Command::new("chmod").arg("0755").arg(folder.path()));
        }
        let cluster = Cluster::make(&programs(), folder.path());
        let mut server = Self { cluster, running: None, folder };
        server.start();
        Some(server)
    }

    /// Starts it again.
    pub fn start(&mut self) {
        // The shell waits for its input to end, which it does when this process does.
        let script =
            "cd / && \"$@\" < /dev/null & server=$!\ncat > /dev/null; kill -INT $server; wait $server";
        let log = self.folder.path().join("log");
        let output = File::create(&log).expect("a log can be written");
        let mut keeper = Command::new("sh");
        keeper.args(["-c", script, "keeper"]).args(self.cluster.command());
        let mut keeper = keeper
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(output)
            .spawn()
            .expect("there is a shell");
        wait_for(&self.cluster.socket(), &mut keeper, &log);
        self.running = Some(keeper);
    }

    /// Stops it; connections break.
    pub fn stop(&mut self) {
        if let Some(mut keeper) = self.running.take() {
            drop(keeper.stdin.take());
            keeper.wait().expect("the shell ends with its server");
        }
    }

    /// Makes a database in it. Its address.
    pub async fn database(&self, name: &str) -> String {
        create_database(&socket_url(&self.cluster.socket(), "postgres"), name).await;
        socket_url(&self.cluster.socket(), name)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The address of a database behind a socket. Of a process that died its id may come again, and with it the
/// name of a database: whoever makes one removes an old one.
fn socket_url(socket: &Path, database: &str) -> String {
    format!("postgres://postgres@localhost/{database}?host={}&sslmode=disable", socket.display())
}

async fn create_database(url: &str, name: &str) {
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(url).await.expect("the server of the tests answers");
    for text in
        [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name} TEMPLATE template0")]
    {
        connection.execute(AssertSqlSafe(text)).await.expect("a database for a test can be made");
    }
    connection.close().await.expect("a connection closes");
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// A program of PostgreSQL; it refuses to run as root.
fn as_server(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command
}

fn run(command: &mut Command) {
    let done = command.output().expect("a program of PostgreSQL runs");
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Waits until a server accepts connections.
fn wait_for(socket: &Path, keeper: &mut Child, log: &Path) {
    let file = socket.join(".s.PGSQL.5432");
    let begun = Instant::now();
    while !ready(&file, log) {
        let log = || fs::read_to_string(log).unwrap_or_default();
        assert!(keeper.try_wait().is_ok_and(|end| end.is_none()), "PostgreSQL ended: {}", log());
        assert!(begun.elapsed() < START, "PostgreSQL does not start: {}", log());
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn ready(file: &Path, log: &Path) -> bool {
    std::os::unix::net::UnixStream::connect(file).is_ok()
        && fs::read_to_string(log).is_ok_and(|log| log.contains("ready to accept connections"))
}
