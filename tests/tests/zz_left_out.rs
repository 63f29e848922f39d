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
        n => println!("{n} left out\n"),
    }
    imapmig_tests::clear_left_out();
}
