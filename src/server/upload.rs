//! Forms with files: they become forms like any other, in which a file is a field.

use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request, multipart::MultipartError},
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE},
    },
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

use crate::ui::encode;

const MULTIPART: &[u8] = b"multipart/form-data";

/// Writes a form with files as one without: the value of a file is its content in Base64.
///
/// # Errors
/// The status for a body that is too large, or cannot be read.
pub async fn without_files(request: Request) -> Result<Request, StatusCode> {
    let is_multipart = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(MULTIPART));
    if !is_multipart {
        return Ok(request);
    }
    let (mut parts, body) = request.into_parts();
    let body = Request::from_parts(parts.clone(), body);
    let mut form = Multipart::from_request(body, &())
        .await
        .map_err(|refused| refused.status())?;
    let mut fields = Vec::new();
    let status = |error: MultipartError| error.status();
    while let Some(field) = form.next_field().await.map_err(status)? {
        let name = field.name().unwrap_or_default().to_owned();
        let is_file = field.file_name().is_some();
        let bytes = field.bytes().await.map_err(status)?;
        let value = match is_file {
            true => STANDARD_NO_PAD.encode(&bytes),
            false => String::from_utf8_lossy(&bytes).into_owned(),
        };
        fields.push(format!("{}={}", encode(&name), encode(&value)));
    }
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    parts.headers.insert(CONTENT_TYPE, kind);
    parts.headers.remove(CONTENT_LENGTH);
    Ok(Request::from_parts(parts, Body::from(fields.join("&"))))
}

/// The content of a file, as [`without_files`] or a program writes it; `None` if it is not Base64.
pub fn content(text: &str) -> Option<Vec<u8>> {
    STANDARD_NO_PAD
        .decode(text.trim().trim_end_matches('=').as_bytes())
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(kind: &str, body: &'static str) -> Result<(String, String), StatusCode> {
        let request = Request::post("/form/put-logo")
            .header(CONTENT_TYPE, kind)
            .body(Body::from(body))
            .unwrap();
        let (parts, body) = without_files(request).await?.into_parts();
        let body = axum::body::to_bytes(body, 1000).await.unwrap();
        let kind = parts.headers[CONTENT_TYPE].to_str().unwrap().to_owned();
        Ok((kind, String::from_utf8(body.to_vec()).unwrap()))
    }

    #[tokio::test]
    async fn a_file_becomes_a_field() {
        let body = "--x\r\ncontent-disposition: form-data; name=\"version\"\r\n\r\n1 & 2\r\n\
                    --x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\
                    content-type: image/png\r\n\r\n~~~?\r\n--x--\r\n";
        let (kind, fields) = read("multipart/form-data; boundary=x", body).await.unwrap();
        assert_eq!(kind, "application/x-www-form-urlencoded");
        assert_eq!(fields, "version=1%20%26%202&file=fn5%2BPw");
        assert_eq!(content("fn5+Pw").unwrap(), b"~~~?");
        assert_eq!(content("fn5+Pw==").unwrap(), b"~~~?");
        assert_eq!(content("n/a!"), None);
    }

    #[tokio::test]
    async fn other_forms_stay_as_they_are_and_broken_ones_are_refused() {
        let kind = "application/x-www-form-urlencoded";
        assert_eq!(read(kind, "a=b").await, Ok((kind.to_owned(), "a=b".to_owned())));
        for (kind, body) in [
            ("multipart/form-data", "a=b"),
            ("multipart/form-data; boundary=x", "--x\r\nnonsense"),
        ] {
            assert_eq!(read(kind, body).await, Err(StatusCode::BAD_REQUEST), "{kind}");
        }
    }
}
