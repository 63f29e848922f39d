//! A server that repeats passwords wherever it can: none gets into what is shown or stored.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use imapmig_tests::migration::{Migration, Row};
use imapmig_tests::wait_until;

/// Where the password of `<place>.<form>` is repeated, by the verb that is answered so; `{}` stands for it.
const PLACES: [(&str, &str, &str); 12] = [
    ("refused", "LOGIN", "{tag} NO [AUTHENTICATIONFAILED] no user with {}\r\n"),
    ("code", "LOGIN", "{tag} NO [X-SEEN {}] refused\r\n"),
    ("bad", "LOGIN", "{tag} BAD LOGIN {} is unknown\r\n"),
    ("bye", "LOGIN", "* BYE {} is not welcome\r\n"),
    ("stray", "LOGIN", "* {} whatever\r\n{tag} NO refused\r\n"),
    ("alert", "LIST", "* NO [ALERT] {} is too old\r\n{tag} NO no folders for {}\r\n"),
    ("unreadable", "LIST", "* LIST () \"/\" INBOX\r\n* LIST {} \"\r\n{tag} OK done\r\n"),
    ("select", "EXAMINE", "{tag} NO [SERVERBUG] {}\r\n"),
    ("select-bad", "EXAMINE", "{tag} BAD {}\r\n"),
    ("body", "UID", "{tag} NO [EXPUNGEISSUED] {} cannot be read\r\n"),
    ("body-bad", "UID", "* OK {}\r\n{tag} BAD {}\r\n"),
    ("other", "CAPABILITY", "* CAPABILITY IMAP4rev1 X-{}\r\n{tag} OK {}\r\n"),
];

/// Characters that have to be escaped somewhere.
fn password(user: &str) -> String {
    format!("Pa$$ w0rd%\"\\&{}", STANDARD.encode(user))
}

/// How a password is repeated.
fn forms(password: &str) -> Vec<(&'static str, String)> {
    let percent = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02x}") }
    };
    vec![
        ("plain", password.to_owned()),
        ("quoted", password.replace('\\', "\\\\").replace('"', "\\\"")),
        ("base64", STANDARD.encode(password)),
        ("sasl", STANDARD.encode(format!("\0u\0{password}"))),
        ("url", password.bytes().map(percent).collect()),
        ("capitals", password.to_uppercase()),
        ("utf7", password.replace('&', "&-")),
    ]
}

/// The users whose password was repeated.
type Met = Arc<Mutex<BTreeSet<String>>>;

/// Answers one client. What it repeats depends on who signs in.
fn answer(stream: TcpStream, met: &Met) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    let mut user = String::new();
    stream.write_all(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        while let Some((_, size)) = line.trim_end().strip_suffix('}').and_then(|l| l.rsplit_once('{')) {
            let mut literal = vec![0; size.parse().unwrap()];
            stream.write_all(b"+ go on\r\n")?;
            reader.read_exact(&mut literal)?;
            line = line.trim_end().to_owned() + &String::from_utf8_lossy(&literal);
            reader.read_line(&mut line)?;
        }
        let mut words = line.split_whitespace();
        let (tag, verb) = (words.next().unwrap_or("*"), words.next().unwrap_or_default().to_uppercase());
        if verb == "LOGIN" {
            user = words.next().unwrap_or_default().trim_matches('"').to_owned();
        }
        let (place, form) = user.split_once('.').unwrap_or_default();
        let told = PLACES.iter().find(|(name, at, _)| *name == place && *at == verb);
        let usual = match verb.as_str() {
            "CAPABILITY" => "* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n",
            "LIST" => "* LIST () \"/\" INBOX\r\n{tag} OK done\r\n",
            "SELECT" | "EXAMINE" => {
                "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 2] n\r\n{tag} OK [READ-ONLY] done\r\n"
            }
            "UID" if !line.contains("BODY") => {
                "* 1 FETCH (UID 1 RFC822.SIZE 9 FLAGS () INTERNALDATE \"01-Jan-2020 00:00:00 +0000\")\r\n{tag} OK done\r\n"
            }
            "UID" => "* 1 FETCH (UID 1 BODY[] {9}\r\na: b\r\n\r\nc)\r\n{tag} OK done\r\n",
            _ => "{tag} OK done\r\n",
        };
        let text = told.map_or(usual, |(_, _, text)| text).replace("{tag}", tag);
        let repeated = forms(&password(&user)).into_iter().find(|(name, _)| *name == form);
        let text = text.replace("{}", &repeated.map(|(_, text)| text).unwrap_or_default());
        stream.write_all(text.as_bytes())?;
        if told.is_some() {
            met.lock().unwrap().insert(user.clone());
        }
        if text.starts_with("* BYE") {
            return Ok(());
        }
    }
}

fn start() -> (u16, Met) {
    let met = Met::default();
    let shared = Arc::clone(&met);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let met = Arc::clone(&shared);
            // A client that goes away is none of the test's concern.
            std::thread::spawn(move || drop(answer(stream, &met)));
        }
    });
    (port, met)
}

/// Every file below a folder, as bytes.
fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if let Ok(bytes) = fs::read(&path) {
            found.push((path.display().to_string(), bytes));
        }
    }
}

/// The places where a form of a user's password stands in these texts.
fn leaks(user: &str, texts: &[(String, Vec<u8>)]) -> Vec<String> {
    let password = password(user);
    // Its end alone is the user's own, and long enough to be nothing else.
    let own = password.rsplit_once('&').unwrap().1.trim_end_matches('=').to_lowercase();
    let mut searched: Vec<_> = forms(&password).into_iter().map(|(_, form)| form.to_lowercase()).collect();
    searched.push(own);
    let mut leaks = Vec::new();
    for (name, bytes) in texts {
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        leaks.extend(searched.iter().filter(|form| text.contains(form.as_str())).map(|_| name.clone()));
    }
    leaks
}

#[test]
fn a_password_that_a_server_repeats_is_neither_shown_nor_stored() {
    let (port, met) = start();
    let migration = Migration::new();
    migration.endpoint("Source", port, &[]);
    let form_names: Vec<_> = forms("").into_iter().map(|(name, _)| name).collect();
    let users: Vec<String> = PLACES
        .iter()
        .flat_map(|(place, _, _)| form_names.iter().map(move |form| format!("{place}.{form}")))
        .collect();
    let address = |user: &str| format!("{user}@contoso.edu");
    let passwords: Vec<_> = users.iter().map(|user| password(user)).collect();
    let rows: Vec<_> =
        users.iter().zip(&passwords).map(|(user, pw)| Row::new(&address(user), user, pw)).collect();

    migration.batch_with("Batch", "Source", None, &rows, &["--auto-start"]);
    let all_met = wait_until(Duration::from_secs(90), || met.lock().unwrap().len() == users.len());
    let met = met.lock().unwrap().clone();
    assert!(all_met, "{:?}", users.iter().filter(|user| !met.contains(*user)).collect::<Vec<_>>());
    migration.stop("Batch");
    migration.wait_until("Batch", &["Stopped", "Failed", "Synced", "SyncedWithErrors"]);
    let _ = migration.run(&["batch", "confirm", "Batch", "--wait", "--timeout-seconds", "5"]);

    let mut texts = Vec::new();
    files(migration.home(), &mut texts);
    let mut say = |arguments: &[&str]| {
        for more in [&[][..], &["--json"]] {
            let answer = migration.run(&[arguments, more].concat());
            texts.push((format!("{arguments:?}"), (answer.stdout + &answer.stderr).into_bytes()));
        }
    };
    say(&["batch", "get"]);
    say(&["user", "get", "--batch-id", "Batch"]);
    say(&["batch", "confirmation", "Batch", "--include-findings"]);
    for user in &users {
        say(&["user", "statistics", &address(user), "--include-report", "--include-skipped-items"]);
    }
    assert!(
        texts
            .iter()
            .any(|(name, bytes)| name.contains("statistics") && bytes.windows(3).any(|w| w == b"***"))
    );
    let leaked: Vec<_> =
        users.iter().map(|user| (user, leaks(user, &texts))).filter(|(_, leaks)| !leaks.is_empty()).collect();
    assert!(leaked.is_empty(), "{leaked:#?}");
}
