//! The labels that mean something here, as a set of bits: compared whole and without regard to case, never by a part.

/// A label with a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// On every managed issue.
    Codex,
    /// The main track.
    Main,
    /// The dashboard track.
    Dashboard,
    /// On issues that the self-test made.
    Selftest,
    /// Something fails.
    Failing,
    /// The build fails.
    CiFailure,
    /// It cannot go on.
    Blocked,
    /// Exempt from every repair.
    Exempt,
}

impl Label {
    /// Those that a repository must have, in the order in which they are listed.
    pub const REQUIRED: [Label; 4] = [Label::Codex, Label::Main, Label::Dashboard, Label::Selftest];
    const NAMED: [Label; 7] = [
        Label::Codex,
        Label::Main,
        Label::Dashboard,
        Label::Selftest,
        Label::Failing,
        Label::CiFailure,
        Label::Blocked,
    ];

    /// Its name; the repository may spell it with other capitals.
    pub fn name(self) -> &'static str {
        match self {
            Label::Codex => "codex",
            Label::Main => "codex-trackmain",
            Label::Dashboard => "codex-trackdashboard",
            Label::Selftest => "codex-selftest",
            Label::Failing => "failing",
            Label::CiFailure => "ci-failure",
            Label::Blocked => "blocked",
            Label::Exempt => "exempt",
        }
    }

    /// What a label of that name means; `exempt` is the name of the label that exempts. One name may mean two things.
    pub fn named(name: &str, exempt: Option<&str>) -> impl Iterator<Item = Label> {
        let name = name.trim().to_lowercase();
        let is_exempt = exempt.is_some_and(|exempt| exempt.trim().to_lowercase() == name);
        let own = Label::NAMED.into_iter().filter(move |label| label.name() == name);
        own.chain(is_exempt.then_some(Label::Exempt))
    }

    /// What the repository is told that a label is for, and its colour, where it has to be made.
    pub fn look(self) -> (&'static str, &'static str) {
        match self {
            Label::Codex => ("5319e7", "Managed by the dual-track pipeline"),
            Label::Main => ("0e8a16", "Main track"),
            Label::Dashboard => ("1d76db", "Dashboard track"),
            Label::Selftest => ("bfd4f2", "Made by the pipeline's self-test"),
            Label::Failing | Label::CiFailure | Label::Blocked | Label::Exempt => ("ededed", ""),
        }
    }

    fn bit(self) -> u16 {
        1 << (self as u16)
    }
}

/// A set of labels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Labels(u16);

impl Labels {
    /// Whether the label is in it.
    pub fn has(self, label: Label) -> bool {
        self.0 & label.bit() != 0
    }

    /// The set with the label.
    pub fn with(self, label: Label) -> Labels {
        Labels(self.0 | label.bit())
    }

    /// The set without the label.
    pub fn without(self, label: Label) -> Labels {
        Labels(self.0 & !label.bit())
    }

    /// The set as a number, for the state file.
    pub fn bits(self) -> u16 {
        self.0
    }

    /// The set of that number.
    pub fn of_bits(bits: u16) -> Labels {
        Labels(bits & 0xff)
    }

    /// The names of those in it, in their order.
    pub fn names(self) -> Vec<&'static str> {
        let all = Label::NAMED.into_iter().chain([Label::Exempt]);
        all.filter(|label| self.has(*label)).map(Label::name).collect()
    }
}

impl Extend<Label> for Labels {
    fn extend<I: IntoIterator<Item = Label>>(&mut self, labels: I) {
        for label in labels {
            self.0 |= label.bit();
        }
    }
}

impl FromIterator<Label> for Labels {
    fn from_iter<I: IntoIterator<Item = Label>>(labels: I) -> Labels {
        let mut set = Labels::default();
        set.extend(labels);
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_compared_whole_and_without_case() {
        let check = |name: &str, want: &[Label]| {
            assert_eq!(Label::named(name, Some("Pinned")).collect::<Vec<_>>(), want, "{name}");
        };
        check("Codex-TrackMain", &[Label::Main]);
        check("codex-trackmain-old", &[]);
        check("codex", &[Label::Codex]);
        check("pinned", &[Label::Exempt]);
        check("exempt", &[]);
        let set: Labels = [Label::Codex, Label::Blocked].into_iter().collect();
        assert_eq!(set.with(Label::Main).without(Label::Codex).names(), ["codex-trackmain", "blocked"]);
        assert_eq!(Labels::of_bits(set.bits()), set);
    }
}
