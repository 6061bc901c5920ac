//! Keys that act without a pointer, and the list of them.

use leptos::prelude::*;

/// Listens for single keys and does what they stand for. Never while somebody types, and only where they are on: people turn
/// them off in the list, which a button and the key `?` open. Without JavaScript there is neither.
///
/// The entries of the lists belong together. A deed is `go:` with a path, `focus:` with a selector, `row:1` and `row:-1`,
/// `press`, which is the first button of the row in focus, or `press:` with a key, which is what says by `aria-keyshortcuts`
/// that it is pressed by it.
#[island]
pub fn Shortcuts(
    keys: Vec<String>,
    deeds: Vec<String>,
    /// What each of them is for.
    texts: Vec<String>,
    title: String,
    /// The label of the checkbox that turns them off.
    on: String,
    close: String,
) -> impl IntoView {
    let is_there = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    browser::listen(keys.clone(), deeds, is_there);
    #[cfg(not(feature = "hydrate"))]
    let _ = deeds;
    let open = move |_| {
        #[cfg(feature = "hydrate")]
        browser::open();
    };
    let shut = move |_| {
        #[cfg(feature = "hydrate")]
        browser::shut();
    };
    let turn = move |_| {
        #[cfg(feature = "hydrate")]
        browser::turn();
    };
    let rows = keys
        .into_iter()
        .zip(texts)
        .map(|(key, text)| view! { <div><dt><kbd>{key}</kbd></dt><dd>{text}</dd></div> })
        .collect_view();
    view! {
        <p class="no-print" hidden=move || !is_there.get()>
            <button type="button" class="btn quiet" aria-haspopup="dialog" aria-keyshortcuts="?" on:click=open>
                {title.clone()}
                " (?)"
            </button>
        </p>
        <dialog id="shortcuts" class="dialog" aria-labelledby="shortcuts-title">
            <div class="stack">
                <h2 id="shortcuts-title">{title}</h2>
                <dl class="summary">{rows}</dl>
                <label class="check"><input type="checkbox" id="shortcuts-on" on:change=turn /> {on}</label>
                <div class="actions"><button type="button" class="btn" on:click=shut>{close}</button></div>
            </div>
        </dialog>
    }
}

#[cfg(feature = "hydrate")]
mod browser;
