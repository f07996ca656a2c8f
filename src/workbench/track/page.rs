//! The dashboard page: three files, each with a last line by which it is known as ours and unchanged.

use crate::doc::Rev;

/// Path below the folder of the dashboard, text, and what begins and ends a comment there.
const FILES: [(&str, &str, &str, &str); 3] = [
    ("dashboard/index.html", include_str!("../../../assets/dashboard/index.html"), "<!-- ", " -->"),
    ("dashboard/app.js", include_str!("../../../assets/dashboard/app.js"), "/* ", " */"),
    ("dashboard/styles.css", include_str!("../../../assets/dashboard/styles.css"), "/* ", " */"),
];

/// What stands before the hash in the last line.
const MARK: &str = "made by codex-tui track merge; a changed file is left alone; ";

/// Whose a file of the page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// It is not there.
    Absent,
    /// Ours, of this version or another, as it was written.
    Ours,
    /// A person's: made or changed by hand.
    Theirs,
}

/// Paths and bytes of the page.
pub fn files() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    FILES.into_iter().map(|(path, text, begin, end)| {
        (path, format!("{text}{begin}{MARK}{}{end}\n", Rev::of(text.as_bytes())).into_bytes())
    })
}

/// Whose the bytes of a file are.
pub fn whose(bytes: Option<&[u8]>) -> Page {
    let Some(bytes) = bytes else { return Page::Absent };
    let own = std::str::from_utf8(bytes).is_ok_and(|text| {
        let cut = text.trim_end_matches('\n').rfind('\n').map_or(0, |at| at + 1);
        let (body, last) = text.split_at(cut);
        let hash = last.split_once(MARK).and_then(|(_, rest)| rest.split_whitespace().next());
        hash == Some(Rev::of(body.as_bytes()).to_string().as_str())
    });
    if own { Page::Ours } else { Page::Theirs }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_ours_is_known_until_it_is_changed() {
        for (path, bytes) in files() {
            assert_eq!(whose(Some(&bytes)), Page::Ours, "{path}");
            let text = String::from_utf8(bytes).expect("text");
            let changed = text.replacen("dashboard", "Dashboard", 1);
            assert_ne!(changed, text, "{path}");
            assert_eq!(whose(Some(changed.as_bytes())), Page::Theirs, "{path}");
            assert_eq!(whose(Some(format!("{text}more\n").as_bytes())), Page::Theirs, "{path}");
        }
        assert_eq!(whose(Some(b"<h1>mine</h1>\n")), Page::Theirs);
        assert_eq!(whose(Some(b"")), Page::Theirs);
        assert_eq!(whose(None), Page::Absent);
    }
}
