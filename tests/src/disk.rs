//! A disk that is soon full.

use std::io;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A mounted disk of a few megabytes. It goes when this is dropped.
#[derive(Debug)]
pub struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// Mounts one of this size, such as `1m`.
    ///
    /// # Errors
    ///
    /// If this machine or user may not mount.
    pub fn mount(size: &str) -> io::Result<Self> {
        let folder = TempDir::new()?;
        mount(&["-t", "tmpfs", "-o", &format!("size={size},mode=700"), "tmpfs"], folder.path())?;
        Ok(Self { folder })
    }

    /// Gives it another size.
    ///
    /// # Errors
    ///
    /// If it cannot have that.
    pub fn resize(&self, size: &str) -> io::Result<()> {
        mount(&["-o", &format!("remount,size={size}")], self.path())
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // What cannot be unmounted now is so once nobody uses it; the folder stays until then.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

fn mount(arguments: &[&str], at: &Path) -> io::Result<()> {
    let output = Command::new("mount").args(arguments).arg(at).output()?;
    match output.status.success() {
        true => Ok(()),
        false => Err(io::Error::other(first_line(&output.stderr))),
    }
}

fn first_line(text: &[u8]) -> String {
    String::from_utf8_lossy(text).lines().next().unwrap_or_default().to_owned()
}
