// The widget's frame and the page around it: a few plain messages, with origins checked.

const query = new URLSearchParams(location.search);
const framed = window.parent !== window;

/** What the host's script tag asked for: locale, theme, colour, title, greeting; `signed`: a customer's token follows. */
export const wishes = Object.fromEntries(query);
if (!framed) for (const told of ["title", "greeting"]) delete wishes[told]; // a link must not rename the shop

/** Tell the host page; nothing private is ever sent. */
export function tell(type, values = {}) {
  if (framed && wishes.host) window.parent.postMessage({ source: "lingxi", type, ...values }, wishes.host);
}

/** Hear the host page: `handlers` by type (open, close, locale, theme, customer). */
export function hear(handlers) {
  addEventListener("message", ({ data, origin, source }) => {
    if (source !== window.parent || origin !== wishes.host || data?.source !== "lingxi-host") return;
    handlers[data.type]?.(data);
  });
}
