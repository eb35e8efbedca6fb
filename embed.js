/* Draws the widgets of comments-service into a page. No dependency, no build step.

   <script async src="https://comments.example.vn/embed.js"
           data-site="KEY" data-widgets="rating,comments,counters"></script>

   Each widget is HTML from the service, put into an open shadow root. Its forms and links work by
   themselves; this script only sends them without leaving the page. With data-mode="frame", each
   widget is a frame instead. */
(() => {
  "use strict";

  const ELEMENT = "comments-service";
  const DIV = `data-${ELEMENT}`;
  // A module has no current script.
  const script = document.currentScript || document.querySelector("script[data-site][src*='/embed.']");

  // One script serves the page, however often its tag stands there.
  if (window.CommentsService?.place) {
    window.CommentsService.place(script);
    return;
  }

  if (!script?.dataset.site) {
    console.warn("comments-service: the script tag needs data-site");
    return;
  }

  const { site } = script.dataset;
  const service = new URL(script.src).origin;
  const VISITOR = `${ELEMENT}:visitor:${site}`;
  const OPTED_OUT = `${ELEMENT}:opted-out`;

  // --- What may come from the service into the page -------------------------------------------
  // The markup is parsed where nothing runs, and only what is named here is built anew from it: a
  // failure of the service's own escaping then still runs no script in the host page. (Cleaned in
  // place, a form's fields could hide its attributes from us.)

  const TAGS = new Set(
    ("a article aside b bdi blockquote br button code dd details div dl dt em fieldset figcaption figure " +
      "footer form h2 h3 h4 header hr i img input label legend li meter nav ol optgroup option " +
      "output p pre progress section select small span strong sub summary sup table tbody td textarea " +
      "th thead time tr ul").split(" "),
  );
  const ATTRIBUTES = new Set(
    ("action alt autocapitalize autocomplete checked class colspan datetime dir disabled " +
      "for height href hreflang id inputmode lang max method min name novalidate part readonly rel required " +
      "role rowspan rows scope selected spellcheck src tabindex target title type value width").split(" "),
  );
  const ADDRESSES = {
    action: (url) => url.startsWith(`${service}/`),
    href: (url) => /^(https?:|mailto:|#)/i.test(url),
    src: (url) => url.startsWith(PNG),
    "data-cs-needs": (url) => url.startsWith(`${service}/challenges.`),
  };
  const PNG = "data:image/png;base64,";

  const policy = makePolicy();

  // A host page may let HTML be parsed only through a policy, and may forbid to make one.
  function makePolicy() {
    try {
      return window.trustedTypes.createPolicy(ELEMENT, { createHTML: (html) => html });
    } catch {
      return { createHTML: (html) => html };
    }
  }

  function build(html) {
    const parsed = new DOMParser().parseFromString(policy.createHTML(html), "text/html");
    const fragment = document.createDocumentFragment();
    copyChildren(parsed.body, fragment);
    return fragment;
  }

  function copyChildren(from, to) {
    for (let node = from.firstChild; node; node = node.nextSibling) {
      if (node.nodeType === Node.TEXT_NODE) to.append(node.data);
      else if (TAGS.has(node.localName)) to.append(copyElement(node));
    }
  }

  function copyElement(node) {
    const isImage = node.localName === "img";
    const copy = document.createElement(isImage ? "canvas" : node.localName);
    for (const name of node.getAttributeNames()) {
      const value = node.getAttribute(name);
      if (isAllowed(name, value)) copy.setAttribute(name, value);
    }
    // The browser heeds autofocus only in new documents; focusIn() does it for swapped parts.
    if (node.autofocus) copy.dataset.csFocus = "";
    if (isImage) paint(copy);
    else copyChildren(node, copy);
    return copy;
  }

  /* A host page's policy may forbid images that aren't its own; none forbids to paint one. */
  async function paint(canvas) {
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", canvas.getAttribute("alt") || "");
    try {
      const bytes = atob((canvas.getAttribute("src") || "").slice(PNG.length));
      const blob = new Blob([Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))]);
      canvas.getContext("2d").drawImage(await createImageBitmap(blob), 0, 0, canvas.width, canvas.height);
    } catch {
      // It is no image: the canvas stays empty, and says what it should have been.
    }
  }

  function isAllowed(name, value) {
    if (Object.hasOwn(ADDRESSES, name)) return ADDRESSES[name](value.trim());
    return ATTRIBUTES.has(name) || name.startsWith("aria-") || name.startsWith("data-cs-");
  }

  // --- What the browser keeps -----------------------------------------------------------------

  function recall(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // Storage is switched off: then nothing is kept.
    }
  }

  function keep(key, value) {
    try {
      if (value) localStorage.setItem(key, value);
      else localStorage.removeItem(key);
    } catch {
      // As above.
    }
  }

  // --- Talking to the service -----------------------------------------------------------------
  // Simple requests only: no preflight, no cookie.

  const PATIENCE = 20_000; // Milliseconds.
  let unreachable = "The service does not answer."; // Until it has told how the reader would say it.

  async function post(path, body) {
    let answer, told;
    try {
      const signal = AbortSignal.timeout(PATIENCE);
      answer = await fetch(service + path, { method: "POST", body, credentials: "omit", signal });
      told = await answer.json();
      if (told === null || typeof told !== "object") throw new TypeError("not an object");
    } catch (cause) {
      throw new Error(unreachable, { cause });
    }
    if (!answer.ok && !told.widgets) {
      throw new Error([told.title, told.detail].filter(Boolean).join(" — ") || unreachable);
    }
    if (told.visitor) keep(VISITOR, told.visitor);
    return told;
  }

  function ask(path, page, body) {
    const visitor = recall(VISITOR) || undefined;
    return post(path, JSON.stringify({ site, page, lang: language(), visitor, ...body }));
  }

  // What is wanted most comes first; the service takes the first that it speaks.
  function language() {
    return [script.dataset.lang, document.documentElement.lang].filter(Boolean).join();
  }

  function complain(error) {
    console.warn(`comments-service (${site}): ${error.message}`);
  }

  // --- Which page this is ---------------------------------------------------------------------

  let page = script.dataset.page;

  function pageOf(place) {
    return place.getAttribute("page") || page || canonical() || address();
  }

  /* The service leaves these parameters out too: they don't say which page it is. */
  const TRACKING = /^(utm_[^=]*|fbclid|gclid|msclkid|zarsrc)(=|$)/i;

  function address() {
    const [path, query = ""] = location.href.split("#")[0].split(/\?(.*)/s);
    const kept = query.split("&").filter((pair) => !TRACKING.test(pair)).join("&");
    return path + (kept && `?${kept}`);
  }

  function canonical() {
    const link = document.querySelector("link[rel=canonical]");
    try {
      return link && new URL(link.href).host === location.host ? link.href : null;
    } catch {
      return null; // It is no address.
    }
  }

  // --- Drawing --------------------------------------------------------------------------------

  let sheet;
  // Of two requests for one place the later wins, whichever is answered first.
  const newest = new WeakMap();

  function begin(place) {
    const turn = {};
    newest.set(place, turn);
    return turn;
  }

  function widgetOf(place) {
    return place.getAttribute("widget") || place.getAttribute(DIV);
  }

  /* Returns whether there was anything to draw, and no later request for the place. */
  function draw(place, told, turn) {
    const html = told.widgets[widgetOf(place)];
    if (typeof html !== "string" || newest.get(place) !== turn) return false;
    const box = document.createElement("div");
    box.className = "cs-root";
    box.lang = told.lang;
    box.dir = told.dir;
    box.dataset.theme = script.dataset.theme || "auto";
    box.setAttribute("part", "root");
    box.append(build(html));
    (place.shadowRoot || makeRoot(place, told.css)).replaceChildren(box);
    prepare(box);
    return true;
  }

  function makeRoot(place, css) {
    // First what an old browser may not have: then what stands in the place stays.
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
    }
    const root = place.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.addEventListener("submit", onSubmit);
    root.addEventListener("click", onClick);
    root.addEventListener("focusin", onFocus);
    return root;
  }

  /* After the reader's own doing, the focus is where the service wants it, and never lost. */
  function focusIn(root) {
    let target = root.querySelector("[data-cs-focus]");
    if (!target) {
      target = root.querySelector(".cs-title") || root.firstElementChild;
      target.tabIndex = -1;
    }
    target.focus();
  }

  function tell(place, type, detail) {
    const event = new CustomEvent(`${ELEMENT}:${type}`, { bubbles: true, composed: true, detail });
    place.dispatchEvent(event);
  }

  // --- One request for all widgets of a page --------------------------------------------------

  const waiting = new Set();
  const counted = new Set();
  const present = new Set(); // The places that are in the document.
  const shown = new WeakMap(); // Of which page each place shows its widget.

  /* A place that comes back to the page that it shows keeps what is in it. */
  function appear(place) {
    present.add(place);
    if (shown.get(place) !== pageOf(place)) enqueue(place);
  }

  function enqueue(place) {
    if (!widgetOf(place)) return;
    if (!waiting.size) setTimeout(flush); // A task of its own: the host page goes first.
    waiting.add(place);
  }

  function flush() {
    const places = [...waiting];
    waiting.clear();
    for (const place of places) shown.set(place, pageOf(place));
    for (const key of new Set(places.map((place) => shown.get(place)))) {
      show(key, places.filter((place) => shown.get(place) === key));
    }
  }

  /* Lets the page go on with its own work between two widgets. */
  function pause() {
    return new Promise((resume) => setTimeout(resume));
  }

  const drawn = new WeakMap(); // The page, or the frame, that each place has been ready with.

  /* What a reader has begun to write on this page is never taken away. */
  function isWriting(place, key) {
    return drawn.get(place) === key && [...typedIn(place.shadowRoot).values()].some(Boolean);
  }

  const show = script.dataset.mode === "frame" ? frame : view;

  function counts(key) {
    return script.dataset.count !== "off" && !recall(OPTED_OUT) && !counted.has(key);
  }

  const came = [document.referrer.split("/")[2]]; // The host before; for one view.

  async function view(key, places) {
    const count = counts(key);
    counted.add(key);
    const turns = places.map(begin);
    try {
      const widgets = [...new Set(places.map(widgetOf))];
      const id = String(Math.random()); // Sent twice, it is counted once.
      const { title } = document;
      const told = await ask("/api/v1/view", key, { widgets, count, id, title, referrer: came.pop() });
      if (!told.widgets || !told.unknown) throw new Error(unreachable);
      if (told.unknown.length) complain(new Error(`no such widget: ${told.unknown.join(", ")}`));
      unreachable = told.unreachable;
      for (const [index, place] of places.entries()) {
        await pause();
        if (isWriting(place, key) || !draw(place, told, turns[index])) continue;
        drawn.set(place, key);
        tell(place, "ready", { widget: widgetOf(place) });
      }
    } catch (error) {
      complain(error);
      for (const place of places) tell(place, "error", { message: error.message });
    }
  }

  // --- Widgets in frames ----------------------------------------------------------------------

  function frame(key, places) {
    for (const place of places) {
      const { theme = "" } = script.dataset;
      const count = counts(key) ? "" : "off";
      const query = new URLSearchParams({ page: key, lang: language(), theme, count });
      const element = document.createElement("iframe");
      element.src = `${service}/embed/${site}/${widgetOf(place)}?${query}`;
      element.title = document.title; // Until the frame has told its own.
      element.loading = "lazy";
      Object.assign(element.style, { display: "block", width: "100%", border: "0" });
      element.onload = () => setTimeout(giveUp, PATIENCE, place, element);
      (place.shadowRoot || place.attachShadow({ mode: "open" })).replaceChildren(element);
    }
    counted.add(key);
  }

  /* A browser tells nobody that a frame has failed: it loads its own page there. */
  function giveUp(place, element) {
    if (place.shadowRoot.firstChild !== element || drawn.get(place) === element) return;
    tell(place, "error", { message: unreachable });
  }

  addEventListener("message", (event) => {
    if (event.origin !== service) return;
    const place = [...present].find((each) => each.shadowRoot?.firstChild.contentWindow === event.source);
    const { height, title } = event.data?.commentsService || {};
    if (!place || !Number.isFinite(height)) return;
    const element = place.shadowRoot.firstChild;
    element.style.height = `${height}px`;
    element.title = String(title);
    if (drawn.get(place) === element) return;
    drawn.set(place, element);
    tell(place, "ready", { widget: widgetOf(place) });
  });

  // --- Forms and links inside a widget --------------------------------------------------------

  async function onSubmit(event) {
    event.preventDefault();
    const form = event.target;
    if (form.getAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    const place = event.currentTarget.host;
    const key = shown.get(place);
    if (event.submitter?.name !== "renew") await answers.get(form);
    const body = new URLSearchParams(new FormData(form));
    if (event.submitter?.name) body.append(event.submitter.name, event.submitter.value);
    body.append("door", "script");
    body.append("visitor", recall(VISITOR) || "");
    body.append("works", canWork);
    try {
      const told = await post(new URL(form.getAttribute("action")).pathname, body);
      // What was sent is newer than whatever was asked for meanwhile, unless that is another page.
      if (shown.get(place) === key && draw(place, told, begin(place))) focusIn(place.shadowRoot);
      if (told.visitor) tell(place, "submitted", { widget: widgetOf(place) });
    } catch (error) {
      showError(form, error);
      tell(place, "error", { message: error.message });
    }
    form.removeAttribute("aria-busy");
  }

  function showError(form, error) {
    const line = form.querySelector(".cs-failure") || document.createElement("p");
    line.className = "cs-error cs-failure";
    line.setAttribute("role", "alert");
    line.textContent = error.message;
    form.append(line);
  }

  async function onClick(event) {
    const link = event.target.closest("a[data-cs-swap]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const place = event.currentTarget.host;
    const query = Object.fromEntries(new URL(link.href).searchParams);
    const turn = begin(place);
    try {
      const told = await ask("/api/v1/view", pageOf(place), {
        widgets: [widgetOf(place)],
        count: false,
        query,
      });
      const typed = typedIn(place.shadowRoot);
      if (!draw(place, told, turn)) return;
      focusIn(place.shadowRoot);
      for (const field of textFields(place.shadowRoot)) field.value ||= typed.get(field.name) || "";
    } catch (error) {
      complain(error);
      location.assign(link.href); // The same, as a page of its own.
    }
  }

  let canWork = window.crypto?.subtle ? "1" : ""; // Browsers compute only for https pages.
  const answers = new WeakMap(); // What a form waits for before it is sent.

  /* A challenge that needs more than a form names the script for it. */
  function prepare(root) {
    for (const element of root.querySelectorAll("[data-cs-needs]")) {
      const form = element.closest("form");
      const done = import(element.dataset.csNeeds).then((module) => module.prepare(element));
      answers.set(form, done.catch((error) => ownUp(form, element, error)));
      repeatClick(element, done);
    }
  }

  /* A button that was pressed before its script came is pressed again. */
  function repeatClick(button, ready) {
    const early = new AbortController();
    const press = () => ready.then(() => button.click(), () => {});
    button.addEventListener("click", press, { once: true, signal: early.signal });
    ready.then(() => early.abort(), () => {});
  }

  function ownUp(form, element, error) {
    canWork = ""; // The next challenge is one that a person answers.
    complain(error);
    // Work that failed is nothing that its reader has seen.
    if (!element.dataset.csWork) showError(form, new Error(unreachable));
  }

  function textFields(root) {
    return root.querySelectorAll("textarea, input:is([type=text], [type=email])");
  }

  function typedIn(root) {
    return new Map([...textFields(root)].map((field) => [field.name, field.value]));
  }

  // Most readers never write: a challenge is fetched for those who begin to.
  async function onFocus(event) {
    const slot = event.target.form?.querySelector("[data-cs-challenge]:empty:not([aria-busy])");
    if (!slot) return;
    slot.setAttribute("aria-busy", "true");
    try {
      const place = event.currentTarget.host;
      const kind = slot.dataset.csChallenge;
      const told = await ask(`/api/v1/sites/${site}/challenge`, pageOf(place), { kind, works: canWork });
      slot.append(build(told.html));
      prepare(slot);
    } catch (error) {
      complain(error);
    }
    slot.removeAttribute("aria-busy");
  }

  // --- Starting -------------------------------------------------------------------------------

  function place(where) {
    if (where.dataset.site !== site) complain(new Error(`one page, one site: not ${where.dataset.site}`));
    if (where.closest("head")) complain(new Error("put the script tag where the widgets belong"));
    const names = (where.dataset.widgets || "").split(",").map((name) => name.trim());
    const elements = names.filter(Boolean).map((name) => {
      const element = document.createElement(ELEMENT);
      element.setAttribute("widget", name);
      if (where.dataset.page) element.setAttribute("page", where.dataset.page);
      return element;
    });
    where.after(...elements);
  }

  function start() {
    customElements.define(
      ELEMENT,
      class extends HTMLElement {
        connectedCallback() {
          appear(this);
        }
      },
    );
    document.querySelectorAll(`[${DIV}]`).forEach(appear);
    watch();
  }

  /* Our own element tells when it comes; a div does not. */
  function onChange(changes) {
    for (const place of present) if (!place.isConnected) present.delete(place);
    for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      if (node.matches(`[${DIV}]`)) appear(node);
      node.querySelectorAll(`[${DIV}]`).forEach(appear);
    }
  }

  /* The page became another without a load, or is back from the browser's memory. */
  function look(isNewView) {
    // A page that was left counts again when the reader returns to it.
    const current = new Set([script, ...present].map(pageOf));
    for (const key of counted) if (isNewView || !current.has(key)) counted.delete(key);
    for (const place of present) {
      if (pageOf(place) !== shown.get(place) || (isNewView && show === view)) enqueue(place);
    }
  }

  // A route changes address and head one after the other: look when both are done.
  const SETTLED = 100; // Milliseconds.
  let timer;

  function lookSoon() {
    clearTimeout(timer);
    timer = setTimeout(look, SETTLED);
  }

  function watch() {
    new MutationObserver(onChange).observe(document, { childList: true, subtree: true });
    new MutationObserver(lookSoon).observe(document.head, {
      attributeFilter: ["href"],
      childList: true,
      subtree: true,
    });
    (window.navigation || window).addEventListener(
      window.navigation ? "currententrychange" : "popstate",
      lookSoon,
    );
    addEventListener("pageshow", (event) => event.persisted && look(true));
  }

  /* A page that is made ready in the background is not seen yet. */
  function whenSeen(then) {
    // A page made ready becomes visible first, then ceases to be one.
    const next = document.prerendering ? "prerenderingchange" : document.hidden && "visibilitychange";
    if (next) document.addEventListener(next, () => whenSeen(then), { once: true });
    else then();
  }

  window.CommentsService = {
    place,
    /** Draw every widget anew, for another page if one is named. */
    refresh(newPage) {
      if (newPage) {
        page = newPage;
        counted.delete(newPage);
      }
      document.querySelectorAll(`${ELEMENT}, [${DIV}]`).forEach(enqueue);
    },
    /** Call `listener` on "ready", "submitted" or "error"; returns what ends that. */
    on(type, listener) {
      document.addEventListener(`${ELEMENT}:${type}`, listener);
      return () => document.removeEventListener(`${ELEMENT}:${type}`, listener);
    },
    /** Stop counting this browser, or count it again. */
    optOut(out) {
      keep(OPTED_OUT, out && "yes");
    },
  };

  place(script);
  // All widgets of the page are known once it is parsed: then one request serves them.
  whenSeen(() => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
    else start();
  });
})();
