/* Tells the page around this frame how high it is, and which widget. The frame works without. */
(() => {
  "use strict";
  const root = document.documentElement;
  // Only a page that may embed this site is told, and only by its own name.
  const around = (location.ancestorOrigins || [])[0] || (document.referrer && new URL(document.referrer).origin);
  if (parent === window || !root.dataset.origins.split(" ").includes(around)) return;

  function tell() {
    const height = Math.ceil(root.getBoundingClientRect().height);
    // The frames of one page must be told apart.
    const name = document.querySelector(".cs-title")?.firstChild.textContent.trim();
    const title = [name, document.title].filter(Boolean).join(" · ");
    parent.postMessage({ commentsService: { height, title } }, around);
  }

  new ResizeObserver(tell).observe(root);
})();
