// Passkeys: asks the browser for one and sends its answer along with the form. Without this script, or where a browser has no
// passkeys, these forms stay hidden: codes work without any script.

/** Asks the server what to ask the authenticator. */
async function optionsFor(purpose) {
    const answer = await fetch("/form/passkey-options", {
        method: "POST",
        headers: { accept: "application/json" },
        body: new URLSearchParams({ purpose }),
    });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return JSON.parse(await answer.json()).publicKey;
}

/** Asks the authenticator; answers with what it says, as JSON. */
async function ask(purpose) {
    const options = await optionsFor(purpose);
    const key =
        purpose === "add"
            ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
            : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    return JSON.stringify(key);
}

const has_passkeys = window.PublicKeyCredential?.parseRequestOptionsFromJSON !== undefined;

for (const form of has_passkeys ? document.querySelectorAll("form[data-passkey]") : []) {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
        event.preventDefault();
        event.stopPropagation();
        const failed = form.querySelector("[data-failed]");
        failed.hidden = true;
        try {
            form.elements.credential.value = await ask(form.dataset.passkey);
            form.submit();
        } catch {
            failed.hidden = false;
        }
    });
}
