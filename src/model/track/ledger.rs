//! Human activity: when somebody other than this pipeline did something about an issue. `updated_at` alone does not say it, because
//! every repair of ours moves it.

/// A write of ours: the server's time from just before it was sent until its answer, seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// From here, inclusive.
    pub from: i64,
    /// To here, inclusive.
    pub to: i64,
}

/// A moment of an issue's timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// When, seconds.
    pub at: i64,
    /// Whether it is of a kind that our writes leave.
    pub ours: bool,
}

/// A window wider than this may hold a change by somebody else, seconds.
const WIDE: i64 = 6;
/// How long an unanswered write may have taken effect, seconds.
const UNANSWERED: i64 = 60;

impl Window {
    /// The window of an answered write; a second on both sides, because the server's times are whole seconds.
    pub fn answered((from, to): (i64, i64)) -> Window {
        Window { from: from.saturating_sub(1), to: to.max(from).saturating_add(1) }
    }

    /// The window of a write of which nobody knows when it took effect.
    pub fn unanswered(from: i64) -> Window {
        Window { from: from.saturating_sub(1), to: from.saturating_add(UNANSWERED) }
    }

    /// Whether it is so wide that somebody else may have done something in it, too.
    pub fn is_wide(self) -> bool {
        self.to.saturating_sub(self.from) > WIDE
    }

    /// Whether a moment is in it.
    pub fn has(self, at: i64) -> bool {
        (self.from..=self.to).contains(&at)
    }
}

/// What was known of an issue before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    /// Its `updated_at`.
    pub updated: Option<i64>,
    /// The last human activity.
    pub human: Option<i64>,
}

/// The last human activity of an issue that says `updated`: that moment, unless it is the same as before or was ours. `created`
/// stands in where nothing else is known.
pub fn human(before: Option<Before>, updated: Option<i64>, created: Option<i64>, ours: &[Window]) -> Option<i64> {
    let Some(updated) = updated else { return before.and_then(|before| before.human).or(created) };
    if let Some(before) = before
        && before.updated == Some(updated)
    {
        return before.human.or(Some(updated));
    }
    if ours.iter().any(|window| window.has(updated)) {
        return before.and_then(|before| before.human).or(created);
    }
    Some(updated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repair_does_not_make_an_issue_fresh() {
        let ours = [Window::answered((1000, 1001)), Window::answered((5000, 5000))];
        let before = |updated, human| Some(Before { updated: Some(updated), human: Some(human) });
        let check = |known: Option<Before>, updated: Option<i64>, want: Option<i64>| {
            assert_eq!(human(known, updated, Some(10), &ours), want, "{known:?} {updated:?}");
        };
        check(None, Some(700), Some(700));
        check(None, Some(1001), Some(10));
        check(before(700, 700), Some(1000), Some(700));
        check(before(700, 700), Some(999), Some(700));
        check(before(700, 700), Some(1002), Some(700));
        check(before(700, 700), Some(998), Some(998));
        // Read again after our write, and again after a person's.
        check(before(1000, 700), Some(1000), Some(700));
        check(before(1000, 700), Some(1500), Some(1500));
        check(before(1500, 1500), Some(5001), Some(1500));
        check(before(1500, 1200), None, Some(1200));
        check(None, None, Some(10));
    }
}
