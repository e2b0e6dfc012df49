//! Latencies counted in buckets, and a line through samples. Pure.

/// Buckets for each power of two: a value is off by less than 1 in 128.
const STEPS: u64 = 128;
const STEPS_LOG2: u32 = STEPS.trailing_zeros();

/// Counts of values, in microseconds, each to within 0.8 %. Takes the same small memory however many there are.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

fn bucket(value: u64) -> usize {
    if value < 2 * STEPS {
        return value as usize;
    }
    let shift = value.ilog2() - STEPS_LOG2;
    ((u64::from(shift) << STEPS_LOG2) + (value >> shift)) as usize
}

/// The middle of a bucket.
fn middle(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < 2 * STEPS {
        return bucket;
    }
    let shift = (bucket >> STEPS_LOG2) - 1;
    ((STEPS + (bucket & (STEPS - 1))) << shift) + (1 << shift) / 2
}

impl Histogram {
    /// Counts one value, in microseconds.
    pub fn record(&mut self, value_us: u64) {
        let bucket = bucket(value_us);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.total += 1;
    }

    /// The value that a share of `p` (0 to 1) of all values does not exceed, in milliseconds; 0 when there is none.
    pub fn percentile_ms(&self, p: f64) -> f64 {
        let rank = ((self.total as f64 * p).ceil() as u64).clamp(1, self.total.max(1));
        let mut below = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            below += count;
            if below >= rank {
                return middle(bucket) as f64 / 1_000.0;
            }
        }
        0.0
    }
}

/// The slope of the straight line that lies nearest to the points `(x, y)`; 0 for fewer than two.
pub fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let (sum_x, sum_y) = points.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let (over, under) = points.iter().fold((0.0, 0.0), |(over, under), (x, y)| {
        (over + (x - mean_x) * (y - mean_y), under + (x - mean_x) * (x - mean_x))
    });
    if under > 0.0 { over / under } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_rise_without_a_gap_and_hold_what_was_put_in() {
        for value in 0..100_000 {
            let (here, next) = (bucket(value), bucket(value + 1));
            assert!(next == here || next == here + 1, "{value}");
            let off = middle(here).abs_diff(value);
            assert!(off * STEPS <= value, "{value} is told as {}", middle(here));
        }
        assert_eq!(bucket(middle(bucket(u64::from(u32::MAX)))), bucket(u64::from(u32::MAX)));
    }

    #[test]
    fn percentiles_are_nearest_ranks() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.percentile_ms(0.5), 0.0);
        for value in 1..=100 {
            histogram.record(value);
        }
        for (p, expected_us) in [(0.0, 1), (0.01, 1), (0.5, 50), (0.95, 95), (0.99, 99), (0.991, 100), (1.0, 100)] {
            assert_eq!(histogram.percentile_ms(p), f64::from(expected_us) / 1_000.0, "{p}");
        }
    }

    #[test]
    fn a_line_is_drawn_through_what_was_sampled() {
        assert_eq!(slope(&[]), 0.0);
        assert_eq!(slope(&[(1.0, 5.0)]), 0.0);
        assert_eq!(slope(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]), 2.0);
        assert_eq!(slope(&[(0.0, 4.0), (1.0, 4.0), (2.0, 4.0)]), 0.0);
    }
}
