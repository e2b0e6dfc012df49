//! Where a window may stand, so that one can always take hold of it. Knows no toolkit.

/// A rectangle on the desktop, in physical pixels. Screens left of or above the first one have negative places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Area {
    fn right(&self) -> i64 {
        i64::from(self.x) + i64::from(self.width)
    }

    fn bottom(&self) -> i64 {
        i64::from(self.y) + i64::from(self.height)
    }

    /// Width and height of what two have in common, 0 where they do not meet.
    fn common(&self, other: &Self) -> (i64, i64) {
        let width = self.right().min(other.right()) - i64::from(self.x.max(other.x));
        let height = self.bottom().min(other.bottom()) - i64::from(self.y.max(other.y));
        if width > 0 && height > 0 { (width, height) } else { (0, 0) }
    }

    /// How far the middles lie apart, squared.
    fn distance(&self, other: &Self) -> i128 {
        let across =
            i128::from(self.x) * 2 + i128::from(self.width) - i128::from(other.x) * 2 - i128::from(other.width);
        let down =
            i128::from(self.y) * 2 + i128::from(self.height) - i128::from(other.y) * 2 - i128::from(other.height);
        across * across + down * down
    }
}

/// How much of the title strip has to be in sight, as a multiple of its height: enough to take hold of with a pointer.
const REACH_STRIPS: i64 = 4;

/// Where a window has to go so that its title strip, the uppermost `strip` pixels, is within reach of the pointer on one
/// of the `screens` (their work areas, without panels). `None` where it is well as it is, or nothing is known of screens.
///
/// A window that has to move goes to the screen it shares most with, or else the closest, wholly inside, and becomes no
/// larger than that screen. One that is larger than all screens together moves too: its buttons would be out of reach.
#[must_use]
pub fn within_reach(window: Area, strip: u32, screens: &[Area]) -> Option<Area> {
    // What has no size is not on the desktop yet.
    if window.width == 0 || window.height == 0 {
        return None;
    }
    // Nor is a screen that is on its way in or out.
    let screens = || screens.iter().filter(|screen| screen.width > 0 && screen.height > 0);
    let left = screens().map(|s| i64::from(s.x)).min()?;
    let top = screens().map(|s| i64::from(s.y)).min()?;
    let right = screens().map(Area::right).max()?;
    let bottom = screens().map(Area::bottom).max()?;
    let fits = i64::from(window.width) <= right - left && i64::from(window.height) <= bottom - top;
    let strip = strip.clamp(1, window.height);
    let title = Area { height: strip, ..window };
    let wide = (i64::from(strip) * REACH_STRIPS).min(i64::from(window.width));
    // Half of its height will do: what a panel covers of the rest is no loss.
    let high = (i64::from(strip) / 2).max(1);
    let in_reach = screens().any(|screen| {
        let (width, height) = title.common(screen);
        width >= wide && height >= high
    });
    if fits && in_reach {
        return None;
    }
    let shared = |screen: &Area| {
        let (width, height) = window.common(screen);
        i128::from(width) * i128::from(height)
    };
    let home = screens().max_by_key(|screen| (shared(screen), -window.distance(screen)))?;
    let width = window.width.min(home.width);
    let height = window.height.min(home.height);
    let inside = |at: i32, length: u32, from: i32, end: i64| {
        let last = i32::try_from(end - i64::from(length)).unwrap_or(from).max(from);
        at.clamp(from, last)
    };
    let x = inside(window.x, width, home.x, home.right());
    let y = inside(window.y, height, home.y, home.bottom());
    let moved = Area { x, y, width, height };
    (moved != window).then_some(moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRIP: u32 = 40;

    const fn area(x: i32, y: i32, width: u32, height: u32) -> Area {
        Area { x, y, width, height }
    }

    const LAPTOP: Area = area(0, 0, 1_366, 768);
    const BESIDE: Area = area(1_366, 0, 1_920, 1_080);
    const ABOVE: Area = area(0, -1_080, 1_920, 1_080);

    #[test]
    fn a_window_that_can_be_taken_hold_of_stays_where_it_is() {
        for (window, screens) in [
            (area(100, 50, 1_200, 700), &[LAPTOP][..]),
            (area(0, 0, 1_366, 768), &[LAPTOP]),
            (area(1_500, 100, 1_200, 800), &[LAPTOP, BESIDE]),
            (area(100, -1_000, 1_200, 800), &[LAPTOP, ABOVE]),
            // Half out to the side, as people put windows away.
            (area(1_200, 100, 1_200, 600), &[LAPTOP]),
            (area(-1_000, 100, 1_200, 600), &[LAPTOP]),
            (area(100, 740, 1_200, 700), &[LAPTOP]),
            // Over two screens, larger than either.
            (area(200, 20, 2_500, 900), &[LAPTOP, BESIDE]),
        ] {
            assert_eq!(within_reach(window, STRIP, screens), None, "{window:?}");
        }
    }

    #[test]
    fn a_window_whose_screen_went_away_comes_to_the_one_that_is_left() {
        assert_eq!(within_reach(area(1_900, 200, 1_200, 700), STRIP, &[LAPTOP]), Some(area(166, 68, 1_200, 700)));
        assert_eq!(within_reach(area(100, -1_000, 1_200, 700), STRIP, &[LAPTOP]), Some(area(100, 0, 1_200, 700)));
        assert_eq!(within_reach(area(-3_000, 5_000, 1_200, 700), STRIP, &[LAPTOP]), Some(area(0, 68, 1_200, 700)));
    }

    #[test]
    fn a_window_that_touches_a_screen_but_with_its_strip_out_of_sight_comes_in() {
        // Only the lower part is seen: nothing there can be dragged.
        assert_eq!(within_reach(area(100, -300, 1_200, 700), STRIP, &[LAPTOP]), Some(area(100, 0, 1_200, 700)));
        // Some pixels of the strip are too few to hit.
        assert_eq!(within_reach(area(1_300, 100, 1_200, 600), STRIP, &[LAPTOP]), Some(area(166, 100, 1_200, 600)));
        assert_eq!(within_reach(area(100, 760, 1_200, 700), STRIP, &[LAPTOP]), Some(area(100, 68, 1_200, 700)));
    }

    #[test]
    fn a_panel_over_the_strip_is_no_place_for_it() {
        let below_panel = area(0, 64, 1_366, 704);
        assert_eq!(within_reach(area(0, 0, 1_200, 600), STRIP, &[below_panel]), Some(area(0, 64, 1_200, 600)));
        assert_eq!(within_reach(area(0, 50, 1_200, 600), STRIP, &[below_panel]), None, "more than half is free");
    }

    #[test]
    fn a_window_becomes_no_larger_than_the_screen_it_comes_to() {
        assert_eq!(within_reach(area(2_000, 0, 2_400, 1_400), STRIP, &[LAPTOP]), Some(LAPTOP));
        assert_eq!(within_reach(area(0, 0, 1_600, 700), STRIP, &[LAPTOP]), Some(area(0, 0, 1_366, 700)), "its buttons");
    }

    #[test]
    fn it_goes_where_most_of_it_was_and_otherwise_to_the_closest() {
        let screens = [LAPTOP, BESIDE];
        assert_eq!(within_reach(area(3_200, 100, 1_000, 700), STRIP, &screens), Some(area(2_286, 100, 1_000, 700)));
        assert_eq!(within_reach(area(-2_000, 100, 1_000, 600), STRIP, &screens), Some(area(0, 100, 1_000, 600)));
        assert_eq!(within_reach(area(9_000, 100, 1_000, 600), STRIP, &screens), Some(area(2_286, 100, 1_000, 600)));
    }

    #[test]
    fn nothing_is_moved_where_no_screen_is_known() {
        assert_eq!(within_reach(area(9_000, 100, 1_000, 600), STRIP, &[]), None);
        assert_eq!(within_reach(area(9_000, 100, 1_000, 600), STRIP, &[area(0, 0, 0, 0), area(0, 0, 800, 0)]), None);
    }

    #[test]
    fn whatever_is_said_of_screens_the_answer_is_within_reach_and_final() {
        let edges = [i32::MIN, -5_000, -1_080, -1, 0, 1, 760, 1_366, 5_000, i32::MAX];
        for x in edges {
            for y in edges {
                for (width, height) in [(0, 0), (0, 1), (1, 1), (900, 600), (5_000, 5_000), (u32::MAX, u32::MAX)] {
                    let window = area(x, y, width, height);
                    for screens in
                        [&[LAPTOP][..], &[LAPTOP, BESIDE], &[ABOVE, LAPTOP, BESIDE], &[area(0, 0, 0, 0), LAPTOP]]
                    {
                        if let Some(moved) = within_reach(window, STRIP, screens) {
                            assert_eq!(within_reach(moved, STRIP, screens), None, "{window:?} {screens:?}");
                            let whole = (i64::from(moved.width), i64::from(moved.height));
                            assert!(screens.iter().any(|screen| moved.common(screen) == whole), "{moved:?}");
                        }
                    }
                }
            }
        }
    }
}
