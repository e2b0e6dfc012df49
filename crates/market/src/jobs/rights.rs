//! Who somebody is to a job, and what of it they may know. What one may not know of is not there for them.

use super::steps::{Role, Stage};
use crate::{ids::UserId, time::Timestamp};

/// Who has to do with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parties {
    /// Whose job it is.
    pub client: UserId,
    /// Whoever has it.
    pub artisan: Option<UserId>,
}

/// Somebody who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Who.
    pub user: UserId,
    /// Whether they are an administrator.
    pub admin: bool,
}

/// Who somebody is to a job; nobody is a guest. Whoever is one of the two is no administrator here.
pub fn role_of(parties: Parties, who: Option<Viewer>, applied: bool) -> Role {
    match who {
        None => Role::Guest,
        Some(who) if who.user == parties.client => Role::Client,
        Some(who) if Some(who.user) == parties.artisan => Role::Artisan,
        Some(who) if who.admin => Role::Admin,
        Some(_) if applied => Role::Applicant,
        Some(_) => Role::Member,
    }
}

/// Whether somebody may know of a job. Of a draft its client alone, besides whoever keeps order; of what is open everybody; of
/// what was given or ended those who have, or had, to do with it.
pub fn knows(role: Role, stage: Stage) -> bool {
    match role {
        Role::Client | Role::Artisan | Role::Admin | Role::System => true,
        Role::Applicant => stage != Stage::Draft,
        Role::Guest | Role::Member => stage == Stage::Open,
    }
}

/// Whether somebody sees what is between the two of a job: price, milestones, terms, reports.
pub fn is_party(role: Role) -> bool {
    matches!(role, Role::Client | Role::Artisan | Role::Admin)
}

/// From when on somebody sees that. Whoever has a job sees nothing of who had it before.
pub fn sees_from(role: Role, assigned_at: Option<Timestamp>) -> Timestamp {
    assigned_at.filter(|_| role == Role::Artisan).unwrap_or(Timestamp(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: UserId = UserId(1);
    const ARTISAN: UserId = UserId(2);

    #[test]
    fn whoever_is_one_of_the_two_is_that_whatever_else_they_are() {
        let parties = Parties { client: CLIENT, artisan: Some(ARTISAN) };
        for (user, admin, applied, expected) in [
            (CLIENT, true, true, Role::Client),
            (ARTISAN, true, true, Role::Artisan),
            (UserId(3), true, true, Role::Admin),
            (UserId(3), false, true, Role::Applicant),
            (UserId(3), false, false, Role::Member),
        ] {
            assert_eq!(role_of(parties, Some(Viewer { user, admin }), applied), expected);
        }
        assert_eq!(role_of(parties, None, true), Role::Guest);
        let open = Parties { artisan: None, ..parties };
        assert_eq!(role_of(open, Some(Viewer { user: ARTISAN, admin: false }), true), Role::Applicant);
    }

    #[test]
    fn every_role_knows_of_a_job_in_the_stages_that_are_for_it_and_of_no_other() {
        use Stage::*;
        for role in Role::ALL {
            let expected: &[Stage] = match role {
                Role::Guest | Role::Member => &[Open],
                Role::Applicant => &[Open, Assigned, Completed, Cancelled],
                _ => Stage::ALL,
            };
            for stage in Stage::ALL {
                assert_eq!(knows(*role, *stage), expected.contains(stage), "{role:?} {stage:?}");
            }
            assert_eq!(is_party(*role), matches!(role, Role::Client | Role::Artisan | Role::Admin), "{role:?}");
        }
    }

    #[test]
    fn whoever_has_a_job_sees_what_is_theirs_and_the_client_all_of_it() {
        let at = Some(Timestamp(7));
        assert_eq!((sees_from(Role::Artisan, at), sees_from(Role::Client, at)), (Timestamp(7), Timestamp(0)));
        assert_eq!(sees_from(Role::Artisan, None), Timestamp(0));
    }
}
