//! Files and folders that only their owner can read, also those that were there before.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// Makes a folder, and those above it, that only its owner can enter.
pub fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes a new file that only its owner can read.
pub fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes a file that only its owner can read, aside and then put in its place, so that no half of it is ever read; also when the
/// power fails right after.
pub fn put(path: &Path, text: &str) -> io::Result<()> {
    let part = path.with_extension("part");
    let mut file = new_file(&part)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&part, path)?;
    // The name is durable with its folder; there is no such thing elsewhere.
    #[cfg(unix)]
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Takes everybody else's rights away from a folder and all that is in it: 0700 for folders, 0600 for files. Links are left
/// alone, and so is what they point to.
pub fn close_to_others(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let kind = fs::symlink_metadata(path)?;
        let wanted = match kind.file_type() {
            kind if kind.is_dir() => 0o700,
            kind if kind.is_file() => 0o600,
            _ => return Ok(()),
        };
        if kind.permissions().mode() & 0o777 != wanted {
            fs::set_permissions(path, fs::Permissions::from_mode(wanted))?;
        }
        if kind.is_dir() {
            for entry in fs::read_dir(path)? {
                match close_to_others(&entry?.path()) {
                    // Swept up meanwhile.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    other => other?,
                }
            }
        }
    }
    #[cfg(not(unix))]
    let _ = (path, fs::metadata::<&Path>);
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().expect("there").permissions().mode() & 0o777
    }

    #[test]
    fn what_was_there_before_is_closed_as_well() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("files/ab");
        fs::create_dir_all(&inner).expect("made");
        fs::write(inner.join("abc"), "x").expect("written");
        fs::set_permissions(inner.join("abc"), fs::Permissions::from_mode(0o644)).expect("ours");
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o755)).expect("ours");
        std::os::unix::fs::symlink("/etc/hostname", inner.join("link")).expect("made");
        close_to_others(folder.path()).expect("ours");
        assert_eq!((mode(folder.path()), mode(&inner), mode(&inner.join("abc"))), (0o700, 0o700, 0o600));
        let made = folder.path().join("new");
        new_file(&made).expect("made");
        make_folder(&folder.path().join("a/b")).expect("made");
        assert_eq!((mode(&made), mode(&folder.path().join("a"))), (0o600, 0o700));
    }
}
