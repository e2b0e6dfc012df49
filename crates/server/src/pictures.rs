//! Pictures, decoded within limits and written anew: upright, and without anything that was hidden in the file, wherever
//! it was hidden. A picture that cannot be read is refused, never passed on.

use std::io::Cursor;

use guildhall_market::{
    attachments::{AttachmentRefusal, Kind, PIXELS_MAX},
    profiles::AVATAR_PIXELS,
};
use image::{
    AnimationDecoder, DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, ImageFormat,
    ImageReader, Limits, Rgb, RgbImage, Rgba,
    codecs::{
        gif::{GifEncoder, Repeat},
        jpeg::JpegEncoder,
        png::PngEncoder,
        webp::{WebPDecoder, WebPEncoder},
    },
    imageops::FilterType,
    metadata::Orientation,
};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// Memory that decoding one picture may take, bytes: the largest picture with eight bits for each of four colours, and as
/// much again for turning it.
const DECODE_BYTES_MAX: u64 = 4 * PIXELS_MAX + 64 * 1024 * 1024;
/// The quality of JPEG, of 100: what is lost cannot be seen in a photo.
const JPEG_QUALITY: u8 = 90;
/// A lossless picture that is so many times larger than what was sent came from a lossy one, and is written as one.
const LOSSLESS_GROWTH_MAX: usize = 3;
/// The fastest way to choose a frame's 256 colours, of 1 to 30.
const GIF_SPEED: i32 = 30;

/// A picture's bytes, written anew, and what kind they are now. With `keep_location` its EXIF block, where cameras write
/// the place, goes along.
///
/// Takes seconds and hundreds of megabytes for the largest pictures: not for an async thread.
///
/// # Errors
/// [`AttachmentRefusal::Unreadable`], [`AttachmentRefusal::TooManyPixels`].
pub fn anew(bytes: &[u8], kind: Kind, keep_location: bool) -> Result<(Vec<u8>, Kind), AttachmentRefusal> {
    match kind {
        Kind::Gif => Ok((gif_anew(bytes)?, Kind::Gif)),
        // Its end may say how it is turned.
        Kind::Webp if !webp_is_whole(bytes) => Err(AttachmentRefusal::Unreadable),
        Kind::Webp => match animated_webp(bytes)? {
            Some(frames) => Ok((frames, Kind::Gif)),
            None => still(bytes, ImageFormat::WebP, keep_location),
        },
        // What is cut off would be decoded all the same, with grey in place of what is missing.
        Kind::Jpeg if !jpeg_is_whole(bytes) => Err(AttachmentRefusal::Unreadable),
        Kind::Jpeg => still(bytes, ImageFormat::Jpeg, keep_location),
        Kind::Png => still(bytes, ImageFormat::Png, keep_location),
        Kind::Pdf => Err(AttachmentRefusal::Kind),
    }
}

/// Whether a JPEG goes on to its end: the mark of that, found from segment to segment, because pictures within the picture
/// have one as well.
fn jpeg_is_whole(bytes: &[u8]) -> bool {
    const END: u8 = 0xD9;
    const BEGIN: u8 = 0xD8;
    let mut at = 0;
    loop {
        // Colours stand between a scan's head and the next mark; a mark within them is followed by 0, or is none of a segment.
        let Some(found) = bytes[at..].windows(2).position(|two| two[0] == 0xFF && !matches!(two[1], 0 | 1 | 0xFF))
        else {
            return false;
        };
        at += found + 2;
        match bytes[at - 1] {
            END => return true,
            BEGIN | 0xD0..=0xD7 => {}
            _ => {
                let Some(length) = bytes.get(at..at + 2) else { return false };
                at += usize::from(u16::from_be_bytes([length[0], length[1]]));
                if at > bytes.len() {
                    return false;
                }
            }
        }
    }
}

/// Whether a WebP is as long as it says.
fn webp_is_whole(bytes: &[u8]) -> bool {
    let length = bytes.get(4..8).and_then(|four| four.try_into().ok()).map(u32::from_le_bytes);
    length.is_some_and(|length| bytes.len() >= 8 + length as usize)
}

fn refused(error: ImageError) -> AttachmentRefusal {
    match error {
        ImageError::Limits(_) => AttachmentRefusal::TooManyPixels,
        _ => AttachmentRefusal::Unreadable,
    }
}

fn check_pixels(width: u32, height: u32) -> Result<u64, AttachmentRefusal> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels > PIXELS_MAX { Err(AttachmentRefusal::TooManyPixels) } else { Ok(pixels) }
}

/// The middle of a still picture, square and small, as a person's.
///
/// # Errors
/// [`AttachmentRefusal::Unreadable`], [`AttachmentRefusal::TooManyPixels`]; [`AttachmentRefusal::Kind`] for what is no still
/// picture.
pub fn portrait(bytes: &[u8], kind: Kind) -> Result<(Vec<u8>, Kind), AttachmentRefusal> {
    let format = match kind {
        Kind::Webp if !webp_is_whole(bytes) => return Err(AttachmentRefusal::Unreadable),
        Kind::Jpeg if !jpeg_is_whole(bytes) => return Err(AttachmentRefusal::Unreadable),
        Kind::Webp => ImageFormat::WebP,
        Kind::Jpeg => ImageFormat::Jpeg,
        Kind::Png => ImageFormat::Png,
        Kind::Gif | Kind::Pdf => return Err(AttachmentRefusal::Kind),
    };
    let (picture, _) = decoded(bytes, format, false)?;
    let side = picture.width().min(picture.height());
    let (left, top) = ((picture.width() - side) / 2, (picture.height() - side) / 2);
    let square = picture.crop_imm(left, top, side, side);
    let pixels = AVATAR_PIXELS.min(side);
    let small = square.resize_exact(pixels, pixels, FilterType::Lanczos3).to_rgba8();
    // JPEG has no see-through: what is behind is white.
    let flat = RgbImage::from_fn(pixels, pixels, |x, y| {
        let Rgba([red, green, blue, alpha]) = *small.get_pixel(x, y);
        let over = |colour: u8| {
            let mixed = u32::from(colour) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
            u8::try_from(mixed / 255).unwrap_or(u8::MAX)
        };
        Rgb([over(red), over(green), over(blue)])
    });
    Ok((jpeg(&flat.into(), Extras { exif: None })?, Kind::Jpeg))
}

/// A still picture, upright and in the colours that are meant where nothing is said, and its EXIF block if that is kept.
fn decoded(
    bytes: &[u8],
    format: ImageFormat,
    keep_location: bool,
) -> Result<(DynamicImage, Extras), AttachmentRefusal> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    check_pixels(width, height)?;
    // What the block says wrong is no reason to refuse the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let exif = decoder.exif_metadata().ok().flatten().filter(|_| keep_location);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    picture.apply_orientation(orientation);
    // The picture is upright now: a reader that turned it once more would lay it down again.
    let exif = exif.map(|mut block| {
        let _ = Orientation::remove_from_exif_chunk(&mut block);
        block
    });
    Ok((into_srgb(picture, profile), Extras { exif }))
}

fn still(bytes: &[u8], format: ImageFormat, keep_location: bool) -> Result<(Vec<u8>, Kind), AttachmentRefusal> {
    let (picture, extras) = decoded(bytes, format, keep_location)?;
    match format {
        ImageFormat::Jpeg => Ok((jpeg(&picture, extras)?, Kind::Jpeg)),
        ImageFormat::WebP => {
            let lossless = webp(&picture, extras.clone())?;
            if lossless.len() <= LOSSLESS_GROWTH_MAX * bytes.len() || picture.color().has_alpha() {
                return Ok((lossless, Kind::Webp));
            }
            Ok((jpeg(&picture, extras)?, Kind::Jpeg))
        }
        _ => Ok((png(&picture, extras)?, Kind::Png)),
    }
}

/// What goes along with the pixels.
#[derive(Clone)]
struct Extras {
    exif: Option<Vec<u8>>,
}

impl Extras {
    /// Hands them to an encoder; one that has no place for them leaves them out.
    fn give(self, encoder: &mut impl ImageEncoder) {
        if let Some(exif) = self.exif {
            let _ = encoder.set_exif_metadata(exif);
        }
    }
}

/// The picture in the colours that are meant where nothing is said. A profile can hold anybody's words, so none is kept; one
/// that is none, or is not of red, green and blue, says nothing about the colours either.
fn into_srgb(picture: DynamicImage, profile: Option<Vec<u8>>) -> DynamicImage {
    let profile = profile.and_then(|bytes| ColorProfile::new_from_slice(&bytes).ok());
    let Some(profile) = profile.filter(|profile| profile.color_space == DataColorSpace::Rgb) else { return picture };
    let has_alpha = picture.color().has_alpha();
    let layout = if has_alpha { Layout::Rgba } else { Layout::Rgb };
    let turned = profile.create_transform_8bit(layout, &ColorProfile::new_srgb(), layout, TransformOptions::default());
    let Ok(turned) = turned else { return picture };
    if has_alpha {
        let mut colours = picture.to_rgba8();
        let before = colours.clone();
        if turned.transform(&before, &mut colours).is_ok() { colours.into() } else { picture }
    } else {
        let mut colours = picture.to_rgb8();
        let before = colours.clone();
        if turned.transform(&before, &mut colours).is_ok() { colours.into() } else { picture }
    }
}

fn jpeg(picture: &DynamicImage, extras: Extras) -> Result<Vec<u8>, AttachmentRefusal> {
    let mut out = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY);
    extras.give(&mut encoder);
    // JPEG knows grey and three colours of eight bits.
    let written = match picture {
        DynamicImage::ImageLuma8(grey) => write(encoder, grey, grey.dimensions(), ExtendedColorType::L8),
        DynamicImage::ImageRgb8(colours) => write(encoder, colours, colours.dimensions(), ExtendedColorType::Rgb8),
        other => {
            let colours = other.to_rgb8();
            write(encoder, &colours, colours.dimensions(), ExtendedColorType::Rgb8)
        }
    };
    written.map(|()| out)
}

fn png(picture: &DynamicImage, extras: Extras) -> Result<Vec<u8>, AttachmentRefusal> {
    let mut out = Vec::new();
    let mut encoder = PngEncoder::new(&mut out);
    extras.give(&mut encoder);
    picture.write_with_encoder(encoder).map_err(refused)?;
    Ok(out)
}

fn webp(picture: &DynamicImage, extras: Extras) -> Result<Vec<u8>, AttachmentRefusal> {
    let mut out = Vec::new();
    let mut encoder = WebPEncoder::new_lossless(&mut out);
    extras.give(&mut encoder);
    picture.write_with_encoder(encoder).map_err(refused)?;
    Ok(out)
}

fn write(
    encoder: impl ImageEncoder,
    pixels: &[u8],
    (width, height): (u32, u32),
    colours: ExtendedColorType,
) -> Result<(), AttachmentRefusal> {
    encoder.write_image(pixels, width, height, colours).map_err(refused)
}

/// The frames of an animation with their own colours and times, and nothing else.
fn gif_anew(bytes: &[u8]) -> Result<Vec<u8>, AttachmentRefusal> {
    let unreadable = |_| AttachmentRefusal::Unreadable;
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::Indexed);
    options.check_frame_consistency(true);
    options.set_memory_limit(gif::MemoryLimit::Bytes(
        PIXELS_MAX.try_into().map_err(|_| AttachmentRefusal::TooManyPixels)?,
    ));
    let mut decoder = options.read_info(Cursor::new(bytes)).map_err(unreadable)?;
    let (width, height) = (decoder.width(), decoder.height());
    check_pixels(width.into(), height.into())?;
    let colours = decoder.global_palette().unwrap_or_default().to_vec();
    let repeat = decoder.repeat();
    let mut encoder =
        gif::Encoder::new(Vec::new(), width, height, &colours).map_err(|_| AttachmentRefusal::Unreadable)?;
    let (mut frames, mut pixels) = (0_u32, 0_u64);
    while let Some(frame) = decoder.read_next_frame().map_err(unreadable)? {
        if frames == 0 {
            encoder.set_repeat(repeat).map_err(|_| AttachmentRefusal::Unreadable)?;
        }
        frames += 1;
        // All frames together: a small file can hold very many of them.
        pixels += check_pixels(frame.width.into(), frame.height.into())?;
        if pixels > PIXELS_MAX {
            return Err(AttachmentRefusal::TooManyPixels);
        }
        encoder.write_frame(frame).map_err(|_| AttachmentRefusal::Unreadable)?;
    }
    if frames == 0 {
        return Err(AttachmentRefusal::Unreadable);
    }
    encoder.into_inner().map_err(|_| AttachmentRefusal::Unreadable)
}

/// An animation in WebP as one in GIF, because nothing here writes the former; `None` for a still picture.
fn animated_webp(bytes: &[u8]) -> Result<Option<Vec<u8>>, AttachmentRefusal> {
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(refused)?;
    if !decoder.has_animation() {
        return Ok(None);
    }
    let (width, height) = decoder.dimensions();
    let each = check_pixels(width, height)?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    decoder.set_limits(limits).map_err(refused)?;
    let mut out = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut out, GIF_SPEED);
    encoder.set_repeat(Repeat::Infinite).map_err(refused)?;
    let mut pixels = 0;
    for frame in decoder.into_frames() {
        pixels += each;
        if pixels > PIXELS_MAX {
            return Err(AttachmentRefusal::TooManyPixels);
        }
        encoder.encode_frame(frame.map_err(refused)?).map_err(refused)?;
    }
    drop(encoder);
    Ok(Some(out))
}

#[cfg(test)]
mod tests {
    use image::{GenericImageView, Rgb, RgbImage};

    use super::*;

    /// An EXIF block that says "turned by 90 degrees", with a place in it: the phone was held upright.
    fn exif() -> Vec<u8> {
        let mut block = b"II*\0\x08\0\0\0".to_vec();
        block.extend_from_slice(&2_u16.to_le_bytes());
        for (tag, kind, count, value) in [(0x0112_u16, 3_u16, 1_u32, 6_u32), (0x010E, 2, 14, 38)] {
            block.extend_from_slice(&tag.to_le_bytes());
            block.extend_from_slice(&kind.to_le_bytes());
            block.extend_from_slice(&count.to_le_bytes());
            block.extend_from_slice(&value.to_le_bytes());
        }
        block.extend_from_slice(&0_u32.to_le_bytes());
        block.extend_from_slice(b"GPS 6.5N 3.3E\0");
        block
    }

    /// Twice as wide as high, red on the left, blue on the right, as the sensor lies in a phone that is held upright.
    fn lying() -> DynamicImage {
        RgbImage::from_fn(64, 32, |x, _| if x < 32 { Rgb([200, 0, 0]) } else { Rgb([0, 0, 200]) }).into()
    }

    fn photo(format: ImageFormat) -> Vec<u8> {
        let extras = Extras { exif: Some(exif()) };
        match format {
            ImageFormat::Jpeg => jpeg(&lying(), extras),
            ImageFormat::Png => png(&lying(), extras),
            _ => webp(&lying(), extras),
        }
        .expect("written")
    }

    fn holds(bytes: &[u8], words: &[u8]) -> bool {
        bytes.windows(words.len()).any(|window| window == words)
    }

    #[test]
    fn e102_a_portrait_photo_stands_upright_and_its_place_is_gone() {
        for (format, kind) in
            [(ImageFormat::Jpeg, Kind::Jpeg), (ImageFormat::Png, Kind::Png), (ImageFormat::WebP, Kind::Webp)]
        {
            let sent = photo(format);
            assert!(holds(&sent, b"GPS"), "{format:?}");
            let (kept, kept_kind) = anew(&sent, kind, false).expect("readable");
            assert_eq!(kept_kind, kind);
            assert!(!holds(&kept, b"GPS") && !holds(&kept, b"Exif"), "{format:?}");
            let upright = image::load_from_memory(&kept).expect("a picture");
            assert_eq!(upright.dimensions(), (32, 64), "{format:?}");
            let (top, bottom) = (upright.get_pixel(16, 8).0, upright.get_pixel(16, 56).0);
            assert!(top[0] > 150 && bottom[2] > 150, "{format:?}: red above, blue below");
        }
    }

    #[test]
    fn e102_the_place_is_kept_on_request_and_the_photo_is_not_turned_twice() {
        let (kept, _) = anew(&photo(ImageFormat::Jpeg), Kind::Jpeg, true).expect("readable");
        assert!(holds(&kept, b"GPS"));
        let mut decoder =
            ImageReader::with_format(Cursor::new(&kept), ImageFormat::Jpeg).into_decoder().expect("a picture");
        assert_eq!(decoder.dimensions(), (32, 64));
        assert_eq!(decoder.orientation().expect("readable"), Orientation::NoTransforms);
    }

    #[test]
    fn what_is_hidden_anywhere_in_the_file_is_gone() {
        let secret = b"meet me at 6.5N 3.3E";
        let mut behind = photo(ImageFormat::Jpeg);
        behind.extend_from_slice(secret);
        // Between the scans of a JPEG, in a comment.
        let plain = jpeg(&lying(), Extras { exif: None }).expect("written");
        let scan = plain.windows(2).position(|w| w == [0xFF, 0xDA]).expect("a scan");
        let comment = [&[0xFF, 0xFE, 0, secret.len() as u8 + 2], &secret[..]].concat();
        let between = [&plain[..scan], &comment, &plain[scan..]].concat();
        // A PNG's text after the end of its data, and behind its end.
        let png = photo(ImageFormat::Png);
        let chunk = [&(secret.len() as u32).to_be_bytes()[..], b"tEXt", secret, &[0, 0, 0, 0]].concat();
        let ended = [&png[..], &chunk[..]].concat();
        let damaged = [&png[..33], &chunk[..], &png[33..]].concat();
        for (bytes, kind) in [(behind, Kind::Jpeg), (between, Kind::Jpeg), (ended, Kind::Png), (damaged, Kind::Png)] {
            assert!(holds(&bytes, secret));
            if let Ok((kept, _)) = anew(&bytes, kind, false) {
                assert!(!holds(&kept, secret), "{kind:?}");
                assert!(image::load_from_memory(&kept).is_ok());
            }
        }
    }

    #[test]
    fn colours_are_turned_into_common_ones_and_no_profile_is_kept() {
        let with = |profile: Vec<u8>| {
            let mut out = Vec::new();
            let mut encoder = PngEncoder::new(&mut out);
            encoder.set_icc_profile(profile).expect("a place for it");
            lying().write_with_encoder(encoder).expect("written");
            out
        };
        let wide = ColorProfile::new_display_p3().encode().expect("a profile");
        let none = [vec![0; 128], b"words that hide here".to_vec()].concat();
        for (profile, turned) in [(wide, true), (none, false)] {
            let (kept, _) = anew(&with(profile), Kind::Png, false).expect("readable");
            assert!(!holds(&kept, b"iCCP"), "no profile is kept");
            let red = image::load_from_memory(&kept).expect("a picture").get_pixel(8, 8).0[0];
            assert_eq!(red > 205, turned, "a wide red is more than a common one: {red}");
        }
    }

    fn animation() -> Vec<u8> {
        let mut out = Vec::new();
        {
            let mut encoder = gif::Encoder::new(&mut out, 4, 4, &[255, 0, 0, 0, 0, 255]).expect("written");
            encoder.set_repeat(gif::Repeat::Infinite).expect("written");
            for colour in [0, 1] {
                let frame = gif::Frame {
                    width: 4,
                    height: 4,
                    delay: 7,
                    buffer: vec![colour; 16].into(),
                    ..gif::Frame::default()
                };
                encoder.write_frame(&frame).expect("written");
            }
            encoder.write_raw_extension(gif::Extension::Comment.into(), &[b"a secret comment"]).expect("written");
        }
        out
    }

    #[test]
    fn an_animation_keeps_its_frames_and_loses_its_comments() {
        let sent = animation();
        assert!(holds(&sent, b"secret"));
        let (kept, kind) = anew(&sent, Kind::Gif, false).expect("readable");
        assert_eq!(kind, Kind::Gif);
        assert!(!holds(&kept, b"secret"));
        let mut decoder = gif::DecodeOptions::new().read_info(&kept[..]).expect("a picture");
        let mut delays = Vec::new();
        while let Some(frame) = decoder.read_next_frame().expect("frames") {
            delays.push((frame.delay, frame.buffer[0]));
        }
        assert_eq!(delays, [(7, 0), (7, 1)]);
        assert!(matches!(decoder.repeat(), gif::Repeat::Infinite));
    }

    #[test]
    fn a_small_file_of_very_many_pixels_is_refused_before_it_is_decoded() {
        let mut bomb = photo(ImageFormat::Png);
        bomb[16..20].copy_from_slice(&30_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&30_000_u32.to_be_bytes());
        let crc = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(anew(&bomb, Kind::Png, false), Err(AttachmentRefusal::TooManyPixels));
        let mut gif = animation();
        gif[6..10].copy_from_slice(&[0xFF; 4]);
        assert_eq!(anew(&gif, Kind::Gif, false), Err(AttachmentRefusal::TooManyPixels));
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let mut crc = u32::MAX;
        for byte in bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
            }
        }
        !crc
    }

    #[test]
    fn a_picture_that_is_cut_off_is_refused_wherever_it_was_cut() {
        // Something in every part of it, so that every part is some bytes.
        let busy: DynamicImage = RgbImage::from_fn(96, 96, |x, y| {
            let n = x.wrapping_mul(2_654_435_761).wrapping_add(y.wrapping_mul(40_503)) >> 7;
            Rgb([n as u8, (n >> 8) as u8, (n >> 16) as u8])
        })
        .into();
        let none = || Extras { exif: Some(exif()) };
        for (name, whole, kind) in [
            ("jpeg", jpeg(&busy, none()).expect("written"), Kind::Jpeg),
            ("png", png(&busy, none()).expect("written"), Kind::Png),
            ("webp", webp(&busy, none()).expect("written"), Kind::Webp),
            ("gif", animation(), Kind::Gif),
        ] {
            let (kept, _) = anew(&whole, kind, false).unwrap_or_else(|e| panic!("{name} is whole: {e}"));
            for cut in (0..whole.len()).step_by((whole.len() / 97).max(1)) {
                match anew(&whole[..cut], kind, false) {
                    Err(error) => assert_eq!(error, AttachmentRefusal::Unreadable, "{name} cut at {cut}"),
                    // What is missing may say nothing about the picture.
                    Ok((same, _)) => assert!(same == kept, "{name} cut at {cut} of {} is another picture", whole.len()),
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_and_never_passed_on() {
        for (format, kind) in
            [(ImageFormat::Jpeg, Kind::Jpeg), (ImageFormat::Png, Kind::Png), (ImageFormat::WebP, Kind::Webp)]
        {
            let whole = photo(format);
            assert_eq!(anew(&whole[..20], kind, false), Err(AttachmentRefusal::Unreadable), "{format:?}");
        }
        assert_eq!(anew(b"GIF89a", Kind::Gif, false), Err(AttachmentRefusal::Unreadable));
    }
}
