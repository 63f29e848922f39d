//! Gives the library's debug symbols on Windows a file of their own: library and program are both called `imapmig`, and the linker would
//! write `imapmig.pdb` for each.
#![allow(clippy::print_stdout, reason = "this is how a build script instructs cargo")]

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    // <target>/<profile>/build/<this package>/out
    if let Some(folder) = Path::new(&out).ancestors().nth(3)
        && std::env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|linker| linker == "msvc")
    {
        println!("cargo::rustc-link-arg-cdylib=/PDB:{}", folder.join("imapmig.dll.pdb").display());
    }
}
