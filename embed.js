/* Draws the widgets of comments-service into a page. No dependency, no build step.

   <script async src="https://comments.example.vn/embed.js"
           data-site="KEY" data-widgets="rating,comments,counters"></script>

   Each widget is HTML from the service, put into an open shadow root. Its forms and links work by
   themselves; this script only sends them without leaving the page. */
(() => {
  "use strict";

  const script = document.currentScript;
  const ELEMENT = "comments-service";
  const PLACES = `${ELEMENT}[widget], [data-${ELEMENT}]`;

  if (window.CommentsService) {
    window.CommentsService.place(script);
    return;
  }

  const service = new URL(script.src).origin;
  const site = script.dataset.site;
  const VISITOR = `${ELEMENT}:visitor:${site}`;
  const OPTED_OUT = `${ELEMENT}:opted-out`;

  // --- What may come from the service into the page -------------------------------------------
  // The markup is parsed where nothing runs, and only what is named here is built anew from it: a
  // failure of the service's own escaping then still runs no script in the host page.

  const TAGS = new Set(
    ("a article aside b bdi blockquote br button code dd div dl dt em fieldset figcaption figure " +
      "footer form h2 h3 h4 header hr i img input label legend li meter nav ol optgroup option " +
      "output p pre progress section select small span strong sub sup table tbody td textarea " +
      "th thead time tr ul").split(" "),
  );
  const ATTRIBUTES = new Set(
    ("action alt autocapitalize autocomplete checked class colspan datetime dir disabled " +
      "for height href hreflang id lang max method min name novalidate part readonly rel required " +
      "role rowspan rows scope selected spellcheck src tabindex target title type value width").split(" "),
  );
  const ADDRESSES = {
    action: (url) => url.startsWith(`${service}/`),
    href: (url) => /^(https?:|mailto:|#)/i.test(url),
    src: (url) => url.startsWith("data:image/png;base64,") || url.startsWith(`${service}/`),
  };

  const policy = window.trustedTypes?.createPolicy(ELEMENT, { createHTML: (html) => html });

  function build(html) {
    const source = policy ? policy.createHTML(html) : html;
    const parsed = new DOMParser().parseFromString(source, "text/html");
    const fragment = document.createDocumentFragment();
    copyChildren(parsed.body, fragment);
    return fragment;
  }

  function copyChildren(from, to) {
    for (const node of from.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) {
        to.append(node.data);
      } else if (node.nodeType === Node.ELEMENT_NODE && TAGS.has(node.localName)) {
        const copy = document.createElement(node.localName);
        for (const { name, value } of node.attributes) {
          if (isAllowed(name, value)) copy.setAttribute(name, value);
        }
        // The browser heeds autofocus only in new documents; draw() does it for swapped parts.
        if (node.autofocus) copy.dataset.csFocus = "";
        copyChildren(node, copy);
        to.append(copy);
      }
    }
  }

  function isAllowed(name, value) {
    if (name in ADDRESSES) return ADDRESSES[name](value.trim());
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

  async function post(path, body) {
    const answer = await fetch(service + path, { method: "POST", body, credentials: "omit" });
    const told = await answer.json();
    if (!answer.ok && !told.widgets) {
      throw new Error([told.title, told.detail].filter(Boolean).join(" — "));
    }
    if (told.visitor) keep(VISITOR, told.visitor);
    return told;
  }

  function ask(path, page, body) {
    const visitor = recall(VISITOR) || undefined;
    return post(path, JSON.stringify({ site, page, lang: language(), visitor, ...body }));
  }

  function language() {
    return script.dataset.lang || document.documentElement.lang || "";
  }

  function complain(error) {
    console.warn(`comments-service (${site}): ${error.message}`);
  }

  // --- Which page this is ---------------------------------------------------------------------

  let page = script.dataset.page;

  function pageOf(place) {
    return place.getAttribute("page") || page || canonical() || location.href;
  }

  function canonical() {
    const link = document.querySelector("link[rel=canonical]");
    return link && new URL(link.href, location.href).host === location.host ? link.href : null;
  }

  // --- Drawing --------------------------------------------------------------------------------

  let sheet;

  function widgetOf(place) {
    return place.getAttribute("widget") || place.getAttribute(`data-${ELEMENT}`);
  }

  function draw(place, told) {
    const html = told.widgets[widgetOf(place)];
    if (html === undefined) return;
    const isFirst = !place.shadowRoot;
    const root = place.shadowRoot || place.attachShadow({ mode: "open" });
    if (isFirst) {
      if (!sheet) {
        sheet = new CSSStyleSheet();
        sheet.replaceSync(told.css);
      }
      root.adoptedStyleSheets = [sheet];
      root.addEventListener("submit", onSubmit);
      root.addEventListener("click", onClick);
      root.addEventListener("focusin", onFocus);
    }
    const box = document.createElement("div");
    box.className = "cs-root";
    box.lang = told.lang;
    box.dataset.theme = script.dataset.theme || "auto";
    box.setAttribute("part", "root");
    box.append(build(html));
    root.replaceChildren(box);
    if (!isFirst) (root.querySelector("[data-cs-focus]") || focusable(root)).focus();
  }

  function focusable(root) {
    const heading = root.querySelector(".cs-title") || root.firstElementChild;
    heading.tabIndex = -1;
    return heading;
  }

  function tell(place, type, detail) {
    const event = new CustomEvent(`${ELEMENT}:${type}`, { bubbles: true, composed: true, detail });
    place.dispatchEvent(event);
  }

  // --- One request for all widgets of a page --------------------------------------------------

  const waiting = new Set();
  const counted = new Set();

  function enqueue(place) {
    if (!waiting.size) queueMicrotask(flush);
    waiting.add(place);
  }

  function flush() {
    const byPage = Map.groupBy
      ? Map.groupBy(waiting, pageOf)
      : [...waiting].reduce((map, p) => map.set(pageOf(p), [...(map.get(pageOf(p)) || []), p]), new Map());
    waiting.clear();
    for (const [key, places] of byPage) view(key, places);
  }

  async function view(key, places) {
    const count = script.dataset.count !== "off" && !recall(OPTED_OUT) && !counted.has(key);
    counted.add(key);
    try {
      const widgets = [...new Set(places.map(widgetOf))];
      const told = await ask("/api/v1/view", key, { widgets, count, title: document.title });
      if (told.unknown.length) complain(new Error(`no such widget: ${told.unknown.join(", ")}`));
      for (const place of places) {
        draw(place, told);
        tell(place, "ready", { widget: widgetOf(place) });
      }
    } catch (error) {
      complain(error);
      for (const place of places) tell(place, "error", { message: error.message });
    }
  }

  // --- Forms and links inside a widget --------------------------------------------------------

  async function onSubmit(event) {
    event.preventDefault();
    const form = event.target;
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    const place = event.currentTarget.host;
    const body = new URLSearchParams(new FormData(form));
    if (event.submitter?.name) body.append(event.submitter.name, event.submitter.value);
    body.append("door", "script");
    body.append("visitor", recall(VISITOR) || "");
    try {
      const told = await post(new URL(form.action).pathname, body);
      draw(place, told);
      if (told.visitor) tell(place, "submitted", { widget: widgetOf(place) });
    } catch (error) {
      form.ariaBusy = "false";
      showError(form, error);
      tell(place, "error", { message: error.message });
    }
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
    try {
      const told = await ask("/api/v1/view", pageOf(place), {
        widgets: [widgetOf(place)],
        count: false,
        query,
      });
      const typed = typedIn(place.shadowRoot);
      draw(place, told);
      for (const field of textFields(place.shadowRoot)) field.value ||= typed.get(field.name) || "";
    } catch (error) {
      complain(error);
      location.assign(link.href); // The same, as a page of its own.
    }
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
    slot.ariaBusy = "true";
    try {
      const place = event.currentTarget.host;
      const kind = slot.dataset.csChallenge;
      const told = await ask(`/api/v1/sites/${site}/challenge`, pageOf(place), { kind });
      slot.append(build(told.html));
    } catch (error) {
      complain(error);
    }
    slot.ariaBusy = null;
  }

  // --- Starting -------------------------------------------------------------------------------

  function place(where) {
    const names = (where.dataset.widgets || "").split(",").map((name) => name.trim());
    const elements = names.filter(Boolean).map((name) => {
      const element = document.createElement(ELEMENT);
      element.setAttribute("widget", name);
      return element;
    });
    where.after(...elements);
  }

  function start() {
    customElements.define(
      ELEMENT,
      class extends HTMLElement {
        connectedCallback() {
          if (!this.shadowRoot) enqueue(this);
        }
      },
    );
    document.querySelectorAll(`[data-${ELEMENT}]`).forEach(enqueue);
  }

  window.CommentsService = {
    place,
    /** Draw every widget anew, for another page if one is named. */
    refresh(newPage) {
      page = newPage || script.dataset.page;
      counted.clear();
      document.querySelectorAll(PLACES).forEach(enqueue);
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

  if (!site) {
    console.warn("comments-service: the script tag needs data-site");
    return;
  }
  place(script);
  // All widgets of the page are known once it is parsed: then one request serves them.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
