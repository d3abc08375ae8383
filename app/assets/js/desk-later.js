// Where a new part of a page is the first that needs them, the scripts of desks are loaded then. A module runs once.
import { htmx } from "./partial.js";

const NEEDED = "[data-insert], [data-keys], [data-map], [data-marks], [data-push], [data-rows], [data-selection]";

htmx.onLoad((part) => {
  if (part.matches?.(NEEDED) || part.querySelector(NEEDED)) import("./desk.js");
});
