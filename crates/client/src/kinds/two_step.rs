//! Two-step sign-in: asked for when somebody looks, never without a link. An event says that it is time to ask anew.
//!
//! The secret is drawn here, so that it goes to nobody who draws: neither the server sends a picture nor the interface fetches
//! one.

use guildhall_contract::{
    commands::Nothing,
    errors::AppError,
    mend::Mended,
    rest::Data,
    two_step::{
        SquareCode, TwoStep as Wire, TwoStepAgain, TwoStepCode, TwoStepCodes, TwoStepConfirming, TwoStepSecret,
        TwoStepSecretView, TwoStepView,
    },
};
use qrcode::{Color, EcLevel, QrCode};
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Core,
    account::Account,
    commands::save_text,
    rest::{self, ApiError},
};

const PATH: &str = "/api/user/two-step";
/// Light squares at each edge.
const QUIET: usize = 4;
/// Recovery codes that are saved at most: what a server shows has an end.
const CODES_MAX: usize = 100;

/// What a camera reads. `None` for what is too long for a QR code.
fn drawn(text: &str) -> Option<SquareCode> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let (width, colors) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let dark = row[x..].iter().take_while(|color| **color == Color::Dark).count();
            if dark > 0 {
                path.push_str(&format!("M{} {}h{dark}v1h-{dark}z", x + QUIET, y + QUIET));
            }
            x += dark.max(1);
        }
    }
    Some(SquareCode { size: u32::try_from(width + 2 * QUIET).ok()?, path })
}

/// Says something that asks for the password or a code.
async fn said<T: DeserializeOwned>(
    account: &Account,
    method: Method,
    path: &str,
    body: &impl Serialize,
) -> Result<T, AppError> {
    under(account, (method, path), &uuid::Uuid::new_v4().to_string(), body).await
}

/// The same under a key of whoever says it.
async fn under<T: DeserializeOwned>(
    account: &Account,
    (method, path): (Method, &str),
    key: &str,
    body: &impl Serialize,
) -> Result<T, AppError> {
    let request = account.api.request(method, path).header("Idempotency-Key", key).json(body);
    let answer = rest::json::<Data<T>>(request).await.map_err(|error| error.for_a_person("too_many_tries"));
    account.answered(answer).map(|Data { data }| data)
}

impl Core {
    /// How two-step sign-in stands for oneself.
    pub async fn two_step_get(&self, _: Nothing) -> Result<Option<TwoStepView>, AppError> {
        let account = self.account()?;
        match rest::json::<Data<Mended<Wire>>>(account.api.request(Method::GET, PATH)).await {
            Ok(Data { data: Mended(stands) }) => Ok(Some(stands.into())),
            Err(ApiError::Refused { status: 404 | 405, .. }) => Ok(None),
            Err(error) => account.answered(Err(error)),
        }
    }

    /// Begins to set it up.
    pub async fn two_step_begin(&self, request: TwoStepAgain) -> Result<TwoStepSecretView, AppError> {
        let account = self.account()?;
        let Mended(TwoStepSecret { secret, uri, codes, .. }) = said(&account, Method::POST, PATH, &request).await?;
        Ok(TwoStepSecretView { drawing: drawn(&uri), secret, codes })
    }

    /// Turns it on with the first code of the app.
    pub async fn two_step_confirm(&self, request: TwoStepConfirming) -> Result<TwoStepView, AppError> {
        let account = self.account()?;
        let TwoStepConfirming { key, code } = request;
        let path = format!("{PATH}/confirm");
        let Mended(stands): Mended<Wire> = under(&account, (Method::POST, &path), &key, &TwoStepCode { code }).await?;
        Ok(stands.into())
    }

    /// Turns it off, or gives up setting it up.
    pub async fn two_step_off(&self, request: TwoStepAgain) -> Result<TwoStepView, AppError> {
        let account = self.account()?;
        let Mended(stands): Mended<Wire> = said(&account, Method::DELETE, PATH, &request).await?;
        Ok(stands.into())
    }

    /// Other recovery codes.
    pub async fn two_step_renew(&self, request: TwoStepAgain) -> Result<TwoStepCodes, AppError> {
        let account = self.account()?;
        said(&account, Method::POST, &format!("{PATH}/codes"), &request).await
    }

    /// Saves recovery codes as a text.
    pub async fn two_step_save(&self, request: TwoStepCodes) -> Result<String, AppError> {
        let account = self.account()?;
        let words = guildhall_words::current();
        let mut text = format!("{}\r\n\r\n", words.two_step_file_title(&account.who.email()));
        for code in request.codes.iter().take(CODES_MAX) {
            text.push_str(&format!("    {}\r\n", code.chars().filter(|c| !c.is_control()).collect::<String>()));
        }
        text.push_str(&format!("\r\n{}\r\n", words.two_step_file_line()));
        save_text(self, &text, "guildhall-recovery-codes.txt").await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_has_a_quiet_edge_and_the_three_marks_by_which_a_camera_finds_it() {
        let address =
            "otpauth://totp/Guildhall:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Guildhall";
        let drawing = drawn(address).expect("short enough");
        let size = usize::try_from(drawing.size).expect("small");
        // Drawn once more, square by square, from the path alone.
        let mut squares = vec![vec![false; size]; size];
        for run in drawing.path.split('M').filter(|run| !run.is_empty()) {
            let (start, rest) = run.split_once('h').expect("a run");
            let (x, y) = start.split_once(' ').expect("a place");
            let (x, y): (usize, usize) = (x.parse().expect("a number"), y.parse().expect("a number"));
            let dark: usize = rest.split('v').next().and_then(|dark| dark.parse().ok()).expect("a length");
            squares[y][x..x + dark].iter_mut().for_each(|square| *square = true);
        }
        let edge = |n: usize| n < QUIET || n >= size - QUIET;
        for (y, row) in squares.iter().enumerate() {
            assert!(row.iter().enumerate().all(|(x, dark)| !dark || !(edge(x) || edge(y))), "the edge is light");
        }
        for (left, top) in [(QUIET, QUIET), (size - QUIET - 7, QUIET), (QUIET, size - QUIET - 7)] {
            assert!(squares[top][left..left + 7].iter().all(|dark| *dark), "a mark at {left}, {top}");
            assert!(!squares[top + 1][left + 1] && squares[top + 3][left + 3], "a mark at {left}, {top}");
        }
        assert!(drawn(&"x".repeat(10_000)).is_none());
    }
}
