//! `docs/processes.md` draws the processes from the tables that run. `UPDATE=1` writes it anew.

use std::{fmt::Write, path::Path};

use guildhall_market::{
    jobs::steps as job,
    money::{escrow_steps as escrow, payouts as payout},
    verification,
};

/// One arrow: from, to, and what it says.
type Arrow = (String, String, String);

fn words<T: Copy>(all: &[T], code: fn(T) -> &'static str) -> String {
    all.iter().map(|one| code(*one)).collect::<Vec<_>>().join(", ")
}

/// A drawing, with arrows that go the same way in one.
fn drawn(title: &str, about: &str, first: &str, arrows: &[Arrow]) -> String {
    let mut text = format!("## {title}\n\n{about}\n\n```mermaid\nstateDiagram-v2\n  [*] --> {first}\n");
    let mut done: Vec<(&str, &str)> = Vec::new();
    for (from, to, _) in arrows {
        if done.contains(&(from, to)) {
            continue;
        }
        done.push((from, to));
        let same = arrows.iter().filter(|(f, t, _)| f == from && t == to);
        let said = same.map(|(.., said)| said.as_str()).collect::<Vec<_>>().join("; ");
        let _ = writeln!(text, "  {from} --> {to}: {said}");
    }
    text.push_str("```\n");
    text
}

fn escrows() -> Vec<Arrow> {
    use escrow::{Act, Role, Stage, To};
    let mut arrows = Vec::new();
    for step in escrow::STEPS {
        let said = format!("{} ({})", step.act.code(), words(step.by, Role::code));
        for from in step.from {
            let mut to = |to: &str, said: &str| arrows.push((from.code().to_owned(), to.to_owned(), said.to_owned()));
            match step.to {
                To::Is(stage) => to(stage.code(), &said),
                To::SameUntilEmpty => to(Stage::Closed.code(), &format!("{said} of all")),
                To::BackFromDispute => {
                    for before in [Stage::Held, Stage::InReview, Stage::InReply] {
                        to(before.code(), &said);
                    }
                }
                // The one that brings money back into what was empty.
                To::Same if step.act == Act::UndoChargeback && *from == Stage::Closed => {
                    to(Stage::Disputed.code(), &said)
                }
                To::Same => {}
            }
        }
    }
    arrows
}

fn payouts() -> Vec<Arrow> {
    let mut arrows = Vec::new();
    for step in payout::STEPS {
        let said = format!("{} ({})", step.act.code(), words(step.by, payout::Role::code));
        for from in step.from {
            arrows.push((from.code().to_owned(), step.to.code().to_owned(), said.clone()));
        }
    }
    arrows
}

fn jobs() -> Vec<Arrow> {
    let mut arrows = Vec::new();
    for step in job::STEPS {
        let said = format!("{} ({})", step.act.code(), words(step.by, job::Role::code));
        for from in step.from {
            let to = step.to.map_or("[*]", job::Stage::code);
            arrows.push((from.code().to_owned(), to.to_owned(), said.clone()));
        }
    }
    arrows
}

fn verifications() -> Vec<Arrow> {
    let mut arrows = Vec::new();
    for step in verification::STEPS {
        let (kinds, by) = (words(step.kinds, verification::Kind::code), words(step.by, verification::Role::code));
        for from in step.from {
            let said = format!("{} of {kinds} ({by})", step.action.code());
            arrows.push((from.code().to_owned(), step.to.code().to_owned(), said));
        }
    }
    arrows
}

#[test]
fn the_drawings_are_those_of_the_tables() {
    let parts = [
        "# Processes\n\nDrawn from the tables that run; `UPDATE=1 cargo test -p guildhall-market --test processes` writes this page. \
         Whatever is in no row of a table is refused, and tests walk every state, act and role of each.\n"
            .to_owned(),
        drawn(
            "A job",
            "It keeps this stage alone. How agreed work stands (in progress, submitted, disputed) follows from its milestones.",
            "draft",
            &jobs(),
        ),
        drawn(
            "An escrow",
            "At most one clock runs: until when it is paid, until when silence pays what was handed in (`in_review`), until when \
             silence refunds (`in_reply`). While a provider decides about a charge the clock stands still and nothing moves. A \
             milestone is a view of its escrow.",
            "awaiting_funds",
            &escrows(),
        ),
        drawn("A payout", "It is asked for under one reference however often it is sent.", "queued", &payouts()),
        drawn("A verification", "Email, phone, identity, bank account and domain go one way.", "none", &verifications()),
    ];
    let page = parts.join("\n");
    let file =
        Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where")).join("../../docs/processes.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &page).expect("docs can be written");
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == page, "docs/processes.md is not what the tables say: run again with UPDATE=1");
}
