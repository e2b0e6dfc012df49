//! Money: what the market's rules decide about escrows and payouts is written and posted here, in the transaction of a command.

mod refusals;
pub mod till;
