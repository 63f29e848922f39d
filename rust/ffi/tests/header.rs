//! The committed header is the one that the source gives, and names every exported function.

use std::path::Path;

#[test]
fn the_committed_header_is_the_one_the_source_gives() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = here.join("include/imapmig.h");
    let config = cbindgen::Config::from_file(here.join("cbindgen.toml")).unwrap();
    let mut header = Vec::new();

    cbindgen::Builder::new().with_crate(here).with_config(config).generate().unwrap().write(&mut header);

    let header = String::from_utf8(header).unwrap();
    if std::env::var_os("UPDATE_HEADER").is_some() {
        std::fs::write(&file, &header).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    assert_eq!(committed, header, "run: UPDATE_HEADER=1 cargo test -p imapmig-ffi --test header");
}
