//! A token authority on loopback TLS: keeps what it was asked, and answers what the test says.

use imapmig_testkit::tls::{Certificate, TestCa};
use native_tls::TlsAcceptor;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) form: HashMap<String, String>,
}

/// The authority; its thread ends with the test's process.
pub(crate) struct TestAuthority {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl TestAuthority {
    /// Answers each request with the next of these (status and JSON), the last one for ever.
    pub(crate) fn new(ca: &TestCa, answers: Vec<(u16, String)>) -> Self {
        let identity = ca.identity(Certificate::Valid).unwrap();
        let acceptor = TlsAcceptor::new(identity).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&asked);
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                // A client that does not trust the certificate leaves during the handshake.
                let Ok(stream) = acceptor.accept(socket.unwrap()) else { continue };
                let mut stream = BufReader::new(stream);
                let Some(request) = read(&mut stream) else { continue };
                let mut asked = keep.lock().unwrap();
                let (status, json) = &answers[asked.len().min(answers.len() - 1)];
                asked.push(request);
                let answer = format!(
                    "HTTP/1.1 {status} Answer\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{json}",
                    json.len()
                );
                drop(asked);
                stream.get_mut().write_all(answer.as_bytes()).unwrap();
                let _closed = stream.get_mut().shutdown();
            }
        });
        Self { url, asked }
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn read(stream: &mut impl BufRead) -> Option<Asked> {
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).ok()?;
        let header = header.trim_end().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    Some(Asked { path, form: pairs.map(|(name, value)| (unescaped(name), unescaped(value))).collect() })
}

fn unescaped(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                out.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            }
            other => out.push(other),
        }
    }
    String::from_utf8(out).unwrap()
}
