//! From samples to one number.

use crate::model::gate::{Comparator, Polarity, Statistic};

/// A percentile, linear between the closest ranks (type 7 of Hyndman and Fan): position `p/100 · (n−1)`. Reorders `values`.
pub(super) fn percentile(values: &mut [f64], rank: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let at = (rank / 100.0).clamp(0.0, 1.0) * last as f64;
    let low = at.floor() as usize;
    let part = at - low as f64;
    let (_, value, above) = values.select_nth_unstable_by(low, f64::total_cmp);
    let value = *value;
    let next = above.iter().copied().min_by(f64::total_cmp);
    Some(next.map_or(value, |next| value + (next - value) * part))
}

/// The statistic of samples; none where there are none. `worst` says which of several single values counts.
pub(super) fn of(statistic: Statistic, values: &[f64], worst: Worst) -> Option<f64> {
    let largest = || values.iter().copied().max_by(f64::total_cmp);
    let smallest = || values.iter().copied().min_by(f64::total_cmp);
    if values.is_empty() && statistic != Statistic::Count {
        return None;
    }
    match statistic {
        Statistic::Count => Some(values.len() as f64),
        Statistic::Average => Some(values.iter().sum::<f64>() / values.len() as f64),
        Statistic::Percentile(rank) => percentile(&mut values.to_vec(), rank),
        Statistic::Minimum => smallest(),
        Statistic::Maximum => largest(),
        Statistic::Sum => Some(values.iter().sum()),
        Statistic::Value => match worst {
            Worst::Largest => largest(),
            Worst::Smallest => smallest(),
        },
        Statistic::Distinct
        | Statistic::Ratio
        | Statistic::Coverage
        | Statistic::Streak
        | Statistic::Exists
        | Statistic::Age => None,
    }
}

/// Which of several values is the worse one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worst {
    Largest,
    Smallest,
}

/// Which of several values is the worse one, by what the clause asks for.
pub(super) fn worst(comparator: Option<Comparator>, polarity: Polarity) -> Worst {
    let wants_more = comparator.is_some_and(Comparator::wants_more);
    match polarity {
        Polarity::Good if wants_more => Worst::Smallest,
        Polarity::Good => Worst::Largest,
        Polarity::Alert if wants_more => Worst::Largest,
        Polarity::Alert => Worst::Smallest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_linear_between_ranks() {
        assert_eq!(percentile(&mut [], 95.0), None);
        assert_eq!(percentile(&mut [7.0], 95.0), Some(7.0));
        assert_eq!(percentile(&mut [4.0, 1.0, 3.0, 2.0], 50.0), Some(2.5));
        assert_eq!(percentile(&mut [1.0, 2.0, 3.0, 4.0, 5.0], 75.0), Some(4.0));
        assert_eq!(percentile(&mut [10.0, 0.0], 99.0), Some(9.9));
    }
}
