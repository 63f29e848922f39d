//! A token endpoint on loopback TLS that believes nothing: client credentials by secret (RFC 6749, section 4.4) or by signed
//! assertion (RFC 7523), as Microsoft's identity platform takes them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use native_tls::{Identity, TlsAcceptor};
use serde_json::Value;

/// What an application proves itself with.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A client secret.
    Secret(String),
    /// The certificate (PEM) whose key signs assertions.
    Certificate(PathBuf),
}

/// A request for a token, and what was found wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRequest {
    /// The path, with the tenant in it.
    pub path: String,
    /// The fields of the form, decoded.
    pub fields: Vec<(String, String)>,
    /// The objections; none if a token was given.
    pub objections: Vec<String>,
}

/// A running token endpoint for one tenant, application and credential. It ends when this is dropped.
#[derive(Debug)]
pub struct TokenServer {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    acceptor: TlsAcceptor,
    port: u16,
    credential: Credential,
    lifetime: AtomicU64,
    refusal: Mutex<Option<(u16, String)>>,
    requests: Mutex<Vec<TokenRequest>>,
    closing: AtomicBool,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("port", &self.port).finish_non_exhaustive()
    }
}

impl TokenServer {
    /// The tenant that it serves.
    pub const TENANT: &str = "11111111-aaaa-4bbb-8ccc-222222222222";
    /// The application that it knows.
    pub const APPLICATION: &str = "33333333-dddd-4eee-8fff-444444444444";

    /// Starts it with this certificate chain and key (PEM).
    ///
    /// # Panics
    ///
    /// If they are no certificate and key.
    pub fn start(chain: &str, key: &str, credential: Credential) -> Self {
        let identity =
            Identity::from_pkcs8(chain.as_bytes(), key.as_bytes()).expect("a certificate and its key");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port of the system's choice");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared {
            acceptor: TlsAcceptor::new(identity).expect("the library can serve"),
            port,
            credential,
            lifetime: AtomicU64::new(3599),
            refusal: Mutex::default(),
            requests: Mutex::default(),
            closing: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                if accepting.closing.load(Ordering::Relaxed) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                // A client that does not trust the certificate breaks the handshake off.
                std::thread::spawn(move || serve(client, &shared).unwrap_or_default());
            }
        });
        Self { port, shared }
    }

    /// What to give as `--authority`.
    pub fn authority(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// The number of the request that this token is the answer to, if it was given out by such a server.
    pub fn request_of(token: &str) -> Option<usize> {
        token.strip_prefix("token-")?.split_once('-')?.1.parse().ok()
    }

    /// The token that the request of this number, counted from 1, is answered with.
    pub fn token(&self, number: usize) -> String {
        format!("token-{}-{number}", self.port)
    }

    /// How long, in seconds, tokens given out from now on are said to live.
    pub fn set_lifetime(&self, seconds: u64) {
        self.shared.lifetime.store(seconds, Ordering::Relaxed);
    }

    /// Answers every request with this status and error from now on; `None` ends that.
    pub fn refuse_with(&self, refusal: Option<(u16, &str, &str)>) {
        *locked(&self.shared.refusal) = refusal.map(|(status, error, description)| {
            let body = serde_json::json!({"error": error, "error_description": description});
            (status, body.to_string())
        });
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<TokenRequest> {
        locked(&self.shared.requests).clone()
    }
}

impl Drop for TokenServer {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::Relaxed);
        // Wakes the listener.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(client: TcpStream, shared: &Shared) -> Option<()> {
    let mut stream = BufReader::new(shared.acceptor.accept(client).ok()?);
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut length = 0;
    let mut form = false;
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "content-type" => form = value.trim().starts_with("application/x-www-form-urlencoded"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    let fields = decoded(&String::from_utf8(body).ok()?);
    let mut objections = shared.objections(&path, &fields);
    if method != "POST" || !form {
        objections.push(format!("{method}, which is no POST of a form"));
    }
    let number = {
        let mut requests = locked(&shared.requests);
        requests.push(TokenRequest { path, fields, objections: objections.clone() });
        requests.len()
    };
    let (status, answer) = shared.answer(number, &objections);
    let head = format!("HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nConnection: close\r\n");
    write!(stream.get_mut(), "{head}Content-Length: {}\r\n\r\n{answer}", answer.len()).ok()?;
    stream.get_mut().shutdown().ok()
}

impl Shared {
    fn answer(&self, number: usize, objections: &[String]) -> (u16, String) {
        if let Some(refusal) = locked(&self.refusal).clone() {
            return refusal;
        }
        if let Some(objection) = objections.first() {
            let body = serde_json::json!({"error": "invalid_client", "error_description": objection});
            return (401, body.to_string());
        }
        let lifetime = self.lifetime.load(Ordering::Relaxed);
        let token = format!("token-{}-{number}", self.port);
        let body = serde_json::json!({"token_type": "Bearer", "expires_in": lifetime, "access_token": token});
        (200, body.to_string())
    }

    fn objections(&self, path: &str, fields: &[(String, String)]) -> Vec<String> {
        let field =
            |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let mut objections = Vec::new();
        let mut expect = |what: &str, found: Option<&str>, wanted: &str| {
            if found != Some(wanted) {
                objections.push(format!("{what} is {found:?} instead of {wanted}"));
            }
        };
        expect("the path", Some(path), &format!("/{}/oauth2/v2.0/token", TokenServer::TENANT));
        expect("grant_type", field("grant_type"), "client_credentials");
        expect("client_id", field("client_id"), TokenServer::APPLICATION);
        expect("scope", field("scope"), "https://outlook.office365.com/.default");
        match &self.credential {
            Credential::Secret(secret) => {
                if field("client_secret") != Some(secret) {
                    objections.push("AADSTS7000215: Invalid client secret provided.".to_owned());
                }
            }
            Credential::Certificate(certificate) => {
                expect(
                    "client_assertion_type",
                    field("client_assertion_type"),
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                );
                let audience = format!("https://127.0.0.1:{}{path}", self.port);
                let assertion = field("client_assertion").unwrap_or_default();
                objections.extend(about_assertion(assertion, certificate, &audience).err());
            }
        }
        objections
    }
}

/// Whether the assertion is what the platform asks for, signed by the certificate's key.
fn about_assertion(assertion: &str, certificate: &Path, audience: &str) -> Result<(), String> {
    let (signed, signature) = assertion.rsplit_once('.').ok_or("no client_assertion")?;
    let (header, claims) = signed.split_once('.').ok_or("the assertion has no two dots")?;
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|error| format!("not base64url: {error}"));
    let json = |part: &str| -> Result<Value, String> {
        serde_json::from_slice(&bytes(part)?).map_err(|error| format!("not JSON: {error}"))
    };
    let (header, claims) = (json(header)?, json(claims)?);
    let padding = match header["alg"].as_str() {
        Some("RS256") => "pkcs1",
        Some("PS256") => "pss",
        other => return Err(format!("the algorithm is {other:?}")),
    };
    let thumbprints = thumbprints(certificate)?;
    let named = header["x5t"].as_str() == Some(&thumbprints[0])
        || header["x5t#S256"].as_str() == Some(&thumbprints[1]);
    if !named {
        return Err(format!("the header names another certificate: {header}"));
    }
    for (claim, wanted) in
        [("aud", audience), ("iss", TokenServer::APPLICATION), ("sub", TokenServer::APPLICATION)]
    {
        if claims[claim].as_str() != Some(wanted) {
            return Err(format!("{claim} is {} instead of {wanted}", claims[claim]));
        }
    }
    let now = jiff::Timestamp::now().as_second();
    if !claims["exp"].as_i64().is_some_and(|end| end > now && end <= now + 3600) {
        return Err(format!("exp is {} at {now}", claims["exp"]));
    }
    if claims["jti"].as_str().is_none_or(str::is_empty) {
        return Err("jti is missing".to_owned());
    }
    verify(certificate, padding, signed.as_bytes(), &bytes(signature)?)
}

/// SHA-1 and SHA-256 of the certificate, base64url.
fn thumbprints(certificate: &Path) -> Result<[String; 2], String> {
    let of = |digest: &str| {
        let mut command = Command::new("openssl");
        command.args(["x509", "-noout", "-fingerprint", digest, "-in"]).arg(certificate);
        let output = command.output().map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let hex = text.trim().rsplit('=').next().unwrap_or_default().replace(':', "");
        let bytes: Vec<u8> = (0..hex.len() / 2)
            .filter_map(|at| u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok())
            .collect();
        Ok::<_, String>(URL_SAFE_NO_PAD.encode(bytes))
    };
    Ok([of("-sha1")?, of("-sha256")?])
}

/// Asks OpenSSL, which shares nothing with the code that signed.
fn verify(certificate: &Path, padding: &str, signed: &[u8], signature: &[u8]) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (key, file) = (folder.path().join("key"), folder.path().join("signature"));
    let public = Command::new("openssl").args(["x509", "-noout", "-pubkey", "-in"]).arg(certificate).output();
    public
        .and_then(|output| std::fs::write(&key, output.stdout))
        .and_then(|()| std::fs::write(&file, signature))
        .map_err(|error| error.to_string())?;
    let mut command = Command::new("openssl");
    command.args(["dgst", "-sha256", "-sigopt", &format!("rsa_padding_mode:{padding}"), "-verify"]).arg(key);
    command.arg("-signature").arg(file).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let sent = child.stdin.take().map(|mut input| input.write_all(signed));
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    match sent {
        Some(Ok(())) if output.status.success() => Ok(()),
        _ => Err(format!("the signature is wrong: {}", String::from_utf8_lossy(&output.stdout).trim())),
    }
}

/// The fields of a form (application/x-www-form-urlencoded).
fn decoded(form: &str) -> Vec<(String, String)> {
    let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (plain(name), plain(value))).collect()
}

fn plain(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next(), rest.next()].map(|digit| char::from(digit.unwrap_or(b'0')));
                u8::from_str_radix(&String::from_iter(digits), 16).unwrap_or(b'?')
            }
            other => other,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn forms_are_decoded() {
        let fields = decoded("scope=https%3A%2F%2Fx%2F.default&a=b+c");

        assert_eq!(fields, [("scope".into(), "https://x/.default".into()), ("a".into(), "b c".into())]);
    }
}
