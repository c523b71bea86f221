// A field above a list that leaves only the entries in which all typed words stand. Without JavaScript: the whole list.

for (const list of document.querySelectorAll("[data-filter]")) {
  const entries = [...list.querySelectorAll("dt")].map((term) => {
    const parts = [term];
    while (parts.at(-1).nextElementSibling?.tagName === "DD") parts.push(parts.at(-1).nextElementSibling);
    return { parts, text: parts.map((part) => part.textContent).join(" ").toLowerCase() };
  });
  const field = document.createElement("p");
  field.className = "filter";
  field.innerHTML = "<label><span></span> <input type=search autocomplete=off></label> <output></output>";
  field.querySelector("span").textContent = list.dataset.filter;
  list.prepend(field);
  const [input, count] = field.querySelectorAll("input, output");
  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const { parts, text } of entries) {
      const fits = words.every((word) => text.includes(word));
      shown += fits;
      for (const part of parts) part.hidden = !fits;
    }
    for (const group of list.querySelectorAll("dl")) {
      const empty = !group.querySelector("dt:not([hidden])");
      if (group.previousElementSibling?.tagName === "H2") group.previousElementSibling.hidden = empty;
    }
    count.value = `${shown} / ${entries.length}`;
  };
  input.addEventListener("input", show);
  show();
}
