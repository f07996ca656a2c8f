//! The dashboard page in a real browser, where one is installed: what it shows of good, hostile, damaged and missing data.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use super::files::copy;
use super::verbs::{code, run};

/// A server of one folder on a loopback address; it ends with the test.
fn serve(root: &Path) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let root = root.to_owned();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut request = String::new();
            // A browser opens connections that it does not use.
            let _ = BufReader::new(&stream).read_line(&mut request);
            let path = request.split(' ').nth(1).unwrap_or("/").trim_start_matches('/').to_owned();
            let kind = match path.rsplit('.').next() {
                Some("html") => "text/html",
                Some("js") => "text/javascript",
                Some("css") => "text/css",
                _ => "application/json",
            };
            let (status, body) = match std::fs::read(root.join(&path)) {
                Ok(body) => ("200 OK", body),
                Err(_) => ("404 Not Found", Vec::new()),
            };
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let mut stream = &stream;
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    format!("http://{address}/dashboard/index.html")
}

/// The page as the browser has it after its script ran; none where there is no browser.
fn page(root: &Path) -> Option<String> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let profile = tempfile::tempdir().expect("a folder");
    let url = serve(root);
    let output = names.iter().find_map(|name| {
        let flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000", "--dump-dom"];
        let folder = format!("--user-data-dir={}", profile.path().display());
        Command::new(name).args(flags).arg(folder).arg(&url).output().ok()
    })?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("text"))
}

fn merged_demo() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/tracks"), dir.path());
    let out = dir.path().to_str().expect("a path");
    assert_eq!(code(&run(dir.path(), &["track", "merge", "--out", out])), 0);
    dir
}

#[test]
fn the_page_shows_the_demo() {
    let dir = merged_demo();
    let Some(page) = page(dir.path()) else { return };
    for text in [
        "<bdi>harbor/quay</bdi>",
        "6 active",
        "worse than before: +1 missing milestone",
        "created #63 and read it back",
        "missing labels[]",
        "waits for the next run",
        "<bdi>harbor/crane</bdi>",
        "telemetry/sync-19700144990.json:7",
        "Port labels with &lt;script&gt; in them",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert_eq!(page.matches("<article").count(), 8, "two tracks and six components");
}

#[test]
fn hostile_texts_are_texts() {
    let dir = merged_demo();
    let path = dir.path().join("dashboard/dashboard.json");
    let text = std::fs::read_to_string(&path).expect("a dashboard");
    let mut data: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let evil = "<img src=x onerror=\"document.title='owned'\">\u{202e}evil\u{2066}";
    data["activity"]["main"][0]["title"] = evil.into();
    data["activity"]["main"][0]["age_days"] = 99.into();
    data["sync"]["failed"][0]["error"] = evil.into();
    data["sync"]["integrity"]["malformed"][0]["reason"] = evil.into();
    data["sync"]["repository"] = "javascript:alert(1)//x".into();
    data["supervisor"]["repository"] = "\"><script>document.title='owned'</script>".into();
    data["meta"]["skipped"][0]["file"] = evil.into();
    data["supervisor"]["tracks"]["main"]["milestone"] = evil.into();
    data["repos"][evil] = serde_json::json!({"meta": 5, "sync": [1], "supervisor": "x"});
    data["cleaner"] = serde_json::json!(["not", "an", "object"]);
    data["diagnostics"]["warnings"] = serde_json::json!([null, 5, {"code": evil, "message": {"a": evil}}]);
    std::fs::write(&path, data.to_string()).expect("a file");
    let Some(page) = page(dir.path()) else { return };
    assert!(!page.contains("<img") && !page.contains("owned</title>") && !page.contains("<script>"), "{page}");
    assert!(!page.contains('\u{202e}') && !page.contains('\u{2066}'));
    assert!(page.contains("&lt;img src=x onerror=") && page.contains("\u{27e8}U+202E\u{27e9}evil"), "{page}");
    assert!(!page.contains("href=\"javascript"));
    assert_eq!(page.matches("<article").count(), 8);
}

#[test]
fn what_is_missing_or_damaged_is_said() {
    for (text, want) in [
        (None, "dashboard.json is not there."),
        (Some("{\"sync\": ,}"), "dashboard.json is damaged."),
        (Some("[{\"component\":\"sync\"}]"), "dashboard.json is not of this form."),
        (Some("{\"sync\":null,\"meta\":7}"), "There is no telemetry yet."),
    ] {
        let dir = merged_demo();
        let path = dir.path().join("dashboard/dashboard.json");
        match text {
            Some(text) => std::fs::write(&path, text).expect("a file"),
            None => std::fs::remove_file(&path).expect("a file"),
        }
        let Some(page) = page(dir.path()) else { return };
        assert!(page.contains(want), "{want}: {page}");
    }
}
