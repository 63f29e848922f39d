//! The disk under the target: a journalled file system of its own, where fsync costs what it costs.
//!
//! A fresh ext4 in a file makes runs alike: on a file system in long use, creating many files after removing many can
//! be ten times slower for minutes.

use std::io;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A folder on a disk; what is mounted there goes when this is dropped.
pub(crate) struct Disk {
    mount: TempDir,
    mounted: bool,
    pub(crate) text: String,
}

impl Disk {
    /// An ext4 in a file below `/var/tmp`, or just a folder there where this user may not mount.
    pub(crate) fn real() -> io::Result<Disk> {
        let image = tempfile::Builder::new().prefix("imapmig-bench-").tempfile_in("/var/tmp")?;
        let mount = folder("/var/tmp")?;
        image.as_file().set_len(8 << 30)?;
        let made = run("mkfs.ext4", &["-q", "-F", "-N", "1000000"], &[image.path()])
            .and_then(|()| run("mount", &["-o", "loop,noatime"], &[image.path(), mount.path()]));
        // The loop device keeps the file open; without a name it goes with the mount.
        drop(image);
        match made {
            Ok(()) => {
                open_to_all(mount.path())?;
                Ok(Disk { mount, mounted: true, text: "ext4 with a journal of its own, fsync".into() })
            }
            Err(error) => {
                let text = format!("a folder of /var/tmp, fsync (no disk of its own: {error})");
                Ok(Disk { mount, mounted: false, text })
            }
        }
    }

    /// A folder in memory where there is one.
    pub(crate) fn memory() -> io::Result<Disk> {
        let base = if Path::new("/dev/shm").is_dir() { "/dev/shm" } else { "/tmp" };
        Ok(Disk { mount: folder(base)?, mounted: false, text: format!("{base}, no fsync") })
    }

    pub(crate) fn path(&self) -> &Path {
        self.mount.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.mounted {
            let _ = run("umount", &["-l"], &[self.mount.path()]);
        }
    }
}

fn folder(base: &str) -> io::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("imapmig-bench-").tempdir_in(base)?;
    open_to_all(folder.path())?;
    Ok(folder)
}

/// The servers serve mail as a user of their own.
#[cfg(unix)]
fn open_to_all(path: &Path) -> io::Result<()> {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
}

/// No server runs on other systems.
#[cfg(not(unix))]
fn open_to_all(_: &Path) -> io::Result<()> {
    Ok(())
}

fn run(program: &str, arguments: &[&str], paths: &[&Path]) -> io::Result<()> {
    let output = Command::new(program).args(arguments).args(paths).output()?;
    let text = String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned();
    if output.status.success() { Ok(()) } else { Err(io::Error::other(format!("{program}: {text}"))) }
}
