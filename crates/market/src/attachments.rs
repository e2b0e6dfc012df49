//! Attachments: which kinds are taken, how large, and what a safe file name is. Looking into the bytes is not done
//! here: the caller says what the content is.

/// Attachments of one message.
pub const PER_MESSAGE_MAX: usize = 10;
/// The largest attachment, in bytes (10 MiB).
pub const BYTES_MAX: usize = 10 * 1024 * 1024;
/// Pixels of a picture, or of all frames of an animation, at most: 8,192 by 8,192. Phones reach 50 million.
pub const PIXELS_MAX: u64 = 8_192 * 8_192;
/// Files that a person may have uploaded and not sent. Room for a full outbox, not for a store.
pub const UNSENT_FILES_MAX: i64 = 50;
/// Bytes of such files (100 MiB).
pub const UNSENT_BYTES_MAX: i64 = 100 * 1024 * 1024;
/// How long a file is kept that nobody sent, in milliseconds.
pub const UNSENT_KEPT_MS: i64 = crate::time::DAY_MS;
/// The longest file name, in code points, extension included.
pub const NAME_CODE_POINTS_MAX: usize = 100;
/// The longest file name, in bytes of UTF-8, extension included: what file systems hold (ext4, XFS, APFS and NTFS alike).
pub const NAME_BYTES_MAX: usize = 255;

/// A kind of file that may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
    /// `image/gif`
    Gif,
    /// `image/webp`
    Webp,
    /// `application/pdf`
    Pdf,
}

impl Kind {
    /// The kind for a media type found in the content; `None` for all that are refused.
    pub fn from_mime(mime: &str) -> Option<Self> {
        match mime {
            "image/jpeg" => Some(Self::Jpeg),
            "image/png" => Some(Self::Png),
            "image/gif" => Some(Self::Gif),
            "image/webp" => Some(Self::Webp),
            "application/pdf" => Some(Self::Pdf),
            _ => None,
        }
    }

    /// The media type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
        }
    }

    fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Gif => &["gif"],
            Self::Webp => &["webp"],
            Self::Pdf => &["pdf"],
        }
    }
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentRefusal {
    /// Zero bytes.
    #[error("The file is empty.")]
    Empty,
    /// More than [`BYTES_MAX`].
    #[error("The file is larger than 10 MiB.")]
    TooLarge,
    /// The content is none of the kinds that may be sent, whatever its name says.
    #[error("Only JPEG, PNG, GIF and WebP pictures and PDF documents can be sent.")]
    Kind,
    /// A picture that cannot be decoded.
    #[error("The picture is damaged and cannot be read. Open it, save it anew, and send that.")]
    Unreadable,
    /// More than [`PIXELS_MAX`].
    #[error("The picture has more than 67 million pixels. Make it smaller, then send it.")]
    TooManyPixels,
    /// More than [`UNSENT_FILES_MAX`] files or [`UNSENT_BYTES_MAX`] bytes wait to be sent.
    #[error(
        "Fifty files or 100 MiB of yours are uploaded and not sent. Send them first; what is not sent within a day is dropped."
    )]
    UnsentQuota,
    /// The person's files take all the room that the operator gives.
    #[error("Your files take all the room that you have here. Delete messages with files that you no longer need.")]
    StoreFull,
}

/// What a person's files take already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Files that were uploaded and not sent.
    pub unsent_files: i64,
    /// Their bytes.
    pub unsent_bytes: i64,
    /// Bytes of all files, sent and unsent, deleted ones left out.
    pub all_bytes: i64,
}

impl Held {
    /// Whether one more file of `bytes` may be kept, where one person's may take `store_bytes_max`.
    ///
    /// # Errors
    /// [`AttachmentRefusal::UnsentQuota`], [`AttachmentRefusal::StoreFull`].
    pub fn one_more(self, bytes: i64, store_bytes_max: i64) -> Result<(), AttachmentRefusal> {
        if self.unsent_files >= UNSENT_FILES_MAX || self.unsent_bytes.saturating_add(bytes) > UNSENT_BYTES_MAX {
            return Err(AttachmentRefusal::UnsentQuota);
        }
        if self.all_bytes.saturating_add(bytes) > store_bytes_max {
            return Err(AttachmentRefusal::StoreFull);
        }
        Ok(())
    }
}

impl AttachmentRefusal {
    /// The reason code on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty_file",
            Self::TooLarge => "file_too_large",
            Self::Kind => "file_type",
            Self::Unreadable => "picture_unreadable",
            Self::TooManyPixels => "too_many_pixels",
            Self::UnsentQuota => "unsent_quota",
            Self::StoreFull => "store_full",
        }
    }
}

/// Whether a file of this length and of the media type found in its content is taken.
///
/// # Errors
/// One of [`AttachmentRefusal`].
pub fn check(bytes: usize, content_mime: Option<&str>) -> Result<Kind, AttachmentRefusal> {
    if bytes == 0 {
        return Err(AttachmentRefusal::Empty);
    }
    if bytes > BYTES_MAX {
        return Err(AttachmentRefusal::TooLarge);
    }
    content_mime.and_then(Kind::from_mime).ok_or(AttachmentRefusal::Kind)
}

/// A name that is safe to store, show and save under: no folders, no control or direction characters, at most
/// [`NAME_CODE_POINTS_MAX`] code points and [`NAME_BYTES_MAX`] bytes, an extension that tells the truth about the content.
pub fn safe_name(raw: &str, kind: Kind) -> String {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .filter(|c| {
            !c.is_control()
                && !matches!(*c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{61C}' | '\u{FEFF}')
                && !matches!(*c, '<' | '>' | ':' | '"' | '|' | '?' | '*')
        })
        .collect();
    let kept = kept.trim().trim_matches('.').trim();
    let (stem, extension) = match kept.rsplit_once('.') {
        Some((stem, extension)) if kind.extensions().iter().any(|e| extension.eq_ignore_ascii_case(e)) => {
            (stem, extension)
        }
        _ => (kept, kind.extensions()[0]),
    };
    let room = NAME_BYTES_MAX - extension.len() - 1;
    let stem: String = stem
        .char_indices()
        .take(NAME_CODE_POINTS_MAX - extension.len() - 1)
        .take_while(|(at, c)| at + c.len_utf8() <= room)
        .map(|(_, c)| c)
        .collect();
    let stem = stem.trim().trim_end_matches('.');
    let stem = if stem.is_empty() { "file" } else { stem };
    format!("{stem}.{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e98_files_are_judged_by_content_and_size() {
        let check =
            |bytes, mime, expected: Result<Kind, AttachmentRefusal>| assert_eq!(super::check(bytes, mime), expected);
        check(5, Some("application/x-executable"), Err(AttachmentRefusal::Kind));
        check(5, Some("image/svg+xml"), Err(AttachmentRefusal::Kind));
        check(5, None, Err(AttachmentRefusal::Kind));
        check(BYTES_MAX + 1, Some("image/png"), Err(AttachmentRefusal::TooLarge));
        check(BYTES_MAX, Some("image/png"), Ok(Kind::Png));
        check(0, Some("image/png"), Err(AttachmentRefusal::Empty));
        check(1, Some("application/pdf"), Ok(Kind::Pdf));
    }

    #[test]
    fn files_that_nobody_sends_and_files_in_all_have_their_limits() {
        let held = |unsent_files, unsent_bytes, all_bytes| Held { unsent_files, unsent_bytes, all_bytes };
        assert_eq!(held(49, 0, 0).one_more(10, 10), Ok(()));
        assert_eq!(held(50, 0, 0).one_more(10, 10), Err(AttachmentRefusal::UnsentQuota));
        assert_eq!(held(1, UNSENT_BYTES_MAX - 10, 0).one_more(10, i64::MAX), Ok(()));
        assert_eq!(held(1, UNSENT_BYTES_MAX - 9, 0).one_more(10, i64::MAX), Err(AttachmentRefusal::UnsentQuota));
        assert_eq!(held(0, 0, 1).one_more(10, 10), Err(AttachmentRefusal::StoreFull));
        assert_eq!(held(0, 0, i64::MAX).one_more(10, i64::MAX), Ok(()));
    }

    #[test]
    fn the_limits_are_the_ones_that_are_promised() {
        assert_eq!((PER_MESSAGE_MAX, BYTES_MAX, PIXELS_MAX), (10, 10_485_760, 67_108_864));
        assert_eq!((UNSENT_FILES_MAX, UNSENT_BYTES_MAX, UNSENT_KEPT_MS), (50, 104_857_600, 86_400_000));
        assert_eq!((NAME_CODE_POINTS_MAX, NAME_BYTES_MAX), (100, 255));
    }

    #[test]
    fn every_kind_has_its_media_type() {
        for kind in [Kind::Jpeg, Kind::Png, Kind::Gif, Kind::Webp, Kind::Pdf] {
            assert_eq!(Kind::from_mime(kind.mime()), Some(kind));
        }
        assert_eq!(Kind::from_mime("image/tiff"), None);
    }

    #[test]
    fn every_refusal_has_a_code_of_its_own() {
        use AttachmentRefusal::{Empty, Kind, StoreFull, TooLarge, TooManyPixels, Unreadable, UnsentQuota};
        let codes =
            [Empty, TooLarge, Kind, Unreadable, TooManyPixels, UnsentQuota, StoreFull].map(AttachmentRefusal::code);
        assert_eq!(
            codes,
            [
                "empty_file",
                "file_too_large",
                "file_type",
                "picture_unreadable",
                "too_many_pixels",
                "unsent_quota",
                "store_full"
            ]
        );
    }

    #[test]
    fn e99_file_names_fit_what_file_systems_hold() {
        for stem in ["🎉", "ไ", "é", "Ọ̀", "x"] {
            let name = safe_name(&format!("{}.webp", stem.repeat(300)), Kind::Webp);
            assert!(name.len() <= NAME_BYTES_MAX && name.chars().count() <= NAME_CODE_POINTS_MAX, "{name}");
            assert!(name.ends_with(".webp"), "{name}");
        }
        assert_eq!(safe_name(&"🎉".repeat(300), Kind::Webp), format!("{}.webp", "🎉".repeat(62)));
        let full = format!("{}aaa", "🎉".repeat(62));
        assert_eq!(safe_name(&full, Kind::Webp), format!("{}aa.webp", "🎉".repeat(62)));
    }

    #[test]
    fn e99_file_names_become_safe() {
        let check = |raw: &str, kind, expected: &str| assert_eq!(safe_name(raw, kind), expected, "{raw:?}");
        check("../../etc/passwd", Kind::Png, "passwd.png");
        check("..\\..\\photo.JPG", Kind::Jpeg, "photo.JPG");
        check("photo.jpg.exe", Kind::Png, "photo.jpg.exe.png");
        check("\u{202E}gpj.exe", Kind::Jpeg, "gpj.exe.jpg");
        check("a\u{0}b\nc.pdf", Kind::Pdf, "abc.pdf");
        check("", Kind::Gif, "file.gif");
        check("...", Kind::Gif, "file.gif");
        check(".png", Kind::Png, "png.png");
        check("Ọ̀ṣun.webp", Kind::Webp, "Ọ̀ṣun.webp");
        assert_eq!(safe_name(&"x".repeat(300), Kind::Png), format!("{}.png", "x".repeat(96)));
        assert_eq!(safe_name(&"x".repeat(96), Kind::Png), format!("{}.png", "x".repeat(96)));
        assert_eq!(safe_name(&format!("{}.jpeg", "x".repeat(300)), Kind::Jpeg), format!("{}.jpeg", "x".repeat(95)));
    }
}
