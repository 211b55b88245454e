// A classic script on purpose: it runs before the asynchronous tag, which so finds the final title, the queue and the consent.
(() => {
  const parameters = new URLSearchParams(location.search);
  const id = parameters.get("id");
  const query = parameters.get("q");
  const name = id ? (id[0].toUpperCase() + id.slice(1)).replaceAll("-", " ") : query ? `Search: ${query}` : null;
  if (name) document.title = `${name} · Hazel & Harbour`;

  // Calls made before the tag is there wait in this queue.
  const page = /** @type {any} */ (window);
  page.journey ||= function queue() {
    (page.journey.q ||= []).push(arguments);
  };

  // The tag remembers no decision about consent: the site repeats it on each page.
  try {
    const decision = localStorage.getItem("hazel-harbour-consent");
    if (decision) page.journey("consent", decision);
  } catch {
    // Storage is blocked: no decision was kept.
  }
})();
