//! Finds the built web app for embedding. Where it has not been built, a page that says how takes
//! its place, so that the server builds without Node.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

const PLACEHOLDER: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>Sluice</title>
<p>This server was built without its web app. Run <code>make web</code>, then build it again
(<code>make run</code> does both). WHIP, WHEP and the API work.</p>
</html>
";

fn main() -> io::Result<()> {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let root = manifest.parent().expect("the server is a directory of the workspace");
    let built = root.join("web/dist");
    // `web` is watched where `dist` does not exist yet, so that its appearance is noticed.
    let watched = if built.exists() { built.clone() } else { root.join("web") };
    let watched = if watched.exists() { watched } else { root.to_path_buf() };
    println!("cargo:rerun-if-changed={}", watched.display());
    let folder = if built.join("index.html").is_file() { built } else { placeholder()? };
    println!("cargo:rustc-env=SLUICE_WEB_DIR={}", folder.display());
    Ok(())
}

fn placeholder() -> io::Result<PathBuf> {
    let folder = Path::new(&env::var("OUT_DIR").expect("cargo sets OUT_DIR")).join("web");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("index.html"), PLACEHOLDER)?;
    Ok(folder)
}
