// What every page needs: copying code, a language link that keeps the reader's place, scrolling from the keyboard.

const words = { ko: { copied: "복사했습니다", failed: "복사하지 못했습니다" }, en: { copied: "Copied", failed: "Could not copy" } };
const { copied, failed } = words[document.documentElement.lang] ?? words.en;

const status = document.createElement("div");
status.className = "visually-hidden";
status.setAttribute("role", "status");
document.body.append(status);

for (const button of document.querySelectorAll("button.copy")) {
  const label = button.textContent;
  let clearing;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(codeBeside(button));
      status.textContent = button.textContent = copied;
    } catch {
      status.textContent = button.textContent = failed;
    }
    clearTimeout(clearing);
    clearing = setTimeout(() => { button.textContent = label; status.textContent = ""; }, 2000);
  });
}

/** The block's text as a reader would type it: line numbers are not text, one newline ends it. */
function codeBeside(button) {
  return button.parentElement.querySelector("code").textContent.trimEnd() + "\n";
}

for (const link of document.querySelectorAll("a.language-link")) {
  link.addEventListener("click", () => { link.hash = location.hash; });
}

/** What is wider than its place scrolls inside itself, and can be reached with Tab; a formula does so on a line of its own. */
function markScrollers() {
  const content = document.createRange();
  for (const math of document.querySelectorAll("span.formula > math")) {
    const place = math.closest("p, li, dd, summary, figcaption, h1, h2, h3, td, th");
    content.selectNodeContents(math);  // the element itself is shrunk to its place
    math.parentElement.classList.toggle("wide", content.getBoundingClientRect().width > place.clientWidth);
  }
  for (const box of document.querySelectorAll(".highlight code, .formula, .md-typeset__scrollwrap")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}
addEventListener("load", markScrollers);
addEventListener("resize", markScrollers);
document.addEventListener("toggle", markScrollers, true);
