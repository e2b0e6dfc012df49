//! What is not printed for us: passwords, codes, secrets.

/// Something with a password or a code in it: printed for us it is its name alone.
macro_rules! without_secrets {
    ($($name:ident)*) => {
        $(impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        })*
    };
}

pub(crate) use without_secrets;
