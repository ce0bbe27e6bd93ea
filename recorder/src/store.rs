//! Where finished files are kept: a folder or a bucket.
//!
//! ```text
//!   {prefix}/recordings/{recording}/raw/index.json          last of all: with it the recording is whole
//!                                  /raw/{rendition}/init-0.mp4, seg-0.m4s, …
//!                                  /processed/…             what was made of it
//! ```

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::aws::AmazonS3Builder;
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, RetryConfig};
use sluice_domain::RecordingId;

use crate::config::{S3Config, StoreConfig};
use crate::error::StoreError;
use crate::name::{FileName, Rendition, is_plain_path};

/// An object that is being read.
pub struct Object {
    /// Length of the whole object.
    pub size: u64,
    /// The part of it that `body` has.
    pub range: Range<u64>,
    /// The bytes, as they come.
    pub body: BoxStream<'static, Result<Bytes, io::Error>>,
}

impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Object").field("size", &self.size).field("range", &self.range).finish_non_exhaustive()
    }
}

/// Bytes of an object that are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteRange {
    /// From here to before there.
    Bounded(u64, u64),
    /// From here to the end.
    From(u64),
    /// So many at the end.
    Last(u64),
}

/// The store of finished files.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
    /// Where a local store is: its files are linked and not copied.
    folder: Option<PathBuf>,
}

impl Store {
    pub(crate) fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        match config {
            StoreConfig::Local(folder) => {
                fs::create_dir_all(folder).map_err(StoreError::File)?;
                let objects = LocalFileSystem::new_with_prefix(folder)
                    .map_err(StoreError::Refused)?
                    .with_automatic_cleanup(true);
                Ok(Self { objects: Arc::new(objects), prefix: Path::default(), folder: Some(folder.clone()) })
            }
            StoreConfig::S3(config) => {
                let prefix = Path::parse(&config.prefix)
                    .map_err(|_| StoreError::Name { name: config.prefix.clone() })?;
                let objects = bucket(config).map_err(StoreError::Refused)?;
                Ok(Self { objects: Arc::new(objects), prefix, folder: None })
            }
        }
    }

    /// The key of a file that was recorded.
    pub(crate) fn raw(&self, recording: RecordingId, rendition: Rendition, name: FileName) -> Path {
        self.of(recording).join("raw").join(rendition.to_string()).join(name.to_string())
    }

    /// The key of a recording's index.
    pub(crate) fn index(&self, recording: RecordingId) -> Path {
        self.of(recording).join("raw").join("index.json")
    }

    /// The key of something made of a recording.
    pub(crate) fn processed(&self, recording: RecordingId, name: &str) -> Result<Path, StoreError> {
        if !is_plain_path(name) {
            return Err(StoreError::Name { name: name.to_owned() });
        }
        let folder = self.of(recording).join("processed");
        Ok(name.split('/').fold(folder, |path, part| path.join(part)))
    }

    /// The folder of a recording.
    pub(crate) fn of(&self, recording: RecordingId) -> Path {
        self.prefix.clone().join("recordings").join(recording.to_string())
    }

    /// Where an object is on this machine, if it is.
    pub(crate) fn path(&self, key: &Path) -> Option<PathBuf> {
        let folder = self.folder.clone()?;
        Some(key.parts().fold(folder, |path, part| path.join(part.as_ref())))
    }

    /// Puts a file there. On one disk it is linked: the bytes are there once, and under both names.
    pub(crate) async fn put_file(&self, key: &Path, file: &FilePath) -> Result<(), StoreError> {
        if let Some(to) = self.path(key) {
            let from = file.to_owned();
            let linked = tokio::task::spawn_blocking(move || link(&from, &to)).await;
            if let Ok(Ok(())) = linked {
                return Ok(());
            }
        }
        let size = tokio::fs::metadata(file).await.map_err(StoreError::File)?.len();
        if size <= AT_ONCE {
            let bytes = tokio::fs::read(file).await.map_err(StoreError::File)?;
            return self.put(key, bytes.into()).await;
        }
        let mut from = tokio::fs::File::open(file).await.map_err(StoreError::File)?;
        let mut to = BufWriter::with_capacity(Arc::clone(&self.objects), key.clone(), PIECE);
        tokio::io::copy(&mut from, &mut to).await.map_err(StoreError::File)?;
        tokio::io::AsyncWriteExt::shutdown(&mut to).await.map_err(StoreError::File)
    }

    /// Puts bytes there, as a whole or not at all.
    pub(crate) async fn put(&self, key: &Path, bytes: Bytes) -> Result<(), StoreError> {
        self.objects.put(key, bytes.into()).await.map(|_| ()).map_err(refused)
    }

    /// Reads an object as a whole.
    pub(crate) async fn get(&self, key: &Path) -> Result<Bytes, StoreError> {
        self.objects.get(key).await.map_err(refused)?.bytes().await.map_err(refused)
    }

    /// Reads an object, or a part of it, as it comes.
    pub(crate) async fn read(&self, key: &Path, range: Option<ByteRange>) -> Result<Object, StoreError> {
        let size = self.objects.head(key).await.map_err(refused)?.size;
        let bad = match range {
            Some(ByteRange::Bounded(from, to)) => from >= to || from >= size,
            Some(ByteRange::From(from)) => from >= size,
            Some(ByteRange::Last(count)) => count == 0 || size == 0,
            None => false,
        };
        if bad {
            return Err(StoreError::Range { size });
        }
        let range = range.map(|range| match range {
            ByteRange::Bounded(from, to) => GetRange::Bounded(from..to.min(size)),
            ByteRange::From(from) => GetRange::Bounded(from..size),
            ByteRange::Last(count) => GetRange::Bounded(size.saturating_sub(count)..size),
        });
        let options = GetOptions { range, ..GetOptions::default() };
        let result = self.objects.get_opts(key, options).await.map_err(refused)?;
        let range = result.range.clone();
        let body = result.into_stream().map_err(io::Error::other).boxed();
        Ok(Object { size, range, body })
    }

    /// Whether there is such an object, and how long it is.
    pub(crate) async fn size(&self, key: &Path) -> Result<Option<u64>, StoreError> {
        match self.objects.head(key).await.map_err(refused) {
            Ok(meta) => Ok(Some(meta.size)),
            Err(StoreError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Deletes one object; one that is not there is deleted already.
    pub(crate) async fn delete(&self, key: &Path) -> Result<(), StoreError> {
        match self.objects.delete(key).await.map_err(refused) {
            Ok(()) | Err(StoreError::Missing { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Deletes all objects in a folder. Says how many.
    pub(crate) async fn delete_all(&self, folder: &Path) -> Result<u64, StoreError> {
        let found = self.objects.list(Some(folder)).map_ok(|meta| meta.location).boxed();
        let mut deleted = self.objects.delete_stream(found);
        let mut count = 0;
        while let Some(result) = deleted.next().await {
            match result.map_err(refused) {
                Ok(_) => count += 1,
                Err(StoreError::Missing { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(count)
    }
}

fn bucket(config: &S3Config) -> object_store::Result<object_store::aws::AmazonS3> {
    let options = ClientOptions::new()
        .with_connect_timeout(Duration::from_secs(5))
        .with_timeout(Duration::from_secs(60))
        .with_allow_http(true);
    // Uploads have a patience of their own; a request of a viewer should not wait for long.
    let retry =
        RetryConfig { max_retries: 2, retry_timeout: Duration::from_secs(10), ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new()
        .with_region(&config.region)
        .with_bucket_name(&config.bucket)
        .with_access_key_id(&config.access_key)
        .with_secret_access_key(config.secret_key.expose())
        .with_client_options(options)
        .with_retry(retry);
    if let Some(endpoint) = &config.endpoint {
        builder = builder.with_endpoint(endpoint).with_virtual_hosted_style_request(false);
    }
    builder.build()
}

/// Gives a file a second name, as a whole or not at all.
fn link(from: &FilePath, to: &FilePath) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push("#new");
    let staged = to.with_file_name(name);
    match fs::remove_file(&staged) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::hard_link(from, &staged)?;
    fs::rename(&staged, to)?;
    // Two names of one file are left alone by a rename.
    match fs::remove_file(&staged) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn refused(error: object_store::Error) -> StoreError {
    match error {
        object_store::Error::NotFound { path, .. } => StoreError::Missing { key: path },
        other => StoreError::Refused(other),
    }
}

/// Files up to this size are put with one request. More holds more memory for each upload.
const AT_ONCE: u64 = 32 << 20;

/// Larger ones are put in pieces of this size; S3 takes 5 MiB at least and 10,000 pieces at most.
const PIECE: usize = 16 << 20;
