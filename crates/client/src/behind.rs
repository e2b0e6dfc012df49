//! Why what is here is behind what the server has.

use crate::rest::ApiError;

/// Why the cache is not at the server's state.
pub(crate) enum Behind {
    /// The server does not say.
    Api(ApiError),
    /// It cannot be stored.
    Store,
}

impl From<ApiError> for Behind {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}
