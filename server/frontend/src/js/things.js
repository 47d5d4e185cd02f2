// Fields that hold a thing offer what its name finds while it is typed. The identifier can be typed without this script.
const WAIT = 150;

/** Give every field of a thing on this page its suggestions. */
export function suggestThings() {
  const suggest = document.querySelector("form#search")?.dataset.suggest;
  if (!suggest) return;
  let count = 0;
  for (const box of document.querySelectorAll("input[data-thing]")) {
    const list = document.createElement("datalist");
    list.id = `things-${(count += 1)}`;
    box.after(list);
    box.setAttribute("list", list.id);
    let timer = 0;
    box.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => fill(list, suggest, box.value.trim()), WAIT);
    });
  }
}

async function fill(list, suggest, query) {
  if (!query || /^[a-z-]+\/\S*$/.test(query)) return;
  const address = new URL(suggest, location.href);
  address.searchParams.set("q", query);
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { suggestions } = await answer.json();
    list.replaceChildren(
      ...suggestions.map((one) => {
        const option = document.createElement("option");
        option.value = one.iri.replace(/^.*\/id\//, "");
        // Browsers show only options that hold what was typed, so that the typed word stands in each.
        option.label = [one.label, one.kind, one.matched, query].filter((part, at, all) => part && all.indexOf(part) === at).join(" · ");
        return option;
      }),
    );
  } catch {
    // The server is away, or the page is being left: the identifier can still be typed.
  }
}
