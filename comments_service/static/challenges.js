/* What a few challenges need beside their form. embed.js and frames load it when one of them comes.

   `prepare(element)` resolves when the answer can be sent. */


export function prepare(element) {
  if (element.dataset.csWork) return work(element);
  if (element.dataset.csSound) return sound(element);
  return vendor(element);
}

// --- Work: the browser computes in the background ---------------------------------------------

/* Finds the counter that makes a key begin as asked: the second protocol of ALTCHA. */
async function work(field) {
  const challenge = JSON.parse(field.dataset.csWork);
  const { nonce, salt, cost, keyLength, keyPrefix } = challenge.parameters;
  const password = fromHex(`${nonce}00000000`);
  const method = { name: "PBKDF2", hash: "SHA-256", salt: fromHex(salt), iterations: cost };
  for (let counter = 1; field.isConnected; counter++) {
    new DataView(password.buffer).setUint32(password.length - 4, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const bits = await crypto.subtle.deriveBits(method, key, keyLength * 8);
    const derivedKey = toHex(new Uint8Array(bits));
    if (derivedKey.startsWith(keyPrefix)) {
      field.value = btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
      return;
    }
  }
}

function fromHex(text) {
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}

function toHex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// --- Sound: a page's policy may forbid players; none forbids to play what is decoded ------------

let context;
let playing; // One code at a time: a new one silences the one before.

function sound(button) {
  playing?.stop();
  const bytes = Uint8Array.from(atob(button.dataset.csSound), (byte) => byte.charCodeAt(0));
  let decoded;
  button.addEventListener("click", async () => {
    context ||= new AudioContext();
    context.resume(); // It waits for a reader's own doing, which this may be the first of.
    decoded ||= context.decodeAudioData(bytes.buffer);
    const buffer = await decoded;
    playing?.stop();
    playing = context.createBufferSource();
    playing.buffer = buffer;
    playing.connect(context.destination);
    playing.start();
  });
}

// --- Vendors: another server's widget, in a frame of ours ----------------------------------------

function vendor(slot) {
  const service = new URL(import.meta.url).origin;
  const frame = document.createElement("iframe");
  frame.src = new URL(slot.dataset.csVendor, service);
  frame.title = slot.getAttribute("aria-label");
  Object.assign(frame.style, { display: "block", width: "100%", height: "80px", border: "0" });
  slot.append(frame);
  addEventListener("message", (event) => {
    if (event.origin !== service || event.source !== frame.contentWindow) return;
    const { answer, height } = event.data?.commentsService || {};
    if (typeof answer === "string") slot.closest("form").elements.answer.value = answer;
    if (Number.isFinite(height)) frame.style.height = `${height}px`;
  });
}
