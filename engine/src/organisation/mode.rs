//! The ways to meet.

/// The key of the text that names a way to meet, such as `video`.
pub fn mode_key(mode: &str) -> &'static str {
    match mode {
        "video" => "mode-video",
        "text" => "mode-text",
        _ => "mode-in-person",
    }
}
