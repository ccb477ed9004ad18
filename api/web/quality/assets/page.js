// A browser cannot send a token by itself: this asks for it once, keeps it as long as the tab is
// open, and fetches each page with it. With pages that need no token, it has nothing to do.
"use strict";

const KEPT = "tiegraph.token";

async function show(address) {
  const headers = { Accept: "text/html", Authorization: `Bearer ${sessionStorage.getItem(KEPT)}` };
  const response = await fetch(address, { headers });
  if (response.status === 401) sessionStorage.removeItem(KEPT);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  document.title = page.title;
  document.querySelector("main").replaceWith(page.querySelector("main"));
  scrollTo(0, 0);
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEPT, new FormData(event.target).get("bearer").trim());
  show(location.href);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || !sessionStorage.getItem(KEPT)) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  show(link.href);
});

addEventListener("popstate", () => {
  if (sessionStorage.getItem(KEPT)) show(location.href);
});

if (document.getElementById("token") && sessionStorage.getItem(KEPT)) show(location.href);
