//! Attachments: which kinds are taken, how large, and what a safe file name is. Looking into the bytes is not done
//! here: the caller says what the content is.

/// Attachments of one message.
pub const PER_MESSAGE_MAX: usize = 10;
/// The largest attachment, in bytes (10 MiB).
pub const BYTES_MAX: usize = 10 * 1024 * 1024;
/// The longest file name, in code points, extension included.
pub const NAME_CODE_POINTS_MAX: usize = 100;

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
}

impl AttachmentRefusal {
    /// The reason code on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty_file",
            Self::TooLarge => "file_too_large",
            Self::Kind => "file_type",
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
/// [`NAME_CODE_POINTS_MAX`] code points, an extension that tells the truth about the content.
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
    let stem: String = stem.chars().take(NAME_CODE_POINTS_MAX - extension.len() - 1).collect();
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
        assert_eq!(safe_name(&"x".repeat(300), Kind::Png).chars().count(), NAME_CODE_POINTS_MAX);
    }
}
