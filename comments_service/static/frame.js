/* Tells the page around this frame how high it is, and which widget. The frame works without. */
(() => {
  "use strict";

  for (const element of document.querySelectorAll("[data-cs-needs]")) {
    import(element.dataset.csNeeds).then((module) => module.prepare(element));
  }

  const root = document.documentElement;
  // Only a page that may embed this site is told; a browser that names it spares us to try each.
  const allowed = root.dataset.origins.split(" ").filter(Boolean);
  const [around] = location.ancestorOrigins || [];
  const told = around ? allowed.filter((origin) => origin === around) : allowed;
  if (parent === window) return;

  function tell() {
    const height = Math.ceil(root.getBoundingClientRect().height);
    // The frames of one page must be told apart.
    const name = document.querySelector(".cs-title")?.firstChild.textContent.trim();
    const title = [name, document.title].filter(Boolean).join(" · ");
    for (const origin of told) parent.postMessage({ commentsService: { height, title } }, origin);
  }

  new ResizeObserver(tell).observe(root);
})();
