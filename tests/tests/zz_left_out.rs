//! The last program of `cargo test`: lists what the tests left out on this machine, and why.

#![allow(clippy::print_stdout)]

fn main() {
    // Tools that list tests start every test program; the records are not theirs.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let left_out = imapmig_tests::left_out();
    println!();
    for line in &left_out.lines {
        println!("{line}");
    }
    println!("{}\n", left_out.closing());
    imapmig_tests::clear_left_out();
}
