// Lingxi on any page: <script src="https://…/widget.js" data-locale="zh" async></script>
// Options: data-locale zh|en · data-position left|right · data-colour #rrggbb · data-theme light|dark|auto
//          data-title · data-greeting · data-open · data-customer (a token your server signed; docs/api.md)
// Window API: Lingxi.open() · Lingxi.close() · Lingxi.setLocale("en") · Lingxi.setTheme("dark") · Lingxi.setCustomer(token)
(() => {
  if (window.Lingxi) return; // a page that swaps its body may run this script again
  const script = document.currentScript ?? document.querySelector('script[src*="/widget.js"]');
  const options = { ...script.dataset };
  const site = new URL(script.src, location.href).origin;
  const colour = /^#[0-9a-f]{6}$/i.test(options.colour ?? "") ? options.colour : "#0b7658";
  const side = options.position === "left" ? "left" : "right";
  const words = {
    zh: { open: "打开客服聊天", close: "关闭客服聊天", frame: "客服聊天", unread: "条新消息" },
    en: { open: "Open support chat", close: "Close support chat", frame: "Support chat", unread: "new messages" },
  };
  let locale = options.locale ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
  let unread = 0;
  let isOpen = false;
  let frame = null;

  const css = `
    :host { all: initial; }
    * { box-sizing: border-box; }
    button { position: fixed; bottom: max(20px, env(safe-area-inset-bottom)); ${side}: 20px; z-index: 2147483000; width: 60px; height: 60px;
      padding: 0; border: 0; border-radius: 22px; background: ${colour}; color: #fff; cursor: pointer; display: grid; place-items: center;
      box-shadow: 0 2px 6px rgb(0 0 0 / 14%), 0 12px 32px rgb(0 0 0 / 22%); transition: transform 180ms cubic-bezier(.2,.8,.2,1); }
    button:hover { transform: translateY(-2px) scale(1.03); } button:active { transform: scale(.96); }
    button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px ${colour}; }
    svg { grid-area: 1 / 1; transition: opacity 160ms, transform 220ms; }
    .down { opacity: 0; transform: rotate(-60deg); } .open .down { opacity: 1; transform: none; } .open .horn { opacity: 0; transform: scale(.6); }
    b { position: absolute; top: -5px; right: -5px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px; background: #d5432a; color: #fff;
      border: 2px solid #fff; font: 700 12px/18px system-ui, sans-serif; text-align: center; } b[hidden] { display: none; }
    iframe { position: fixed; bottom: 94px; ${side}: 20px; z-index: 2147483000; width: min(400px, calc(100vw - 40px)); height: min(680px, calc(100dvh - 116px));
      border: 0; border-radius: 22px; background: Canvas; color-scheme: normal; visibility: hidden; opacity: 0; transform: translateY(14px) scale(.98);
      transform-origin: bottom ${side}; box-shadow: 0 4px 12px rgb(0 0 0 / 8%), 0 24px 72px rgb(0 0 0 / 26%); transition: opacity 180ms, transform 220ms cubic-bezier(.2,.8,.2,1), visibility 0s 220ms; }
    iframe.open { visibility: visible; opacity: 1; transform: none; transition-delay: 0s; }
    @media (max-width: 520px) { iframe { inset: 0; width: 100vw; height: 100dvh; border-radius: 0; } button.open { display: none; } }
    @media (prefers-reduced-motion: reduce) { * { transition: none !important; } }`;

  const host = document.createElement("lingxi-widget");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet(); // a constructed sheet needs no style-src from the host page
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  const launcher = document.createElement("button");
  launcher.type = "button";
  launcher.dataset.testid = "launcher";
  launcher.append(
    drawing("horn", 34, "M7.6 21.2c2.7 4.7 8.6 5.2 12.7 1.4 4-3.7 5.3-9.6 4-15.4-1.5 6-4.6 9.7-9.2 11.2-2.7.9-5 1.2-7.5 2.8Z M9.7 11.8a2.5 2.5 0 1 0 5 0 2.5 2.5 0 1 0-5 0Z"),
    drawing("down", 30, "M9 12.5a1.4 1.4 0 0 1 2 0l5 5 5-5a1.4 1.4 0 0 1 2 2l-6 6a1.4 1.4 0 0 1-2 0l-6-6a1.4 1.4 0 0 1 0-2Z"),
  );
  const badge = document.createElement("b");
  badge.dataset.testid = "badge";
  launcher.append(badge);
  root.append(launcher);
  launcher.addEventListener("click", () => (isOpen ? close() : open()));
  addEventListener("keydown", (event) => event.key === "Escape" && isOpen && close());
  addEventListener("message", heard);

  function drawing(name, size, path) {
    const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
    for (const [key, value] of Object.entries({ class: name, viewBox: "0 0 32 32", width: size, height: size, fill: "currentColor", "aria-hidden": "true" })) picture.setAttribute(key, value);
    shape.setAttribute("d", path);
    picture.append(shape);
    return picture;
  }

  function load() {
    const address = new URL("/widget/frame", site);
    const wishes = { host: location.origin, locale, theme: options.theme, colour: options.colour, title: options.title, greeting: options.greeting, signed: options.customer && "1" };
    for (const [name, value] of Object.entries(wishes)) if (value) address.searchParams.set(name, value);
    frame = document.createElement("iframe");
    frame.allow = "microphone; autoplay";
    frame.src = address;
    frame.dataset.testid = "widget-frame";
    root.append(frame);
  }

  function open() {
    if (!frame) load();
    isOpen = true;
    unread = 0;
    remember("open", "1");
    requestAnimationFrame(draw);
    tell("open");
    frame.focus();
  }

  function close() {
    isOpen = false;
    remember("open", "");
    draw();
    tell("close");
    launcher.focus();
  }

  function draw() {
    const say = words[locale] ?? words.en;
    launcher.classList.toggle("open", isOpen);
    launcher.setAttribute("aria-expanded", String(isOpen));
    launcher.setAttribute("aria-label", isOpen ? say.close : unread ? `${say.open}, ${unread} ${say.unread}` : say.open);
    badge.hidden = unread === 0 || isOpen;
    badge.textContent = unread > 9 ? "9+" : unread;
    frame?.classList.toggle("open", isOpen);
    if (frame) frame.title = say.frame;
  }

  function tell(type, values = {}) {
    frame?.contentWindow?.postMessage({ source: "lingxi-host", type, ...values }, site);
  }

  function heard({ data, origin, source }) {
    if (!frame || source !== frame.contentWindow || origin !== site || data?.source !== "lingxi") return;
    if (data.type === "ready") {
      if ("customer" in options) tell("customer", { token: options.customer }); // never in the frame's address
      tell(isOpen ? "open" : "close");
    }
    if (data.type === "close") close();
    if (data.type === "unread") {
      unread = Number(data.count) || 0;
      draw();
    }
  }

  function remember(name, value) {
    try {
      sessionStorage.setItem(`lingxi.${name}`, value);
      if (value) localStorage.setItem("lingxi.used", "1");
    } catch {
      // Without storage the widget simply starts closed on the next page.
    }
  }

  function recall(storage, name) {
    try {
      return window[storage].getItem(`lingxi.${name}`);
    } catch {
      return null;
    }
  }

  /** Put the widget (back) on the page: Turbo and Astro replace the body and keep the script's state. */
  function attach() {
    if (host.isConnected || !document.body) return;
    const again = frame !== null;
    document.body.append(host);
    if (again) draw();
  }

  window.Lingxi = {
    open,
    close,
    setLocale: (name) => ((locale = name), draw(), tell("locale", { locale: name })),
    setTheme: (name) => tell("theme", { theme: name }),
    setCustomer: (token) => ((options.customer = token ?? ""), tell("customer", { token: options.customer })),
  };
  new MutationObserver(attach).observe(document.documentElement, { childList: true });
  for (const event of ["DOMContentLoaded", "turbo:render", "astro:after-swap", "pageshow"]) addEventListener(event, attach);
  attach();
  draw();
  if ("open" in options || recall("sessionStorage", "open")) open();
  else if (recall("localStorage", "used")) load(); // an earlier conversation may have news
})();
