//! What is masked and what is not, whatever pieces it comes in.

use proptest::prelude::*;

use super::*;

fn secrets() -> Secrets {
    let set = [
        ("GITHUB_TOKEN", "correct-horse"),
        ("HOME", "/home/somebody"),
        ("DB_PASSWORD", "kurz"),
        ("DEPLOY_PRIVATE_KEY", "first line\nsecond line\n"),
    ];
    Secrets::new(set.map(|(name, value)| (name.to_owned(), value.to_owned())))
}

#[track_caller]
fn check(text: &str, want: &str) {
    let secrets = secrets();
    assert_eq!(secrets.mask(text), want);
    assert_eq!(secrets.mask(want), want, "masking twice changes nothing");
    // The same, whatever pieces it comes in.
    for size in [1, 2, 7] {
        let (mut masker, mut out) = (secrets.masker(), Vec::new());
        text.as_bytes().chunks(size).for_each(|piece| masker.push(piece, &mut out));
        masker.finish(&mut out);
        assert_eq!(String::from_utf8_lossy(&out), want, "in pieces of {size}");
    }
}

/// Made up here, so that no text of this file looks like a secret.
fn long(front: &str, len: usize) -> String {
    format!("{front}{}", "a1B2".repeat(len.div_ceil(4)))
}

#[test]
fn values_of_the_environment() {
    check("say correct-horse twice: correct-horse", "say [masked] twice: [masked]");
    check("Correct-Horse /home/somebody kurz", "Correct-Horse /home/somebody kurz");
    check("> first line\n> second line\n", "> [masked]\n> [masked]\n");
}

#[test]
fn shapes() {
    for front in ["ghp_", "gho_", "github_pat_", "glpat-", "xoxb-", "sk-", "sk-proj-", "AIza", "npm_"] {
        let secret = long(front, 40);
        check(&format!("use {secret}, now"), "use [masked], now");
        check(&format!("\u{1b}[31m{secret}\u{1b}[0m"), "\u{1b}[31m[masked]\u{1b}[0m");
    }
    check(&format!("id AKIA{} end", "ABCD".repeat(4)), "id [masked] end");
    check(&format!("{}.{}.{}", long("eyJ", 20), long("eyJ", 20), long("", 20)), "[masked]");
    check(&format!("curl -H 'Authorization: Bearer {}' x", long("", 20)), "curl -H 'Authorization: [masked]' x");
    check("Authorization: Basic dXNlcjpwYXNz\nnext", "Authorization: [masked]\nnext");
    check("{\"Authorization\": \"Basic abc\", \"a\": 1}", "{\"Authorization\": \"[masked]\", \"a\": 1}");
    check(&format!("bearer {}", long("", 20)), "bearer [masked]");
    check(
        "https://ann:pa:ss@example.org/x ssh://git@example.org",
        "https://ann:[masked]@example.org/x ssh://git@example.org",
    );
    check("https://0123456789abcdefgh@example.org", "https://[masked]@example.org");
}

#[test]
fn named_values() {
    check("password=hunter2 rest", "password=[masked] rest");
    check("Password : 'hunter \\'2' rest", "Password : '[masked]' rest");
    check("run --token abc --db-password=\"a b\" -x", "run --token [masked] --db-password=\"[masked]\" -x");
    check("Connect -ApiKey abc -AccessToken abc", "Connect -ApiKey [masked] -AccessToken [masked]");
    check("{\"client_secret\":\"abc\",\"n\":1}", "{\"client_secret\":\"[masked]\",\"n\":1}");
    check("export AWS_SECRET_ACCESS_KEY=abc", "export AWS_SECRET_ACCESS_KEY=[masked]");
    check("MYSQL_PWD=abc PWD=/tmp", "MYSQL_PWD=[masked] PWD=/tmp");
    check("$env:AZURE_PAT = \"abc\"", "$env:AZURE_PAT = \"[masked]\"");
    check("password=\nnext", "password=\nnext");
}

#[test]
fn what_is_no_secret() {
    for text in [
        "",
        "the token is gone; a secret meeting; password",
        "tokenizer=fast max_tokens: 4096",
        "task-0123456789012345678901234567890",
        "bearer of news",
        "token: null",
        "https://example.org/a@b?x=y",
        "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----",
        "ghp_short AKIASHORT eyJx",
        "Tests Passed: 246, Failed: 0",
    ] {
        check(text, text);
    }
}

#[test]
fn private_keys() {
    let key = format!("-----BEGIN RSA {}-----\nMIIE\n\nabc=\n-----END RSA {0}-----\n", "PRIVATE KEY");
    check(&format!("a\n{key}b\n{key}c"), "a\n[masked]\nb\n[masked]\nc");
    check(&format!("k={:?} rest\nnext", key), "k=\"[masked]\nnext");
    let endless = format!("-----BEGIN {}-----\n{}", "PRIVATE KEY", "x\n".repeat(300));
    check(&endless, &format!("[masked]\n{}", "x\n".repeat(100)));
}

#[test]
fn names() {
    for name in
        ["GITHUB_TOKEN", "NPMTOKEN", "apiKey", "api-key", "PGPASSWORD", "GH_PAT", "AWS_ACCESS_KEY_ID", "x.secret"]
    {
        assert!(is_secret_name(name), "{name}");
    }
    for name in ["PATH", "PWD", "HOME", "TOKENIZER", "KEYBOARD", "COMPASS_DIR", "PATTERN", "ALLOW_NET", "MONKEY"] {
        assert!(!is_secret_name(name), "{name}");
    }
}

#[test]
fn a_line_that_never_ends_is_masked_in_bounded_memory() {
    let secret = long("ghp_", 40);
    for shift in [0, 1, 20, 44, 5_000] {
        let text =
            format!("{}{secret} password=hunter2x {}", "x ".repeat((64 << 9) - 4_100 + shift), "y ".repeat(150_000));
        let (mut masker, mut out) = (secrets().masker(), Vec::new());
        for piece in text.as_bytes().chunks(1 << 12) {
            masker.push(piece, &mut out);
            assert!(masker.held() <= 2 << 16);
        }
        masker.finish(&mut out);
        let want = text.replace(&secret, MASKED).replace("hunter2x", MASKED);
        assert!(out == want.as_bytes(), "shift {shift}");
    }
    // A secret of any length.
    let text = format!("password={} rest", "z".repeat(1 << 20));
    let (mut masker, mut out) = (secrets().masker(), Vec::new());
    text.as_bytes().chunks(999).for_each(|piece| masker.push(piece, &mut out));
    masker.finish(&mut out);
    assert_eq!(String::from_utf8_lossy(&out), "password=[masked] rest");
}

proptest! {
    #[test]
    fn a_secret_is_found_in_any_pieces(front in "[a-z \n]{0,40}", behind in "[a-z \n]{0,40}", size in 1usize..30) {
        let text = format!("{front}correct-horse{behind}");
        let (mut masker, mut out) = (secrets().masker(), Vec::new());
        text.as_bytes().chunks(size).for_each(|piece| masker.push(piece, &mut out));
        masker.finish(&mut out);
        prop_assert_eq!(String::from_utf8_lossy(&out), format!("{front}{MASKED}{behind}"));
    }

    #[test]
    fn any_bytes_pass(text in proptest::collection::vec(any::<u8>(), 0..300)) {
        let (mut masker, mut out) = (secrets().masker(), Vec::new());
        masker.push(&text, &mut out);
        masker.finish(&mut out);
        prop_assert_eq!(out, text);
    }
}
