//! Tokens by client credentials: what is asked, how long an answer serves, and what refusals mean.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

#[path = "support/authority.rs"]
mod authority;

use authority::TestAuthority;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::OAuthSettings;
use imapmig_core::failure::{FailureKind, Retry, Scope, Token};
use imapmig_core::ports::Clock;
use imapmig_core::secret::Secret;
use imapmig_core::time::UnixMs;
use imapmig_imap::Tokens;
use imapmig_imap::oauth::{ClientCredentials, certificate};
use imapmig_testkit::tls::TestCa;
use ring::digest::{SHA256, digest};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const START: i64 = 1_700_000_000_000;

struct TestClock(AtomicI64);

impl TestClock {
    fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(START)))
    }

    fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> UnixMs {
        UnixMs(self.0.load(Ordering::SeqCst))
    }
}

fn settings(authority: &TestAuthority, by_certificate: bool) -> OAuthSettings {
    OAuthSettings {
        tenant_id: "contoso".to_owned(),
        application_id: "app-1".to_owned(),
        authority: Some(authority.url.clone()),
        scope: None,
        by_certificate,
    }
}

fn tokens(authority: &TestAuthority, ca: &TestCa, clock: &Arc<TestClock>) -> ClientCredentials {
    let clock: Arc<dyn Clock> = Arc::<TestClock>::clone(clock);
    let secret = Secret::from("s&cret+=");
    ClientCredentials::new(&settings(authority, false), &secret, Some(ca.pem().as_bytes()), clock).unwrap()
}

fn good(token: &str) -> (u16, String) {
    (200, format!("{{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"{token}\"}}"))
}

fn get(tokens: &ClientCredentials) -> String {
    tokens.token(&Cancel::new()).unwrap().expose().to_owned()
}

#[test]
fn a_secret_is_sent_as_the_flow_says() {
    let ca = TestCa::new().unwrap();
    let authority = TestAuthority::new(&ca, vec![good("t1")]);

    assert_eq!(get(&tokens(&authority, &ca, &TestClock::new())), "t1");

    let asked = &authority.asked()[0];
    assert_eq!(asked.path, "/contoso/oauth2/v2.0/token");
    assert_eq!(asked.form["grant_type"], "client_credentials");
    assert_eq!(asked.form["client_id"], "app-1");
    assert_eq!(asked.form["client_secret"], "s&cret+=");
    assert_eq!(asked.form["scope"], "https://outlook.office365.com/.default");
}

#[test]
fn a_certificate_signs_a_statement_that_the_authority_can_verify() {
    let ca = TestCa::new().unwrap();
    let authority = TestAuthority::new(&ca, vec![good("t1")]);
    let password = Secret::from("P@ssw0rd");
    let pem =
        certificate::read_file(include_bytes!("certificates/application.pfx"), Some(&password)).unwrap();
    let clock = TestClock::new();
    let tokens =
        ClientCredentials::new(&settings(&authority, true), &pem, Some(ca.pem().as_bytes()), clock).unwrap();

    get(&tokens);

    let asked = &authority.asked()[0];
    assert_eq!(asked.form["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    assert!(!asked.form.contains_key("client_secret"));
    let parts: Vec<&str> = asked.form["client_assertion"].split('.').collect();
    let json = |part: &str| -> serde_json::Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let (header, claims) = (json(parts[0]), json(parts[1]));
    let blocks = pem::parse_many(pem.expose()).unwrap();
    let der = blocks.iter().find(|b| b.tag() == "CERTIFICATE").unwrap().contents();
    assert_eq!(header["alg"], "RS256");
    assert_eq!(header["x5t#S256"], URL_SAFE_NO_PAD.encode(digest(&SHA256, der)));
    assert_eq!(claims["aud"], format!("{}/contoso/oauth2/v2.0/token", authority.url));
    assert_eq!((&claims["iss"], &claims["sub"]), (&"app-1".into(), &"app-1".into()));
    assert_eq!(claims["exp"].as_i64().unwrap(), START / 1000 + 600);
    assert!(claims["jti"].as_str().is_some_and(|id| id.len() == 36));
    let key = blocks.iter().find(|b| b.tag() == "PRIVATE KEY").unwrap();
    let key = ring::rsa::KeyPair::from_pkcs8(key.contents()).unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref())
        .verify(format!("{}.{}", parts[0], parts[1]).as_bytes(), &URL_SAFE_NO_PAD.decode(parts[2]).unwrap())
        .unwrap();
}

#[test]
fn a_token_serves_until_five_minutes_before_its_end() {
    let ca = TestCa::new().unwrap();
    let authority = TestAuthority::new(&ca, vec![good("t1"), good("t2")]);
    let clock = TestClock::new();
    let tokens = tokens(&authority, &ca, &clock);
    assert_eq!(get(&tokens), "t1");

    clock.advance(3599 - 301);
    assert_eq!(get(&tokens), "t1");

    clock.advance(2);
    assert_eq!(get(&tokens), "t2");
}

#[test]
fn a_token_that_ends_at_once_serves_once_and_the_authority_is_not_asked_without_end() {
    let ca = TestCa::new().unwrap();
    let answer = |token| (200, format!("{{\"access_token\":\"{token}\",\"expires_in\":0}}"));
    let authority = TestAuthority::new(&ca, vec![answer("t1"), answer("t2"), answer("t3")]);
    let tokens = tokens(&authority, &ca, &TestClock::new());

    let told = (get(&tokens), get(&tokens));

    assert_eq!((told.0.as_str(), told.1.as_str()), ("t1", "t2"));
    assert_eq!(authority.asked().len(), 2);
}

#[test]
fn a_refused_token_is_replaced_and_a_newer_one_is_not() {
    let ca = TestCa::new().unwrap();
    let authority = TestAuthority::new(&ca, vec![good("t1"), good("t2"), good("t3")]);
    let tokens = tokens(&authority, &ca, &TestClock::new());
    let first = tokens.token(&Cancel::new()).unwrap();

    tokens.invalidate(&first);
    assert_eq!(get(&tokens), "t2");

    tokens.invalidate(&first);
    assert_eq!(get(&tokens), "t2");
}

#[test]
fn however_many_ask_the_authority_is_asked_once() {
    let ca = TestCa::new().unwrap();
    let authority = TestAuthority::new(&ca, vec![good("t1"), good("t2")]);
    let tokens = tokens(&authority, &ca, &TestClock::new());

    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(get(&tokens), "t1"));
        }
    });

    assert_eq!(authority.asked().len(), 1);
}

#[test]
fn an_old_token_serves_to_its_end_while_the_authority_is_busy() {
    let ca = TestCa::new().unwrap();
    let authority = TestAuthority::new(&ca, vec![good("t1"), (503, "{}".to_owned())]);
    let clock = TestClock::new();
    let tokens = tokens(&authority, &ca, &clock);
    get(&tokens);

    clock.advance(3599 - 60);
    assert_eq!(get(&tokens), "t1");

    clock.advance(61);
    let failure = tokens.token(&Cancel::new()).unwrap_err();
    assert_eq!((failure.kind, failure.retry), (FailureKind::Token, Retry::Reconnect));
}

#[test]
fn a_wrong_tenant_stops_the_batch_with_the_remedy() {
    let ca = TestCa::new().unwrap();
    let json = "{\"error\":\"invalid_request\",\"error_description\":\"AADSTS90002: Tenant 'contoso' not found. Check to make sure you have the correct tenant ID.\\r\\nTrace ID: 1\"}";
    let authority = TestAuthority::new(&ca, vec![(400, json.to_owned())]);

    let failure = tokens(&authority, &ca, &TestClock::new()).token(&Cancel::new()).unwrap_err();

    assert_eq!((failure.scope, failure.kind), (Scope::Batch, FailureKind::Token));
    assert_eq!(*failure.case, Token::TenantUnknown("contoso".to_owned()).into());
    assert!(!failure.to_string().contains("s&cret"));
}

#[test]
fn an_authority_that_is_not_trusted_is_told_nothing() {
    let (ca, other) = (TestCa::new().unwrap(), TestCa::new().unwrap());
    let authority = TestAuthority::new(&ca, vec![good("t1")]);

    let failure = tokens(&authority, &other, &TestClock::new()).token(&Cancel::new()).unwrap_err();

    assert_eq!(failure.kind, FailureKind::Certificate);
    assert!(authority.asked().is_empty());
}

#[test]
fn credentials_are_not_sent_without_tls() {
    let settings = OAuthSettings {
        tenant_id: "contoso".to_owned(),
        application_id: "app-1".to_owned(),
        authority: Some("http://localhost".to_owned()),
        scope: None,
        by_certificate: false,
    };

    let failure = ClientCredentials::new(&settings, &Secret::from("s"), None, TestClock::new()).unwrap_err();

    assert_eq!(failure.kind, FailureKind::Token);
}

#[test]
fn waiting_for_a_token_ends_soon_after_it_is_cancelled() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = OAuthSettings {
        tenant_id: "contoso".to_owned(),
        application_id: "app-1".to_owned(),
        authority: Some(format!("https://127.0.0.1:{}", listener.local_addr().unwrap().port())),
        scope: None,
        by_certificate: false,
    };
    let tokens = ClientCredentials::new(&settings, &Secret::from("s"), None, TestClock::new()).unwrap();
    let cancel = Cancel::new();
    let other = cancel.clone();
    let thread = std::thread::spawn(move || tokens.token(&other));
    let _open = listener.accept().unwrap();

    cancel.cancel();

    assert!(thread.join().unwrap().unwrap_err().is_cancelled());
}
