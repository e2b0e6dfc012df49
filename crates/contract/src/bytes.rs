//! Files on the bridge: their bytes go beside the JSON that names them, and not as text in it.
//!
//! A value with bytes in it is a *frame*: the length of its JSON, the JSON, and for each of its [`Bytes`] the length and the bytes,
//! lengths as 32 bits, the lowest byte first. In the JSON the bytes are `{"$bytes": n}`, from 0. A value without any stays JSON.

use std::cell::RefCell;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeOwned},
    ser,
};
use ts_rs::TS;

/// The bytes of a file. Read and written only within [`encode`] and [`decode`].
#[derive(Clone, PartialEq, Eq, TS)]
#[ts(type = "Uint8Array")]
pub struct Bytes(pub Vec<u8>);

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// A value as it crosses the bridge.
#[derive(Debug, PartialEq, Eq)]
pub enum Encoded {
    /// JSON.
    Json(String),
    /// A frame.
    Frame(Vec<u8>),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    #[serde(rename = "$bytes")]
    at: usize,
}

thread_local! {
    /// The bytes beside the value that is being written or read on this thread; `None` outside of it.
    static BESIDE: RefCell<Option<Vec<Vec<u8>>>> = const { RefCell::new(None) };
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let at = BESIDE.with_borrow_mut(|beside| {
            let beside = beside.as_mut()?;
            beside.push(self.0.clone());
            Some(beside.len() - 1)
        });
        let at = at.ok_or_else(|| ser::Error::custom("bytes go beside JSON and not into it"))?;
        Place { at }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Place { at } = Place::deserialize(deserializer)?;
        let found = BESIDE.with_borrow_mut(|beside| Some(std::mem::take(beside.as_mut()?.get_mut(at)?)));
        found.map(Self).ok_or_else(|| de::Error::custom("bytes are named that are not beside"))
    }
}

/// Runs something with bytes beside it, and answers with those that are there then.
fn beside<T>(bytes: Vec<Vec<u8>>, run: impl FnOnce() -> T) -> (T, Vec<Vec<u8>>) {
    BESIDE.set(Some(bytes));
    let value = run();
    (value, BESIDE.take().unwrap_or_default())
}

fn length(bytes: &[u8]) -> Result<[u8; 4], serde_json::Error> {
    u32::try_from(bytes.len()).map(u32::to_le_bytes).map_err(|_| de::Error::custom("more than 4 GiB"))
}

/// A value for the bridge.
///
/// # Errors
/// As JSON has them, and for more than 4 GiB.
pub fn encode<T: Serialize>(value: &T) -> Result<Encoded, serde_json::Error> {
    let (json, bytes) = beside(Vec::new(), || serde_json::to_string(value));
    let json = json?;
    if bytes.is_empty() {
        return Ok(Encoded::Json(json));
    }
    let mut frame = Vec::with_capacity(4 + json.len() + bytes.iter().map(|bytes| 4 + bytes.len()).sum::<usize>());
    for part in std::iter::once(json.as_bytes()).chain(bytes.iter().map(Vec::as_slice)) {
        frame.extend(length(part)?);
        frame.extend_from_slice(part);
    }
    Ok(Encoded::Frame(frame))
}

/// The value of a frame.
///
/// # Errors
/// When it is none, or of something else.
pub fn decode<T: DeserializeOwned>(frame: &[u8]) -> Result<T, serde_json::Error> {
    let mut rest = frame;
    let mut parts = Vec::new();
    while let Some((head, tail)) = rest.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*head) as usize;
        let part = tail.get(..length).ok_or_else(|| de::Error::custom("a frame that ends too early"))?;
        parts.push(part);
        rest = &tail[length..];
    }
    if !rest.is_empty() || parts.is_empty() {
        return Err(de::Error::custom("a frame that is none"));
    }
    let json = parts.remove(0);
    beside(parts.into_iter().map(<[u8]>::to_vec).collect(), || serde_json::from_slice(json)).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct File {
        name: String,
        bytes: Option<Bytes>,
    }

    fn file(name: &str, bytes: Option<&[u8]>) -> File {
        File { name: name.into(), bytes: bytes.map(|bytes| Bytes(bytes.to_vec())) }
    }

    #[test]
    fn bytes_go_beside_the_json_and_come_back() {
        let files =
            vec![file("a", Some(&[0, 255, 7])), file("b", None), file("c", Some(&[])), file("{\"$bytes\":0}", None)];
        let Encoded::Frame(frame) = encode(&files).expect("a frame") else { panic!("it has bytes") };
        assert_eq!(decode::<Vec<File>>(&frame).expect("the same"), files);
        assert_eq!(&frame[4..12], br#"[{"name""#);
    }

    #[test]
    fn what_has_no_bytes_stays_json() {
        let encoded = encode(&file("a", None)).expect("JSON");
        assert_eq!(encoded, Encoded::Json(r#"{"name":"a","bytes":null}"#.into()));
    }

    #[test]
    fn a_frame_that_is_cut_or_names_what_is_not_there_is_refused() {
        let Encoded::Frame(frame) = encode(&file("a", Some(&[1, 2, 3]))).expect("a frame") else { panic!("bytes") };
        for cut in 0..frame.len() {
            assert!(decode::<File>(&frame[..cut]).is_err(), "{cut}");
        }
        let json = br#"{"name":"a","bytes":{"$bytes":1}}"#;
        let mut other = (json.len() as u32).to_le_bytes().to_vec();
        other.extend_from_slice(json);
        other.extend([1, 0, 0, 0, 9]);
        assert!(decode::<File>(&other).is_err());
        assert!(serde_json::to_string(&Bytes(vec![1])).is_err(), "nothing is lost in plain JSON without a word");
    }
}
