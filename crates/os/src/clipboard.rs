//! What was copied in other programs, where the webview does not hand it to the page.

use std::{fs::File, io::Read, path::Path, time::Duration};

use arboard::{Clipboard as System, ImageData};
use async_trait::async_trait;
use guildhall_client::ports::{Clipboard, Copied};
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

/// Another program owns what was copied, and may hang.
const TIMEOUT: Duration = Duration::from_secs(5);
/// What a picture is called that never was a file.
const PICTURE: &str = "picture.png";
/// Largest picture, in pixels: as many as the server decodes.
const PIXELS_MAX: usize = 40_000_000;

/// The system's clipboard.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClipboard;

#[async_trait]
impl Clipboard for SystemClipboard {
    async fn files(&self, count_max: usize, bytes_max: usize) -> Vec<Copied> {
        let reading = tokio::task::spawn_blocking(move || read(count_max, bytes_max));
        match tokio::time::timeout(TIMEOUT, reading).await {
            Ok(Ok(Ok(files))) => files,
            Ok(Ok(Err(error))) => {
                tracing::info!(%error, "nothing could be pasted");
                Vec::new()
            }
            Ok(Err(_)) | Err(_) => {
                tracing::warn!("the program that copied does not answer");
                Vec::new()
            }
        }
    }
}

fn read(count_max: usize, bytes_max: usize) -> Result<Vec<Copied>, arboard::Error> {
    let mut system = System::new()?;
    // Programs that manage files put their names beside them as text: the files are meant.
    if let Ok(paths) = system.get().file_list() {
        let files: Vec<Copied> = paths.iter().filter_map(|path| file(path, bytes_max)).take(count_max).collect();
        if !files.is_empty() {
            return Ok(files);
        }
    }
    // Office programs put a picture of the text beside the text: the text is meant.
    if system.get_text().is_ok_and(|text| !text.is_empty()) {
        return Ok(Vec::new());
    }
    Ok(picture(&system.get_image()?, bytes_max).into_iter().collect())
}

/// An ordinary file; what else there is has no end, or waits for somebody.
fn file(path: &Path, bytes_max: usize) -> Option<Copied> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    if !std::fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    // It may grow while it is read.
    File::open(path).ok()?.take(bytes_max as u64 + 1).read_to_end(&mut bytes).ok()?;
    Some(Copied { name, bytes: (bytes.len() <= bytes_max).then_some(bytes) })
}

fn picture(image: &ImageData<'_>, bytes_max: usize) -> Option<Copied> {
    let mut bytes = Vec::new();
    if image.width.saturating_mul(image.height) <= PIXELS_MAX {
        let (width, height) = (u32::try_from(image.width).ok()?, u32::try_from(image.height).ok()?);
        PngEncoder::new(&mut bytes).write_image(&image.bytes, width, height, ExtendedColorType::Rgba8).ok()?;
    }
    let fits = !bytes.is_empty() && bytes.len() <= bytes_max;
    Some(Copied { name: PICTURE.into(), bytes: fits.then_some(bytes) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ordinary_files_are_read_and_not_more_than_asked_for() {
        let folder = std::env::temp_dir().join(format!("guildhall-clipboard-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("a.txt");
        std::fs::write(&path, "four").expect("writable");
        assert_eq!(file(&path, 4), Some(Copied { name: "a.txt".into(), bytes: Some(b"four".to_vec()) }));
        assert_eq!(file(&path, 3), Some(Copied { name: "a.txt".into(), bytes: None }));
        assert_eq!(file(&folder, 4), None);
        assert_eq!(file(&folder.join("gone"), 4), None);
        std::fs::remove_dir_all(&folder).expect("removable");
    }
}
