//! The token. It comes from one variable, goes into one header, and prints nowhere.

use std::fmt;

/// The only variable that a token is taken from.
pub const VARIABLE: &str = "GH_CI_PAT";

/// A token that cannot be printed: neither `{}` nor `{:?}` shows it, and nothing but the header of a request gets it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// The token in the environment. None when the variable is absent, blank, or holds what no header can carry.
    pub fn from_environment() -> Option<Token> {
        Token::new(&std::env::var(VARIABLE).ok()?)
    }

    /// A token from its text; blanks around it do not count.
    pub fn new(text: &str) -> Option<Token> {
        let text = text.trim();
        let is_plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic());
        is_plain.then(|| Token(text.to_owned()))
    }

    /// The value of the `Authorization` header.
    pub(super) fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// Whether it is one of the kind that is limited to an owner's repositories; GitHub names that kind in the token itself.
    pub fn is_fine_grained(&self) -> bool {
        self.0.starts_with("github_pat_")
    }

    /// The text without the token, wherever it stands in it: for messages that repeat what a server said.
    pub fn redact(&self, text: &str) -> String {
        text.replace(&self.0, "[token]")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[token]")
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[token]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_prints_nowhere() {
        let token = Token::new(" ghp_secret\n").expect("a token");
        assert_eq!(format!("{token} {token:?} {:?}", Some(&token)), "[token] [token] Some([token])");
        assert_eq!(token.redact("bad ghp_secret!"), "bad [token]!");
        assert_eq!(token.header(), "Bearer ghp_secret");
        for blank in ["", "  \n", "two words", "zero\u{0}", "ümlaut"] {
            assert_eq!(Token::new(blank), None, "{blank:?}");
        }
    }
}
