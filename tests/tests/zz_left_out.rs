//! The last program of `cargo test`: lists what the tests left out on this machine, and why.

#![allow(clippy::print_stdout)]

fn main() {
    // Tools that list tests start every test program; the records are not theirs.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let lines = imapmig_tests::left_out();
    println!();
    for line in &lines {
        println!("{line}");
    }
    match lines.len() {
        0 => println!("nothing was left out\n"),
        n => {
            println!(
                "{n} left out; on Debian and as root, this runs them: tests/servers/install.sh && IMAPMIG_TEST_MINUTES=1 cargo test\n"
            );
        }
    }
    imapmig_tests::clear_left_out();
}
