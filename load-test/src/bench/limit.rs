//! What a bench has found to be this machine's limit, written into the configuration of the server that is to
//! run on it.

use std::fs;
use std::io::{self, Write as _};
use std::num::NonZero;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use tempfile::NamedTempFile;
use toml_edit::{DocumentMut, Item, Table, value};

use super::server;
use crate::cli::bench::{Bench, Scenario};

/// The configuration that gets the number.
pub(crate) struct Limit {
    file: PathBuf,
    /// Media threads of that server.
    workers: u32,
    /// Part of their time that it lets viewers use.
    share: f64,
    /// Media threads of the server that is measured.
    measured: u32,
}

impl Limit {
    /// Reads the configuration that the command line names, before anything takes time.
    pub(crate) fn find(args: &Bench) -> Result<Option<Self>> {
        let Some(path) = &args.write_max_viewers else { return Ok(None) };
        ensure!(
            args.scenario == Scenario::Density,
            "`--write-max-viewers` needs `density`: that is what finds the number"
        );
        // Where it is a link, what it leads to is written.
        let file = path.canonicalize().with_context(|| format!("looking for {}", path.display()))?;
        // As the server uses it: checked, and with what the file leaves out.
        let printed = server::sluice(&server::binary(args)?, &file, &["config", "print", "--redacted"], "")?;
        let merged: DocumentMut = printed.parse().context("the server's configuration is no TOML")?;
        let media = |key: &str| merged.get("media").and_then(|media| media.get(key));
        let workers = media("workers").and_then(Item::as_integer).unwrap_or(0);
        let max_load = media("max_load").and_then(Item::as_float).unwrap_or(0.0);
        // What cannot be written is told of now, not when all is measured.
        beside(&file).with_context(|| format!("{} cannot be replaced", file.display()))?;
        Ok(Some(Self {
            file,
            workers: match u32::try_from(workers) {
                Ok(0) | Err(_) => std::thread::available_parallelism().map_or(1, NonZero::get) as u32,
                Ok(workers) => workers,
            },
            share: if max_load > 0.0 { max_load } else { 1.0 },
            measured: u32::from(args.workers),
        }))
    }

    /// Viewers that the server may have, of whom a core carries so many, where `capacity` were served at most.
    fn viewers(&self, per_core: f64, capacity: u32) -> u32 {
        let of_load = per_core * self.share;
        let served = f64::from(capacity) / f64::from(self.measured);
        ((of_load.min(served) * f64::from(self.workers)) as u32).max(1)
    }

    /// Writes the number, and nothing else, into the file: it is replaced as a whole, or stays as it is. Returns
    /// what to tell.
    pub(crate) fn write(&self, per_core: f64, capacity: u32) -> Result<String> {
        let viewers = self.viewers(per_core, capacity);
        let name = self.file.display();
        let text = with_max_viewers(read(&self.file)?, viewers)?;
        replace(&self.file, &text)
            .with_context(|| format!("max_viewers = {viewers} cannot be written into {name}"))?;
        Ok(format!("max_viewers = {viewers} was written into {name}, for {} media threads", self.workers))
    }
}

fn read(file: &Path) -> Result<DocumentMut> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    text.parse().with_context(|| format!("{} is no TOML", file.display()))
}

/// An empty file in the same folder, which goes when it is dropped.
fn beside(file: &Path) -> io::Result<NamedTempFile> {
    NamedTempFile::new_in(file.parent().unwrap_or(Path::new("/")))
}

/// Replaces a file as a whole; it keeps its mode.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    let mut new = beside(file)?;
    new.write_all(text.as_bytes())?;
    new.as_file().set_permissions(fs::metadata(file)?.permissions())?;
    new.as_file().sync_all()?;
    new.persist(file)?;
    Ok(())
}

/// The same file with that number. Comments and everything else stay as they are.
fn with_max_viewers(mut document: DocumentMut, viewers: u32) -> Result<String> {
    let media = document.entry("media").or_insert_with(|| Item::Table(Table::new()));
    let media = media.as_table_like_mut().context("`media` is no section")?;
    match media.get_mut("max_viewers").and_then(Item::as_value_mut) {
        Some(old) => {
            let decor = old.decor().clone();
            *old = i64::from(viewers).into();
            *old.decor_mut() = decor;
        }
        None => {
            media.insert("max_viewers", value(i64::from(viewers)));
        }
    }
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn limit(file: PathBuf) -> Limit {
        Limit { file, workers: 4, share: 0.85, measured: 1 }
    }

    #[test]
    fn every_media_thread_carries_what_the_measured_one_did() {
        let limit = limit(PathBuf::new());
        assert_eq!(limit.viewers(1_000.0, 2_000), 3_400);
        assert_eq!(limit.viewers(1_000.0, 700), 2_800, "more than 700 were not served");
        let two = Limit { measured: 2, ..limit };
        assert_eq!(two.viewers(1_000.0, 1_400), 2_800, "700 on each of the two");
        assert_eq!(two.viewers(0.1, 1_400), 1, "0 would be no limit");
    }

    #[test]
    fn the_number_comes_into_its_place_and_nothing_else_changes() {
        let write = |text: &str| with_max_viewers(text.parse().unwrap(), 1_234).unwrap();
        assert_eq!(
            write(
                "a = 1 # one\n\n[media]\n# Viewers at once.\nmax_viewers = 0 # all\nworkers = 2\n\n[log]\n"
            ),
            "a = 1 # one\n\n[media]\n# Viewers at once.\nmax_viewers = 1234 # all\nworkers = 2\n\n[log]\n"
        );
        assert_eq!(write("[media]\nworkers = 2\n"), "[media]\nworkers = 2\nmax_viewers = 1234\n");
        assert_eq!(write("a = 1\n"), "a = 1\n\n[media]\nmax_viewers = 1234\n");
        assert_eq!(write("media = { workers = 2 }\n"), "media = { workers = 2 , max_viewers = 1234 }\n");
        assert!(with_max_viewers("media = 3\n".parse().unwrap(), 1).is_err());
    }

    #[test]
    fn the_file_keeps_its_mode_and_is_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sluice.toml");
        fs::write(&file, "[media]\nmax_viewers = 7\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let told = limit(file.clone()).write(500.0, 600).unwrap();
        assert!(told.starts_with("max_viewers = 1700 was written into"), "{told}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "[media]\nmax_viewers = 1700\n");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn what_is_no_configuration_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sluice.toml");
        fs::write(&file, "[media\n").unwrap();
        let error = limit(file.clone()).write(500.0, 600).unwrap_err();
        assert!(format!("{error:#}").contains("is no TOML"), "{error:#}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "[media\n");
    }
}
