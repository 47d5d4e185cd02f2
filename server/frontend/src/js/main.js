// Small conveniences on every page. Everything works without them.
import { closeOnEscape, openTargetedDetails } from "./disclosure.js";
import { followJob } from "./job.js";
import { startSearch } from "./search.js";
import { suggestThings } from "./things.js";

for (const id of ["asof", "menu"]) closeOnEscape(document.getElementById(id));
openTargetedDetails();
startSearch(document.querySelector("form#search"));
followJob();
suggestThings();

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
