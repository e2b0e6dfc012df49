//! The people whom one blocked. Blocking itself stands with people.

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! blocks_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// The people whom one blocked, by name.
            block_list($crate::commands::Nothing) -> Vec<$crate::people::PersonView> as person;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}
