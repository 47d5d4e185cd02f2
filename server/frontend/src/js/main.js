// Small conveniences on every page. Everything works without them.
import { closeOnEscape, openTargetedDetails } from "./disclosure.js";

closeOnEscape(document.getElementById("asof"));
openTargetedDetails();
