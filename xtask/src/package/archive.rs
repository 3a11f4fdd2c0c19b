//! Makes zip archives with the JDK's `jar`: with the same content, an archive has the same bytes.

use crate::failure::{Result, WithPath};
use crate::project;
use crate::run::Run;
use std::fmt::Write;
use std::path::Path;

/// The time of every entry. A zip archive has no earlier year, and some tools refuse the first day.
const TIME: &str = "1980-02-01T00:00:00Z";

/// Programs that read a JAR as a stream expect this file first.
const MANIFEST: &str = "META-INF/MANIFEST.MF";

/// Packs the files of a folder, sorted, without entries for folders.
pub fn create(folder: &Path, archive: &Path) -> Result {
    let mut files = project::files(folder)?;
    files.sort_by_key(|file| (file != Path::new(MANIFEST), file.clone()));
    let mut arguments = String::new();
    for file in files {
        // Writing to a string cannot fail.
        let _ = writeln!(arguments, "-C {} {}", quoted(folder), quoted(&file));
    }
    let list = archive.with_extension("list");
    std::fs::write(&list, arguments).with_path(&list)?;
    let mut listed = std::ffi::OsString::from("@");
    listed.push(&list);
    // Without --no-manifest, `jar` would write its own version into the archive.
    Run::new("jar")
        .args(["--create", "--no-manifest", "--date", TIME, "--file"])
        .arg(archive)
        .arg(listed)
        .execute()?;
    std::fs::remove_file(&list).with_path(&list)
}

/// Unpacks an archive into an empty folder.
pub fn unpack(archive: &Path, folder: &Path) -> Result {
    project::empty_folder(folder)?;
    Run::new("jar").in_folder(folder).args(["--extract", "--file"]).arg(archive).execute()
}

/// A path as `jar` reads it from a file of arguments.
fn quoted(path: &Path) -> String {
    format!("\"{}\"", path.display().to_string().replace('\\', "\\\\").replace('"', "\\\""))
}
