//! Pictures that somebody uploads: told by their content, and written anew (C11).

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, imageops::FilterType, metadata::Orientation,
};
use sha2::{Digest, Sha256};

use crate::{
    account::secret::hex,
    error::{AppError, Field, FieldProblem},
};

/// The most bytes of a file.
pub const MAX_PICTURE_BYTES: usize = 1024 * 1024;

/// The formats of files that are read.
const FORMATS: [ImageFormat; 3] = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP];

/// The most pixels of a side of a file, and the most memory that reading one may take.
const MAX_SIDE: u32 = 4096;
const MAX_MEMORY: u64 = 96 * 1024 * 1024;

/// The most pixels of what is kept: a logo at the head of a page, on the sharpest screens.
const MAX_WIDTH: u32 = 720;
const MAX_HEIGHT: u32 = 160;

/// How many digits of a digest name a file.
const DIGITS: usize = 24;

/// A picture that this program has written. Nothing else of the file that it was read from is kept: no name, no place where
/// it was taken, nothing that is no picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub png: Vec<u8>,
    pub width: i32,
    pub height: i32,
    /// The name of its file, which no other picture has.
    pub digest: String,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "Picture({}, {} × {})",
            self.digest, self.width, self.height
        )
    }
}

impl Picture {
    /// Reads a file in the format that its content has, and makes it small enough.
    ///
    /// # Errors
    /// `VALIDATION_FAILED` for what is empty, too large, or no picture in one of the formats.
    pub async fn read(file: Vec<u8>) -> Result<Self, AppError> {
        let refused = |problem| Err(AppError::invalid(Field::Logo, problem));
        match file.len() {
            0 => return refused(FieldProblem::Missing),
            1..=MAX_PICTURE_BYTES => {}
            _ => return refused(FieldProblem::TooLong),
        }
        let read = tokio::task::spawn_blocking(move || decoded(&file).and_then(|image| encoded(&image)));
        match read.await {
            Ok(Some(picture)) => Ok(picture),
            Ok(None) => refused(FieldProblem::Malformed),
            Err(error) => {
                tracing::error!(%error, "reading a picture panicked");
                Err(AppError::Internal)
            }
        }
    }
}

fn decoded(file: &[u8]) -> Option<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().ok()?;
    reader.format().filter(|format| FORMATS.contains(format))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).ok()?;
    image.apply_orientation(orientation);
    Some(image)
}

fn encoded(image: &DynamicImage) -> Option<Picture> {
    let is_large = image.width() > MAX_WIDTH || image.height() > MAX_HEIGHT;
    let image = match is_large {
        true => image
            .resize(MAX_WIDTH, MAX_HEIGHT, FilterType::Lanczos3)
            .into_rgba8(),
        false => image.to_rgba8(),
    };
    let mut png = Vec::new();
    image
        .write_to(&mut Cursor::new(&mut png), ImageFormat::Png)
        .ok()?;
    let mut digest = hex(&Sha256::digest(&png));
    digest.truncate(DIGITS);
    Some(Picture {
        width: i32::try_from(image.width()).ok()?,
        height: i32::try_from(image.height()).ok()?,
        png,
        digest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        DynamicImage::new_rgb8(width, height)
            .write_to(&mut Cursor::new(&mut bytes), format)
            .unwrap();
        bytes
    }

    async fn refused(file: Vec<u8>) -> Option<AppError> {
        Picture::read(file).await.err()
    }

    #[tokio::test]
    async fn a_file_is_read_by_its_content_and_written_as_a_small_png() {
        for format in FORMATS {
            let picture = Picture::read(file(format, 1440, 200)).await.unwrap();
            assert_eq!((picture.width, picture.height), (720, 100), "{format:?}");
            assert!(picture.png.starts_with(b"\x89PNG"));
            assert_eq!(picture.digest.len(), DIGITS);
        }
        let small = Picture::read(file(ImageFormat::Png, 40, 30)).await.unwrap();
        assert_eq!((small.width, small.height), (40, 30));
        assert_eq!(Picture::read(small.png.clone()).await.unwrap(), small);
    }

    #[tokio::test]
    async fn nothing_but_the_picture_is_kept() {
        let mut with_more = file(ImageFormat::Png, 40, 30);
        with_more.extend_from_slice(b"<script>alert(1)</script>");
        let picture = Picture::read(with_more).await.unwrap();
        assert!(!picture.png.windows(7).any(|bytes| bytes == b"<script"));
    }

    #[tokio::test]
    async fn what_is_no_picture_is_refused() {
        let invalid = |problem| Some(AppError::invalid(Field::Logo, problem));
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
        assert_eq!(refused(svg.to_vec()).await, invalid(FieldProblem::Malformed));
        let mut cut = file(ImageFormat::Png, 40, 30);
        cut.truncate(40);
        assert_eq!(refused(cut).await, invalid(FieldProblem::Malformed));
        assert_eq!(refused(Vec::new()).await, invalid(FieldProblem::Missing));
        let large = vec![0; MAX_PICTURE_BYTES + 1];
        assert_eq!(refused(large).await, invalid(FieldProblem::TooLong));
    }

    #[tokio::test]
    async fn a_small_file_that_would_be_a_huge_picture_is_refused() {
        let huge = file(ImageFormat::Png, MAX_SIDE + 1, 2);
        assert!(huge.len() < MAX_PICTURE_BYTES);
        let invalid = AppError::invalid(Field::Logo, FieldProblem::Malformed);
        assert_eq!(refused(huge).await, Some(invalid));
    }
}
