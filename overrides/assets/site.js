// What every page needs: copying code, and a language link that keeps the reader's place.

const words = { ko: { copied: "복사했습니다", failed: "복사하지 못했습니다" }, en: { copied: "Copied", failed: "Could not copy" } };
const { copied, failed } = words[document.documentElement.lang] ?? words.en;

const status = document.createElement("div");
status.className = "visually-hidden";
status.setAttribute("role", "status");
document.body.append(status);

for (const button of document.querySelectorAll("button.copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(codeBeside(button));
      status.textContent = button.textContent = copied;
    } catch {
      status.textContent = button.textContent = failed;
    }
    setTimeout(() => { button.textContent = label; status.textContent = ""; }, 2000);
  });
}

/** The block's text as a reader would type it: line numbers are not text, one newline ends it. */
function codeBeside(button) {
  return button.parentElement.querySelector("code").textContent.trimEnd() + "\n";
}

for (const link of document.querySelectorAll("a.language-link")) {
  link.addEventListener("click", () => { link.hash = location.hash; });
}
