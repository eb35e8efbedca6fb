/* Notes when so many elements of a kind are visible, and by how much the page shifts. */
window.benchmark = { visible: null, shift: 0 };

new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (!entry.hadRecentInput) window.benchmark.shift += entry.value;
  }
}).observe({ type: "layout-shift", buffered: true });

function find(root, selector) {
  const found = [...root.querySelectorAll(selector)];
  for (const element of root.querySelectorAll("*")) {
    if (element.shadowRoot) found.push(...find(element.shadowRoot, selector));
  }
  return found;
}

function watch(selector, wanted) {
  const shown = find(document, selector).filter((element) => element.getClientRects().length > 0);
  if (shown.length >= wanted) window.benchmark.visible = performance.now();
  else setTimeout(watch, 10, selector, wanted);
}
