//! Addresses: where the API is, and whether another address is of the same origin. The token goes to that origin only, and over
//! plain http only to this machine.

use std::net::IpAddr;

use ureq::http::Uri;

/// An address that requests may go to: checked, of a known origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    scheme: String,
    host: String,
    port: u16,
    /// What stands before every path, without a slash at the end.
    prefix: String,
}

impl Base {
    /// Reads a base address such as `https://api.github.com`.
    ///
    /// # Errors
    /// A sentence, when it is no address, has user or query, or is plain http to another machine.
    pub fn parse(text: &str) -> Result<Base, String> {
        let text = text.trim();
        let uri: Uri = text.parse().map_err(|error| format!("`{text}` is no address: {error}"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(format!("`{text}` is no address; write it as https://host"));
        };
        if authority.as_str().contains('@') || uri.query().is_some() {
            return Err("an address of the API holds neither a user nor a query".to_owned());
        }
        let host = authority.host().trim_matches(['[', ']']).to_ascii_lowercase();
        let default = match scheme {
            "https" => 443,
            "http" if is_loopback(&host) => 80,
            "http" => {
                return Err(format!("`{text}` is plain http: a token goes over https only, except to this machine"));
            }
            other => return Err(format!("`{text}`: {other} is no protocol of the API")),
        };
        let port = authority.port_u16().unwrap_or(default);
        Ok(Base { scheme: scheme.to_owned(), host, port, prefix: uri.path().trim_end_matches('/').to_owned() })
    }

    /// The full address of a path that begins with a slash.
    pub fn join(&self, path: &str) -> String {
        let Base { scheme, host, port, prefix } = self;
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        let default = (scheme == "https" && *port == 443) || (scheme == "http" && *port == 80);
        let port = if default { String::new() } else { format!(":{port}") };
        format!("{scheme}://{host}{port}{prefix}{path}")
    }

    /// The address itself.
    pub fn address(&self) -> String {
        self.join("")
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// The full address that `location` (a `Link` or `Location` header) means, if it is of this origin: same protocol, host and
    /// port. None for every other.
    pub fn same_origin(&self, location: &str) -> Option<String> {
        if location.starts_with('/') && !location.starts_with("//") {
            let bare = Base { prefix: String::new(), ..self.clone() };
            return Some(bare.join(location));
        }
        let uri: Uri = location.parse().ok()?;
        let other = Base::parse(&format!("{}://{}", uri.scheme_str()?, uri.authority()?)).ok()?;
        let same = other.scheme == self.scheme && other.host == self.host && other.port == self.port;
        same.then(|| location.to_owned())
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The address of `rel="next"` in a `Link` header.
pub fn next_link(header: &str) -> Option<&str> {
    header.split(',').find_map(|link| {
        let (address, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = rest.split(';').any(|part| {
            let part = part.trim();
            part.eq_ignore_ascii_case("rel=\"next\"") || part.eq_ignore_ascii_case("rel=next")
        });
        is_next.then_some(address)
    })
}

/// A part of a path with everything escaped that has a meaning there.
pub fn escape(part: &str) -> String {
    part.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for (text, ok) in [
            ("https://api.github.com", true),
            ("https://ghe.example/api/v3/", true),
            ("http://127.0.0.1:8080", true),
            ("http://localhost:1", true),
            ("http://[::1]:1", true),
            ("http://api.github.com", false),
            ("http://127.0.0.1.example.com", false),
            ("http://127.0.0.1@evil.example", false),
            ("ftp://localhost", false),
            ("api.github.com", false),
            ("https://a/?x=1", false),
            ("", false),
        ] {
            assert_eq!(Base::parse(text).is_ok(), ok, "{text}");
        }
        let base = Base::parse("https://ghe.example/api/v3/").expect("a base");
        assert_eq!(base.join("/repos/a/b"), "https://ghe.example/api/v3/repos/a/b");
        assert_eq!(Base::parse("http://[::1]:9").expect("a base").join("/x"), "http://[::1]:9/x");
    }

    #[test]
    fn only_the_same_origin_is_followed() {
        let base = Base::parse("https://api.github.com").expect("a base");
        for (location, want) in [
            ("https://api.github.com/repositories/1", Some("https://api.github.com/repositories/1")),
            ("https://API.github.com:443/x", Some("https://API.github.com:443/x")),
            ("/repositories/1", Some("https://api.github.com/repositories/1")),
            ("//evil.example/x", None),
            ("http://api.github.com/x", None),
            ("https://api.github.com:444/x", None),
            ("https://api.github.com.evil.example/x", None),
            ("https://api.github.com@evil.example/x", None),
            ("repositories/1", None),
        ] {
            assert_eq!(base.same_origin(location).as_deref(), want, "{location}");
        }
    }

    #[test]
    fn links_and_escapes() {
        let header = "<https://a/1>; rel=\"prev\", <https://a/2?after=x>; rel=\"next\"";
        assert_eq!(next_link(header), Some("https://a/2?after=x"));
        assert_eq!(next_link("<https://a/1>; rel=\"prev\""), None);
        assert_eq!(escape("good first/issue ü"), "good%20first%2Fissue%20%C3%BC");
    }
}
