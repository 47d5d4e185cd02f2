// Small conveniences on every page. Everything works without them.
import { closeOnEscape, openTargetedDetails } from "./disclosure.js";
import { startSearch } from "./search.js";

closeOnEscape(document.getElementById("asof"));
openTargetedDetails();
startSearch(document.querySelector("form#search"));
