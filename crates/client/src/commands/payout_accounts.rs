//! `payout_account_*`: asked of the server as they are. Neither a number nor a password stays on this device.

use guildhall_contract::{
    commands::Nothing,
    errors::AppError,
    mend::Mended,
    payout_accounts::{
        PayoutAccount, PayoutAccountAdding, PayoutAccountBody, PayoutAccountRef, PayoutAccountView, PayoutAccounts,
        PayoutAccountsView, PayoutBank, PayoutBanksQuery, PayoutCode, PayoutCodeAsk, PayoutCodeBody, PayoutCodeView,
    },
    rest::Data,
};
use guildhall_market::codes::Code;
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Core,
    rest::{self, ApiError, PROVIDER_TIMEOUT},
    session::password_of,
};

const KEY: &str = "Idempotency-Key";
const PATH: &str = "/api/payout-accounts";

impl Core {
    /// The password of whoever is signed in: in local mode nobody knows theirs, and the app gives it for them.
    async fn own_password(&self, typed: String) -> Result<String, AppError> {
        let account = self.account()?;
        if !account.who.is_local() {
            return Ok(typed);
        }
        password_of(&self.local_server().await?, &account.who.email())
    }

    /// Says something about accounts under a key. `often` is the reason where it was said too often.
    async fn said<T: DeserializeOwned>(
        &self,
        path: &str,
        (key, often): (String, &str),
        body: &impl Serialize,
    ) -> Result<T, AppError> {
        let account = self.account()?;
        let request = account.api.request(Method::POST, path).header(KEY, key).timeout(PROVIDER_TIMEOUT).json(body);
        let answer = rest::json::<Data<T>>(request).await;
        let answer = answer.map_err(|error| error.nothing_came_of_it().for_a_person(often));
        Ok(account.answered(answer)?.data)
    }

    /// One's bank accounts, and for which currencies there can be one. None where the server pays nobody.
    pub async fn payout_account_list(&self, _: Nothing) -> Result<PayoutAccountsView, AppError> {
        let account = self.account()?;
        let none = PayoutAccounts { accounts: Vec::new(), currencies: Vec::new() };
        let found = match rest::json::<Data<PayoutAccounts>>(account.api.request(Method::GET, PATH)).await {
            Ok(answer) => answer.data,
            Err(ApiError::Refused { status: 404 | 405, .. }) => none,
            Err(error) => return account.answered(Err(error)),
        };
        let accounts = found.accounts.into_iter().map(PayoutAccountView::from).collect();
        Ok(PayoutAccountsView { accounts, currencies: found.currencies })
    }

    /// The banks for a currency.
    pub async fn payout_account_banks(&self, request: PayoutBanksQuery) -> Result<Vec<PayoutBank>, AppError> {
        let Data { data } = self.asked::<Data<_>>(&format!("{PATH}/banks"), &[("currency", request.currency)]).await?;
        Ok(data)
    }

    /// Has a code sent to an address that was proved before.
    pub async fn payout_account_code(&self, request: PayoutCodeAsk) -> Result<PayoutCodeView, AppError> {
        let password = self.own_password(request.password).await?;
        let body = PayoutCodeBody { password, code: request.code };
        let key = uuid::Uuid::new_v4().to_string();
        let PayoutCode { by, address, code, .. } =
            self.said(&format!("{PATH}/code"), (key, "too_many_codes"), &body).await?;
        Ok(PayoutCodeView { by, address, code })
    }

    /// Names a bank account. The same key again is the same account.
    pub async fn payout_account_add(&self, request: PayoutAccountAdding) -> Result<PayoutAccountView, AppError> {
        let PayoutAccountAdding { key, currency, bank_code, number, password, code } = request;
        let (password, code) = (self.own_password(password).await?, Code::as_sent(&code));
        let body = PayoutAccountBody { currency, bank_code, number, password, code };
        let Mended::<PayoutAccount>(account) = self.said(PATH, (key, "too_many_tries"), &body).await?;
        Ok(account.into())
    }

    /// Stops an account, or takes it away.
    pub async fn payout_account_stop(&self, request: PayoutAccountRef) -> Result<PayoutAccountView, AppError> {
        let Mended::<PayoutAccount>(account) = self.told(&format!("{PATH}/{}/stop", request.id), &Nothing {}).await?;
        Ok(account.into())
    }
}
