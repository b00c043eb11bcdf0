// The demo shop in either language, as a shop would do it: its own words, then the widget's.

const button = document.querySelector('[data-testid="demo-language"]');
const texts = [...document.querySelectorAll("[data-en]")].map((node) => ({ node, zh: node.textContent, en: node.dataset.en }));

function show(language) {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  for (const text of texts) text.node.textContent = text[language];
  button.textContent = language === "zh" ? "English" : "中文";
  button.lang = language === "zh" ? "en" : "zh";
}

button.addEventListener("click", () => {
  const next = button.lang;
  show(next);
  window.Lingxi?.setLocale(next);
});
if (!navigator.language.toLowerCase().startsWith("zh")) show("en");
