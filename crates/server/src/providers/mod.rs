//! Who moves money for this hall: a port, and an adapter for each provider. It says which banks there are and whose an account is,
//! and takes what people pay.
//!
//! A provider without a key is absent. Keys come from the environment or a file, stand in no database and are not printed. What a
//! provider says is looked at and not believed: an answer that is none of the documented ones says nothing about the account.

mod flutterwave;
mod paystack;
mod port;
mod sandbox;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use guildhall_db::Db;
use guildhall_market::time::{DAY_MS, Timestamp};
use reqwest::Client;

pub use self::port::{
    Accounts, Bank, Became, Charges, Checkout, Forged, Key, News, Paid, ProviderError, Reached, Transfer, Transfers,
    Went,
};

/// How long a provider may take for one answer.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How long a list of banks is good, milliseconds.
const BANKS_KEPT_MS: i64 = DAY_MS;
/// Banks of one list, at most.
const BANKS_MAX: usize = 2_000;

/// Which providers there are.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// <https://paystack.com/docs/api>
    pub paystack: Option<Reached>,
    /// <https://developer.flutterwave.com/v3.0/reference>
    pub flutterwave: Option<Reached>,
    /// What Flutterwave's news carry in `verif-hash`, as it was set there. Without it they are refused.
    pub flutterwave_news: Option<Key>,
    /// One that moves no money and knows some made-up accounts: for a hall of one's own, and for tests.
    pub sandbox: bool,
    /// How long one of them may take for one answer.
    pub answer_within: Duration,
}

impl Default for ProviderSettings {
    fn default() -> Self {
        Self { paystack: None, flutterwave: None, flutterwave_news: None, sandbox: false, answer_within: ANSWER_WITHIN }
    }
}

impl ProviderSettings {
    /// Where Paystack is.
    pub const PAYSTACK: &'static str = "https://api.paystack.co";
    /// Where Flutterwave is.
    pub const FLUTTERWAVE: &'static str = "https://api.flutterwave.com";

    /// Those of the environment: `PAYSTACK_SECRET_KEY`, `FLUTTERWAVE_SECRET_KEY` (or `FLW_SECRET_KEY`),
    /// `FLUTTERWAVE_SECRET_HASH` (or `FLW_SECRET_HASH`) for what it tells by itself, each also as `…_FILE`, which names a file with the key and nothing else.
    ///
    /// # Errors
    /// A sentence that names the setting that cannot be read.
    pub fn from_environment(get: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let key = |names: &[&str]| -> Result<Option<Key>, String> {
            for name in names {
                let given = |name: &str| get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
                if let Some(key) = given(name) {
                    return Ok(Some(Key::new(key)));
                }
                let file = format!("{name}_FILE");
                if let Some(path) = given(&file) {
                    let read = std::fs::read_to_string(&path)
                        .map_err(|error| format!("{file}: {path} cannot be read: {error}"))?;
                    let key = read.trim().to_owned();
                    if key.is_empty() {
                        return Err(format!("{file}: {path} holds no key"));
                    }
                    return Ok(Some(Key::new(key)));
                }
            }
            Ok(None)
        };
        let reached = |key: Option<Key>, url: &str| key.map(|key| Reached { key, url: url.to_owned() });
        Ok(Self {
            paystack: reached(key(&["PAYSTACK_SECRET_KEY"])?, Self::PAYSTACK),
            flutterwave: reached(key(&["FLUTTERWAVE_SECRET_KEY", "FLW_SECRET_KEY"])?, Self::FLUTTERWAVE),
            flutterwave_news: key(&["FLUTTERWAVE_SECRET_HASH", "FLW_SECRET_HASH"])?,
            ..Self::default()
        })
    }
}

/// A list of banks, and until when it is good.
type Kept = (Timestamp, Arc<Vec<Bank>>);

/// The providers of a hall.
#[derive(Debug, Default)]
pub struct Providers {
    all: Vec<Arc<dyn Accounts>>,
    charges: Vec<Arc<dyn Charges>>,
    transfers: Vec<Arc<dyn Transfers>>,
    banks: tokio::sync::Mutex<BTreeMap<String, Kept>>,
}

impl Providers {
    /// Those of the settings, in the order in which they are asked: the first that has a currency has it.
    ///
    /// # Errors
    /// When the system gives no HTTP client.
    pub fn new(settings: &ProviderSettings, db: &Db) -> Result<Self, reqwest::Error> {
        let http = Client::builder()
            .timeout(settings.answer_within)
            // Where it leads to elsewhere nothing secret is sent.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("guildhall/", env!("CARGO_PKG_VERSION")))
            .build()?;
        let mut providers = Self::default();
        if let Some(reached) = &settings.paystack {
            providers.add(paystack::Paystack::new(http.clone(), reached.clone()));
        }
        if let Some(reached) = &settings.flutterwave {
            providers.add(flutterwave::Flutterwave::new(http, reached.clone(), settings.flutterwave_news.clone()));
        }
        if settings.sandbox {
            providers.add(sandbox::Sandbox::new(db.clone()));
        }
        Ok(providers)
    }

    fn add(&mut self, provider: impl Accounts + Charges + Transfers + 'static) {
        let provider = Arc::new(provider);
        self.all.push(provider.clone());
        self.charges.push(provider.clone());
        self.transfers.push(provider);
    }

    /// Who takes what is paid in a currency: of this name, where one is said.
    pub fn takes(&self, currency: &str, name: Option<&str>) -> Option<Arc<dyn Charges>> {
        let fits =
            |one: &&Arc<dyn Charges>| one.takes().contains(&currency) && name.is_none_or(|name| one.name() == name);
        self.charges.iter().find(fits).cloned()
    }

    /// Who sends to banks, by its name.
    pub fn sending(&self, name: &str) -> Option<Arc<dyn Transfers>> {
        self.transfers.iter().find(|one| one.name() == name).cloned()
    }

    /// Everybody who takes what is paid, in the order in which they are asked.
    pub fn that_charge(&self) -> impl Iterator<Item = &Arc<dyn Charges>> {
        self.charges.iter()
    }

    /// Whether anybody takes charges.
    pub fn takes_charges(&self) -> bool {
        !self.charges.is_empty()
    }

    /// The names of those that take a currency, in the order in which they are asked.
    pub fn that_take(&self, currency: &str) -> Vec<&'static str> {
        self.charges.iter().filter(|one| one.takes().contains(&currency)).map(|one| one.name()).collect()
    }

    /// Who takes charges, by its name.
    pub fn charging(&self, name: &str) -> Option<Arc<dyn Charges>> {
        self.charges.iter().find(|one| one.name() == name).cloned()
    }

    /// The currencies in which somebody can be paid, sorted.
    pub fn currencies(&self) -> Vec<&'static str> {
        let mut all: Vec<&'static str> = self.all.iter().flat_map(|one| one.currencies()).copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Who pays in a currency.
    pub fn of(&self, currency: &str) -> Option<Arc<dyn Accounts>> {
        self.all.iter().find(|one| one.currencies().contains(&currency)).cloned()
    }

    /// The banks of a provider, asked for once a day.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn banks(
        &self,
        of: &dyn Accounts,
        currency: &str,
        now: Timestamp,
    ) -> Result<Arc<Vec<Bank>>, ProviderError> {
        let name = format!("{} {currency}", of.name());
        if let Some((until, banks)) = self.banks.lock().await.get(&name)
            && *until > now
            && until.since_ms(now) <= BANKS_KEPT_MS
        {
            return Ok(Arc::clone(banks));
        }
        // Not under the lock: a provider that is slow for one keeps nobody else waiting.
        let mut banks = of.banks(currency).await?;
        banks.retain(|bank| !bank.code.is_empty() && !bank.name.trim().is_empty());
        banks.truncate(BANKS_MAX);
        banks.sort_by(|one, other| one.name.cmp(&other.name));
        let banks = Arc::new(banks);
        self.banks.lock().await.insert(name, (now.plus_ms(BANKS_KEPT_MS), Arc::clone(&banks)));
        Ok(banks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_provider_without_a_key_is_absent_and_no_key_is_printed() {
        let none = ProviderSettings::from_environment(|_| None).expect("nothing is set");
        assert!(none.paystack.is_none() && none.flutterwave.is_none() && !none.sandbox);
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("hall.sqlite").display());
        let db = Db::open(&url, Arc::new(|_| {})).await.expect("opens");
        assert!(Providers::new(&none, &db).expect("a client").currencies().is_empty());
        let file = folder.path().join("key");
        std::fs::write(&file, "sk_live_of_a_file\n").expect("written");
        let get = |name: &str| match name {
            "PAYSTACK_SECRET_KEY" => Some(" sk_live_of_the_environment ".to_owned()),
            "FLW_SECRET_KEY_FILE" => Some(file.display().to_string()),
            _ => None,
        };
        let both = ProviderSettings::from_environment(get).expect("read");
        let keys = [&both.paystack, &both.flutterwave].map(|one| one.as_ref().map(|one| one.key.0.clone()));
        assert_eq!(keys, [Some("sk_live_of_the_environment".into()), Some("sk_live_of_a_file".into())]);
        assert!(!format!("{both:?}").contains("sk_live"), "{both:?}");
        let providers = Providers::new(&both, &db).expect("a client");
        assert_eq!(providers.currencies(), ["GHS", "NGN"]);
        assert_eq!(providers.of("NGN").map(|one| one.name()), Some("paystack"));
        assert!(providers.of("USD").is_none());
        for (path, said) in
            [("/nowhere/at/all", "cannot be read"), (&*folder.path().join("empty").display().to_string(), "no key")]
        {
            std::fs::write(folder.path().join("empty"), " ").expect("written");
            let get = |name: &str| (name == "PAYSTACK_SECRET_KEY_FILE").then(|| path.to_owned());
            let refused = ProviderSettings::from_environment(get).expect_err(path);
            assert!(refused.contains("PAYSTACK_SECRET_KEY_FILE") && refused.contains(said), "{refused}");
        }
    }
}
