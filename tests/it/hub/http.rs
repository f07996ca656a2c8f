//! Requests in, answers out: as much of HTTP as the tests' server needs.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use chrono::Utc;
use serde_json::Value;

pub struct Request {
    pub method: String,
    pub path: String,
    pub query: BTreeMap<String, String>,
    pub target: String,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
}

pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

pub fn read(input: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    if input.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        input.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length: usize = headers.get("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    input.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    Some(Request {
        method,
        path: path.to_owned(),
        query: pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
        target,
    })
}

pub fn send(
    output: &mut TcpStream,
    request: &Request,
    answer: &Reply,
    truncated: bool,
    ahead: i64,
) -> std::io::Result<bool> {
    let etag = format!(
        "W/\"{:x}\"",
        answer.body.bytes().fold(7u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()))
    );
    let known = request.headers.get("if-none-match").is_some_and(|known| *known == etag);
    let (status, body) = if known && answer.status == 200 { (304, "") } else { (answer.status, answer.body.as_str()) };
    let mut head = format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nDate: {}\r\nETag: {etag}\r\nContent-Type: application/json\r\n",
        body.len(),
        (Utc::now() + chrono::Duration::seconds(ahead)).format("%a, %d %b %Y %H:%M:%S GMT"),
    );
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head.push_str(&body[..if truncated { body.len() / 2 } else { body.len() }]);
    output.write_all(head.as_bytes())?;
    output.flush()?;
    Ok(status == 304)
}
