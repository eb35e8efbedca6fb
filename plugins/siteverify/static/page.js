/* Shows a vendor's widget, and hands the page around what it gives: {answer}, and {height, title}. */
(() => {
  "use strict";
  const OFTEN = 200; // Milliseconds.
  const root = document.documentElement;
  const { theme, puzzleHeight } = document.body.dataset;
  const place = document.getElementById("challenge");
  const failed = document.getElementById("failed");
  const { object, script, sitekey, action, nonce } = place.dataset;

  // Only a page of the site is told; a browser that names the page around spares us to try each.
  const allowed = root.dataset.origins.split(" ").filter(Boolean);
  const [around] = location.ancestorOrigins || [];
  const told = around ? allowed.filter((origin) => origin === around) : allowed;

  function tell(message) {
    if (parent === window) return;
    for (const origin of told) parent.postMessage({ commentsService: message }, origin);
  }

  let isSolved = false;

  function take(answer) {
    isSolved = Boolean(answer);
    if (isSolved) failed.hidden = true;
    tell({ answer });
  }

  function fail() {
    failed.hidden = false;
    take("");
  }

  window.drawChallenge = () => {
    // Turnstile takes all of this; the others leave what they don't know.
    window[object].render(place, {
      sitekey,
      theme,
      language: root.lang,
      action,
      cData: nonce,
      callback: take,
      "expired-callback": () => take(""),
      "error-callback": fail,
    });
  };

  const tag = document.createElement("script");
  tag.src = script;
  tag.async = true;
  tag.addEventListener("error", fail);
  document.head.append(tag);

  // A puzzle is laid over the page, and would be cut off at the frame's edge. Nothing tells of it,
  // nor of the focus that goes from another document straight into the widget's own frame.
  function makeRoom() {
    const isTouched = document.activeElement?.localName === "iframe";
    document.body.style.minHeight = isTouched && !isSolved ? `${puzzleHeight}px` : "";
  }
  if (puzzleHeight) setInterval(makeRoom, OFTEN);

  new ResizeObserver(() => {
    tell({ height: Math.ceil(root.getBoundingClientRect().height), title: document.title });
  }).observe(root);
})();
